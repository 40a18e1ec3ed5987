"""The arithmetic of the lateness benchmark."""

import math

import pytest

from tests.benchmarks.lateness.figures import Lateness, Tally, percentile
from tests.benchmarks.lateness.report import arrival_checks, kill_checks


def late(p99: float = 10, *, early: int = 0) -> Lateness:
    return Lateness(count=5, p50=1, p95=5, p99=p99, worst=p99, early=early)


def told(**other: int) -> Tally:
    return Tally(**{"scheduled": 5, "lost": 0, "doubled": 0, "strange": 0, **other})


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (95, 95), (99, 99), (100, 100), (1, 1)])
def test_a_percentile_of_a_hundred_is_the_one_of_that_rank(percent: float, expected: float) -> None:
    assert percentile(list(range(1, 101)), percent) == expected


def test_the_p99_of_a_few_is_their_worst() -> None:
    found = Lateness.of([30.0, 10.0, 20.0])
    assert (found.p50, found.p95, found.p99, found.worst) == (20, 30, 30, 30)


def test_a_post_exactly_on_its_second_is_not_early() -> None:
    found = Lateness.of([0.0, -0.001, 4.0, 5.0])
    assert (found.early, found.share_early) == (1, 0.25)


def test_where_nothing_arrived_nothing_is_a_number() -> None:
    found = Lateness.of([])
    assert math.isnan(found.p99)
    assert math.isnan(found.share_early)


def test_lost_and_doubled_are_counted_in_posts() -> None:
    found = Tally.of(["a", "b", "c", "d"], ["a", "b", "b", "b", "c", "c", "x"])
    assert found == Tally(scheduled=4, lost=1, doubled=2, strange=1)
    assert not found.each_once
    assert Tally.of(["a", "b"], ["b", "a"]).each_once


@pytest.mark.parametrize(
    ("ours", "theirs", "size", "kept"),
    [(1010, 10, 20, True), (1011, 10, 20, False), (9000, 10, 200, True), (math.nan, 10, 1, False)],
)
def test_only_small_sizes_must_be_near_bullmq(ours: float, theirs: float, size: int, kept: bool) -> None:
    lateness = {("Punctual", size): late(ours), ("BullMQ", size): late(theirs)}
    *_, compared = arrival_checks(lateness, dict.fromkeys(lateness, told()))
    assert compared.name == f"within 1 s of BullMQ at {size}"
    assert compared.kept is kept


def test_bullmq_breaks_no_promise_of_ours() -> None:
    keys = [("Punctual", 1), ("BullMQ", 1)]
    bad = {"BullMQ": (late(early=1), told(doubled=2)), "Punctual": (late(), told())}
    checks = arrival_checks({key: bad[key[0]][0] for key in keys}, {key: bad[key[0]][1] for key in keys})
    assert all(check.kept for check in checks)


@pytest.mark.parametrize("broken", [(late(early=1), told()), (late(), told(lost=1)), (late(), told(doubled=1))])
def test_one_early_lost_or_doubled_post_of_ours_breaks_the_promise(broken: tuple[Lateness, Tally]) -> None:
    key = ("Punctual", 1)
    assert not all(check.kept for check in arrival_checks({key: broken[0]}, {key: broken[1]}))


def test_without_a_kill_there_is_nothing_to_check() -> None:
    assert list(kill_checks([])) == []

"""Buckets of requests on a table: what they let through, say, cost, and that they expire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import limits
from punctual.buckets import Buckets, Level
from punctual.providers.base import Rate
from punctual.tables import Table
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = {"pk": "ws_1", "sk": "2026-11-22"}
FEW, MANY = Rate(per_second=1, burst=3), Rate(per_second=2, burst=5)


class Counted:
    """A client whose updates are counted, and which somebody may be quicker than."""

    def __init__(self) -> None:
        self._client = MemoryDynamoDB()
        create_tables(self._client)
        self.updates = 0
        self.before: list[Callable[[], object]] = []

    def update_item(self, **request: Any) -> Any:
        self.updates += 1
        if self.before:
            self.before.pop()()
        return self._client.update_item(**request)

    def __getattr__(self, operation: str) -> Any:
        raise AssertionError(f"{operation}: only updates are allowed here")

    def item(self) -> dict[str, Any]:
        found: dict[str, Any] = self._client.get_item(TableName="LimitsTable", Key=KEY)["Item"]
        return found


def bench() -> tuple[Counted, Buckets]:
    client = Counted()
    return client, Buckets(Table(client, "LimitsTable"))


def take(buckets: Buckets, at: float = 0, **rates: Rate) -> dict[str, Level]:
    return buckets.take_each(KEY, rates, START + timedelta(seconds=at))


def test_a_bucket_says_what_is_left_and_when_it_is_full_again() -> None:
    _, buckets = bench()
    found = [take(buckets, key=FEW)["key"] for _ in range(4)]
    assert [level.left for level in found] == [2, 1, 0, 0]
    assert [level.full_in for level in found] == [1, 2, 3, 3]
    assert [level.wait for level in found] == [0, 0, 0, 1]


def test_a_bucket_fills_with_time() -> None:
    _, buckets = bench()
    for _ in range(3):
        take(buckets, key=FEW)
    assert take(buckets, 0.9, key=FEW)["key"].wait == pytest.approx(0.1)
    assert take(buckets, 1, key=FEW)["key"] == Level(left=0, full_in=3)
    assert take(buckets, 3, key=FEW)["key"] == Level(left=1, full_in=2)
    assert take(buckets, 60, key=FEW)["key"] == Level(left=2, full_in=1)


def test_a_request_takes_of_both_buckets_or_of_none() -> None:
    _, buckets = bench()
    for _ in range(3):
        take(buckets, one=FEW, workspace=MANY)
    refused = take(buckets, one=FEW, workspace=MANY)
    assert (refused["one"].wait, refused["workspace"]) == (1, Level(left=2, full_in=1.5))
    assert [take(buckets, other=FEW, workspace=MANY)["workspace"].left for _ in range(2)] == [1, 0]
    refused = take(buckets, other=FEW, workspace=MANY)
    assert (refused["other"], refused["workspace"].wait) == (Level(left=1, full_in=2), 0.5)


def test_a_request_now_and_then_costs_one_write_and_one_of_many_at_once_two() -> None:
    client, buckets = bench()
    for second in range(5):
        take(buckets, second * 10, key=FEW, workspace=MANY)
    assert client.updates == 5
    take(buckets, 40, key=FEW, workspace=MANY)
    assert client.updates == 7
    take(buckets, 40.7, key=FEW, workspace=MANY)
    assert client.updates == 9, "one bucket in use, the other full"


def test_a_refusal_is_one_write_that_failed() -> None:
    client, buckets = bench()
    for _ in range(3):
        take(buckets, key=FEW)
    before, item = client.updates, client.item()
    assert take(buckets, key=FEW)["key"].wait
    assert (client.updates, client.item()) == (before + 1, item)


def test_another_request_at_the_same_moment_takes_a_token_of_its_own() -> None:
    client, buckets = bench()
    client.before = [lambda: take(buckets, key=FEW)]
    assert take(buckets, key=FEW)["key"].left == 1
    client.before = [lambda: take(buckets, key=FEW)] * 9
    assert take(buckets, key=FEW)["key"].wait


def test_counts_expire_after_a_day() -> None:
    client, buckets = bench()
    take(buckets, key=FEW)
    assert client.item()["expires_epoch"] == (START + timedelta(days=1)).timestamp()
    take(buckets, 0.5, key=FEW)
    assert client.item()["expires_epoch"] == (START + timedelta(days=1)).timestamp()


@given(st.lists(st.floats(min_value=0, max_value=3), max_size=60), st.integers(1, 6), st.sampled_from([0.5, 1, 7]))
def test_no_more_passes_than_the_burst_and_what_has_come_since(
    gaps: list[float], burst: int, per_second: float
) -> None:
    """Against the same bucket with a level that is filled by hand."""
    _, buckets = bench()
    rate, level, at = Rate(per_second=per_second, burst=burst), float(burst), 0.0
    for gap in gaps:
        at += gap
        level = min(level + gap * per_second, burst)
        found = take(buckets, at, key=rate)["key"]
        if abs(level - round(level)) < 0.001:
            level -= not found.wait
            continue  # a token that comes at this very microsecond may be there or not
        assert bool(found.wait) == (level < 1)
        level -= not found.wait
        assert found.left == int(level)
        assert found.full_in == pytest.approx((burst - level) / per_second, abs=0.001)


@pytest.mark.parametrize(
    ("per_minute", "burst", "window"),
    [(600, 200, 20), (3000, 1000, 20), (1, 1, 60), (4, 1, 15), (300_000, 100_000, 20)],
)
def test_a_bucket_holds_what_twenty_seconds_give(per_minute: int, burst: int, window: int) -> None:
    rate = limits.rate_of(per_minute)
    assert (rate.burst, rate.burst / rate.per_second) == (burst, pytest.approx(window))

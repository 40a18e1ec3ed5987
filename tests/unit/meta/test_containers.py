"""Containers: whatever breaks on the way, nothing goes out twice, and what is live is found."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from punctual.meta import containers
from punctual.providers.base import Published
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Rejected, RetryLater
from tests.kept import Kept
from tests.unit.meta.container_platform import NOW, TEXT, Carousel, Drafts, Far, Worker

FAULTS = ("cut", "lost", "late", "killed", "killed before", "busy")
CALLS = 5
"""Of a post that all goes well with: made, asked twice, published; and one more."""


def test_a_post_is_made_asked_about_and_published_once() -> None:
    far = Far()
    assert Worker(far).run() == Published(platform_id="900", url="")
    assert [(method, path) for method, path, _ in far.sent] == [
        ("POST", "7/drafts"),
        ("GET", "100"),
        ("GET", "100"),
        ("POST", "7/release"),
    ]
    assert far.sent[-1][2] == {"creation_id": "100"}


def test_the_items_of_a_carousel_are_made_first_and_each_is_ready_before_the_whole_is_made() -> None:
    far = Far()
    worker = Worker(far, Carousel)
    assert isinstance(worker.run(), Published)
    made = [fields for _, path, fields in far.sent if path == "7/drafts"]
    assert made == [{"item": "0"}, {"item": "1"}, {"item": "2"}, {"words": TEXT, "children": "100,101,102"}]
    whole = far.sent.index(("POST", "7/drafts", made[-1]))
    assert {path for _, path, _ in far.sent[3:whole]} == {"100", "101", "102"}
    assert worker.kept["children"] == ["100", "101", "102"]


@pytest.mark.parametrize("lag", [timedelta(0), timedelta(minutes=5)])
@pytest.mark.parametrize("dialect", [Drafts, Carousel])
def test_nothing_goes_out_twice_whatever_befalls_one_call(dialect: type[Drafts], lag: timedelta) -> None:
    for call, fault in itertools.product(range(1, 16), FAULTS):
        far = Far({call: fault}, lag=lag)
        came = Worker(far, dialect).run()
        assert isinstance(came, Published), (call, fault)
        assert [post["id"] for post in far.posts] == [came.platform_id], (call, fault)


def test_nothing_goes_out_twice_whatever_befalls_two_calls() -> None:
    for one, other in itertools.combinations(range(1, CALLS + 2), 2):
        for faults in itertools.product(("cut", "lost", "late", "killed"), repeat=2):
            far = Far(dict(zip((one, other), faults, strict=True)))
            came = Worker(far).run()
            assert isinstance(came, Published), (one, other, faults)
            assert [post["id"] for post in far.posts] == [came.platform_id], (one, other, faults)


def ready(**far: Any) -> Worker:
    worker = Worker(Far(**far))
    while worker.step == "prepare":
        try:
            worker.prepare()
        except Processing:
            worker.far.wait(30)
    return worker


def test_what_is_ready_is_not_asked_again() -> None:
    worker = ready()
    asked = worker.far.calls
    worker.prepare()
    assert worker.far.calls == asked


def test_a_container_that_was_not_published_is_asked_before_the_next_try() -> None:
    worker = ready()
    worker.far.made["100"]["state"] = "IN_PROGRESS"
    assert isinstance(worker.run(), Published)
    assert [path for _, path, _ in worker.far.sent[3:]] == ["7/release", "100", "7/release"]


def test_one_that_says_that_it_is_published_is_not_published_again() -> None:
    """The answer was a refusal, and the post is there all the same."""
    worker = ready()
    worker.far.carry_out("POST", "7/release", {"creation_id": "100"})
    assert worker.run() == Published(platform_id="900", url="")
    assert [path for _, path, _ in worker.far.sent[3:]] == ["7/release", "100", "100", "7/posts"]


def test_one_that_has_expired_is_made_anew() -> None:
    worker = ready()
    worker.far.wait(2 * 24 * 3600)
    assert isinstance(worker.run(), Published)
    assert list(worker.far.made) == ["100", "101"]
    assert [path for _, path, _ in worker.far.sent if path == "7/release"] == ["7/release"] * 2


def test_one_that_is_gone_is_made_anew_before_anything_was_sent() -> None:
    worker = ready()
    worker.far.made.clear()
    assert isinstance(worker.run(), Published)


def test_items_that_are_gone_when_the_whole_is_made_are_made_anew() -> None:
    kept = {"children": ["1", "2", "3"], "children_ready": 3}
    worker = Worker(Far(made={"1": {"state": "FINISHED"}}), Carousel, kept=kept)
    assert isinstance(worker.run(), Published)
    assert worker.kept["made_anew"] == 1
    assert len(worker.kept["children"]) == 3
    assert not {*kept["children"]} & {*worker.kept["children"]}


@pytest.mark.parametrize(("status", "ends"), [("ERROR", "unconfirmed"), ("gone", "unconfirmed")])
def test_one_that_cannot_say_proves_nothing(status: str, ends: str) -> None:
    worker = ready(faults={4: "lost"})
    worker.step = "publish"
    with pytest.raises(OutcomeUnknown):
        worker.publish()
    worker.far.made["100"]["state"] = status
    if status == "gone":
        worker.far.made.clear()
    worker.step = "look"
    assert worker.run() == ends
    assert len(worker.far.posts) == 1


def test_without_its_container_nothing_is_known() -> None:
    worker = Worker(Far())
    with pytest.raises(OutcomeUnknown) as raised:
        worker.look()
    assert raised.value.code == "no_container"


def test_a_file_that_the_platform_cannot_use_is_refused() -> None:
    far = Far(polls=99)
    worker = Worker(far, Carousel)
    with pytest.raises(Processing):
        worker.prepare()
    far.made["101"] |= {"state": "ERROR", "reason": "bad file"}
    far.made["100"]["state"] = "FINISHED"
    assert worker.run() == "refused"


def test_what_fails_for_no_reason_of_the_post_is_made_anew_so_many_times() -> None:
    far = Far(polls=99)
    worker = Worker(far)
    while worker.step == "prepare" and len(far.made) < 10:
        with pytest.raises(ProviderError) as raised:
            worker.prepare()
        worker.forget(raised.value)
        if "container" in worker.kept:
            far.made[worker.kept["container"]] |= {"state": "ERROR", "reason": "out of luck"}
        if isinstance(raised.value, Rejected):
            break
    assert raised.value.code == "media_refused"
    assert len(far.made) == 4


def test_one_that_calls_itself_ready_and_is_never_published_is_given_up() -> None:
    worker = ready(never_publishes=True)
    assert worker.run() == "refused"
    assert [fields for _, path, fields in worker.far.sent if path == "7/release"] == [
        {"creation_id": str(number)} for number in (100, 101, 102, 103) for _ in range(5)
    ]


def shown(number: str, words: str = TEXT, seconds: float = 1) -> dict[str, str]:
    return {"id": number, "words": words, "timestamp": (NOW + timedelta(seconds=seconds)).isoformat()}


@pytest.mark.parametrize(
    ("others", "comes"),
    [
        ([], "900"),
        ([shown("1", "another text")], "900"),
        ([shown("1", seconds=-60)], "900"),
        ([shown("1", seconds=3600)], "900"),
        ([shown("taken")], "900"),
        ([{"id": "1", "words": TEXT}, {"id": "2", "words": TEXT, "timestamp": "today"}], "900"),
        ([shown("1")], "unconfirmed"),
    ],
)
def test_the_post_of_a_published_container_is_the_only_one_that_it_can_be(
    others: list[dict[str, str]], comes: str
) -> None:
    far = Far(made={"100": {"state": "PUBLISHED"}}, posts=[shown("900"), *others], now=NOW + timedelta(days=1))
    worker = Worker(far, kept={"container": "100"}, first_sent_at=NOW, taken=frozenset({"taken"}), step="look")
    came = worker.run()
    assert (came if isinstance(came, str) else came.platform_id) == comes


def test_a_worker_without_time_stops_between_two_calls() -> None:
    class Late(Kept):
        def yield_if_late(self, seconds: float | None = None) -> None:
            raise RetryLater("no time", code="unfinished")

    far = Far()
    with pytest.raises(RetryLater):
        containers.prepare(Worker(far, Carousel).part(), Late())
    assert far.sent == []

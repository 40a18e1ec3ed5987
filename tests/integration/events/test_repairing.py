"""The stream's records are lost, for a day or in part: afterwards nothing is missing, and nothing was told twice."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from punctual.clock import to_text
from tests.integration.api.deployed import forget
from tests.integration.events.days import Day
from tests.integration.events.watched import Record, Watched


@pytest.fixture
def watched() -> Iterator[Watched]:
    with pytest.MonkeyPatch.context() as patch:
        yield Watched(patch)
    forget()


def test_where_nothing_is_lost_a_day_needs_no_repair(watched: Watched) -> None:
    settled = watched.repairs.get()
    assert (settled.phase, settled.read, settled.settled_at is not None) == (None, 0, True)
    Day(watched, has_media=False).live()
    assert watched.repairs.get() == settled
    watched.check()


TOLD = {
    "published": ["post.scheduled", "post.completed"],
    "edited": ["post.scheduled", "post.updated"],
    "cancelled": ["post.scheduled", "post.cancelled"],
    "narrowed": ["post.scheduled", "post.updated"],
    "deleted": ["post.drafted", "post.deleted"],
    "expired": ["post.scheduled", "post.completed", "post.expired"],
    "untouched": ["post.scheduled"],
    "made_and_published": ["post.scheduled", "post.completed"],
    "refused": ["post.scheduled", "post.error"],
    "thread": ["post.scheduled", "post.completed"],
    "made_and_deleted": ["post.deleted"],
    "drafted": ["post.drafted"],
    "later": ["post.scheduled", "post.completed"],
    "cyd": ["channel.connected", "channel.deleted"],
    "dan": ["channel.connected"],
    "eve": ["channel.deleted"],
    "media_made": ["media.created", "media.ready"],
    "media_deleted": ["media.created", "media.deleted"],
    "media_refused": ["media.created", "media.refused"],
}
"""Of a day that was lost whole."""


def test_a_day_whose_records_are_lost_is_told_from_the_table(watched: Watched) -> None:
    day = Day(watched)
    watched.lose(day.live)
    repair = watched.repaired()
    watched.check()
    assert {name: watched.of(getattr(day, name)) for name in TOLD} == TOLD
    ended = [event for event in watched.events() if repair.begun_at and event.appended_at == repair.begun_at]
    assert (repair.told, repair.gone) == (len(ended), 5)
    watched.run(hours=2)
    assert watched.repairs.get() == repair
    watched.check()


@pytest.mark.parametrize("seed", [1, 2])
def test_records_of_which_some_are_lost_and_some_come_late_tell_nothing_twice(watched: Watched, seed: int) -> None:
    """Before the repair, between its minutes, and after it."""
    day, rng = Day(watched, has_media=False), random.Random(seed)
    late = watched.lose(day.live, lambda _: rng.random() < 0.5)
    third, before = len(late) // 3, watched.repairs.get()
    watched.give(late[:third])
    watched.clock.run(minutes=1)
    watched.tick()
    watched.give(late[third : 2 * third])
    watched.repaired(before)
    watched.check()
    told = watched.events()
    watched.give(late)
    assert watched.events() == told
    watched.check()


def test_what_is_older_than_a_stream_keeps_is_lost_and_the_rest_comes_late(watched: Watched) -> None:
    """The function was down for the whole day, and nobody wrote beats."""
    day, began = Day(watched, has_media=False), watched.clock.now()
    late = watched.lose(day.live, lambda record: record["dynamodb"]["Keys"]["sk"]["S"] == "beat")
    kept = [each for each in late if at(each) > watched.clock.now() - timedelta(hours=24)]
    assert 0 < len(kept) < len(late)
    assert watched.clock.now() - began > timedelta(hours=25)
    watched.give(kept)
    watched.repaired()
    watched.check()
    wanted = {name: types for name, types in TOLD.items() if name in ("made_and_published", "refused", "untouched")}
    assert {name: watched.of(getattr(day, name)) for name in wanted} == wanted


def test_a_person_asks_for_a_repair_and_how_far_it_is(watched: Watched) -> None:
    channel = watched.tenant.connect("ada")
    watched.lose(lambda: watched.tenant.posted("Hello", channel, in_minutes=60 * 24))
    watched.clock.run(minutes=10)
    asked = watched.deployed.invoke("EventsFunction", {"repair": True})
    assert (asked["phase"], asked["lost_before"]) == (None, to_text(watched.clock.now()))
    watched.repaired()
    watched.check()
    assert watched.deployed.invoke("EventsFunction", {"repair": True})["told"] == 2


def at(record: Record) -> datetime:
    return datetime.fromtimestamp(record["dynamodb"]["ApproximateCreationDateTime"], UTC)

"""The stream's records are lost, for a day or in part: afterwards nothing is missing, and nothing was told twice."""

from collections.abc import Iterator

import pytest

from tests.integration.api.deployed import forget
from tests.integration.events.days import Day
from tests.integration.events.watched import Watched


@pytest.fixture
def watched() -> Iterator[Watched]:
    with pytest.MonkeyPatch.context() as patch:
        yield Watched(patch)
    forget()


def test_where_nothing_is_lost_a_day_needs_no_repair(watched: Watched) -> None:
    settled = watched.repairs.get()
    assert (settled.phase, settled.read, settled.settled_at is not None) == (None, 0, True)
    Day(watched).live()
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

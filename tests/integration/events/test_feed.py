"""A feed by itself: what of it is kept, where readers may go on, and what an id says."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from punctual.events.event import Draft, Event, new_id, sequence_of
from punctual.events.feed import KEPT, SETTLES, Expired, Feed, key
from punctual.events.reading import Most, Wanted, page
from punctual.tables import Change, Table
from tests.integration.moved_clock import START, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

WORKSPACE = "ws_1"
DAY = timedelta(days=1)


class Kept:
    """A feed under a moved clock, and what DynamoDB deletes of it."""

    def __init__(self, **pages: int) -> None:
        self.clock = MovedClock()
        memory = MemoryDynamoDB(**pages)
        create_tables(memory)
        self.table = Table(memory, "EventsTable")
        self.feed = Feed(self.table, self.clock.now, self.clock.sleep)

    def append(self, count: int = 1, workspace_id: str = WORKSPACE) -> list[Event]:
        drafts = [Draft(type="post.updated", timestamp=self.clock.now(), data={"post_id": "post_1"})] * count
        return self.feed.append(workspace_id, drafts)

    def daily(self, days: int) -> list[Event]:
        found = []
        for _ in range(days):
            found += self.append()
            self.clock.sleep(DAY.total_seconds())
        return found

    def delete(self, *sequences: int) -> None:
        for sequence in sequences:
            self.table.delete(key(WORKSPACE, sequence))

    def read(self, after: str | None, limit: int = 100) -> list[int]:
        return numbers(self.feed.read(WORKSPACE, after, limit).events)

    def through(self, after: str | None, limit: int) -> list[int]:
        """Page by page, as long as there is said to be more."""
        found: list[int] = []
        while True:
            reading = self.feed.read(WORKSPACE, after, limit)
            found += numbers(reading.events)
            if reading.is_last:
                return found
            after = reading.events[-1].id


def numbers(events: Sequence[Event]) -> list[int]:
    return [event.sequence for event in events]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@settings(max_examples=200)
@given(st.integers(1, 10**12 - 1))
def test_an_id_holds_its_number(sequence: int) -> None:
    made = new_id(sequence, START)
    assert sequence_of(made) == sequence
    assert made != new_id(sequence, START), "and says which feed's it is"


@pytest.mark.parametrize("nonsense", ["", "evt_", "evt_x", "post_" + "0" * 26, "evt_" + "Z" * 26, "evt_" + "0" * 25])
def test_what_is_no_id_has_no_number_and_no_place(kept: Kept, nonsense: str) -> None:
    assert sequence_of(nonsense) is None
    with pytest.raises(Expired):
        kept.feed.read(WORKSPACE, nonsense, 10)


def test_ids_sort_as_their_events(kept: Kept) -> None:
    found = kept.daily(3)
    assert sorted(event.id for event in found) == [event.id for event in found]


def test_an_event_is_found_by_its_id_in_its_workspace_and_as_long_as_it_is_kept(kept: Kept) -> None:
    (event,) = kept.append()
    assert kept.feed.get(WORKSPACE, event.id) == event
    assert kept.feed.get("ws_2", event.id) is None
    assert kept.feed.get(WORKSPACE, new_id(1, START)) is None, "another feed's first"
    kept.clock.sleep(KEPT.total_seconds())
    assert kept.feed.get(WORKSPACE, event.id) is None


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_a_feed_is_read_to_its_end_whatever_a_page_takes(kept: Kept, limit: int) -> None:
    kept.append(7)
    assert kept.through(None, limit) == list(range(1, 8))
    first = kept.feed.read(WORKSPACE, None, 1).events[0]
    assert kept.feed.read(WORKSPACE, first.id, 7).is_last == kept.feed.read(WORKSPACE, None, 8).is_last is True
    assert not kept.feed.read(WORKSPACE, first.id, 5).is_last


def test_a_page_that_dynamodb_cuts_short_is_not_the_last() -> None:
    kept = Kept(page_bytes=1500)
    kept.append(20)
    assert len(kept.feed.read(WORKSPACE, None, 100).events) < 20
    assert kept.through(None, 100) == list(range(1, 21))


def test_an_empty_feed_and_a_read_one_have_nothing_more(kept: Kept) -> None:
    assert kept.read(None) == []
    assert kept.feed.read_on(WORKSPACE, 0, 10).events == []
    (event,) = kept.append()
    assert kept.read(event.id) == []


def test_events_of_a_workspace_are_in_no_other_ones_feed(kept: Kept) -> None:
    kept.append(2)
    kept.append(1, "ws_2")
    assert numbers(kept.feed.read("ws_2", None, 10).events) == [1]
    assert kept.read(None) == [1, 2]


# What is over


def test_after_their_time_events_are_read_no_more_though_dynamodb_deletes_them_late_and_in_no_order(
    kept: Kept,
) -> None:
    kept.daily(40)
    oldest = kept.read(None)[0]
    assert kept.read(None) == list(range(oldest, 41))
    assert 40 - oldest in (28, 29)
    kept.delete(1, 2, 5, oldest - 1)
    assert kept.read(None)[0] == oldest
    for limit in (1, 3, 5, 9):
        assert kept.through(None, limit) == list(range(oldest, 41))


def test_a_reader_whose_place_is_gone_is_told_and_not_served_from_further_on(kept: Kept) -> None:
    events = kept.daily(40)
    kept.delete(1, 2, 5)
    assert kept.read(events[2].id)[0] == 4, "what is still there is given, late as it is"
    for event in (events[0], events[3]):
        with pytest.raises(Expired):
            kept.read(event.id)
        with pytest.raises(Expired):
            kept.feed.read_on(WORKSPACE, event.sequence, 10)
    assert kept.read(events[4].id)[0] == 6, "its own event is gone, and it has missed none"


def test_a_feed_that_was_quiet_for_long_goes_on_where_its_readers_stand(kept: Kept) -> None:
    *_, last = kept.append(3)
    kept.clock.sleep((KEPT + DAY).total_seconds())
    kept.delete(1, 2, 3)
    assert kept.read(last.id) == []
    assert kept.feed.read_on(WORKSPACE, 3, 10).events == []
    with pytest.raises(Expired):
        kept.feed.read_on(WORKSPACE, 2, 10)
    kept.append()
    assert kept.read(last.id) == [4]
    assert kept.read(None) == [4], "at once: none before it is kept"


# Another feed


def test_a_cursor_that_is_none_of_this_feed_is_refused(kept: Kept) -> None:
    kept.append(2)
    (theirs,) = kept.append(1, "ws_2")
    for other in (theirs.id, new_id(2, START), new_id(3, START), new_id(2**40 - 1, START)):
        with pytest.raises(Expired):
            kept.read(other)
    with pytest.raises(Expired):
        kept.feed.read_on(WORKSPACE, 3, 10)


def test_a_feed_that_was_restored_tells_readers_who_have_seen_more(kept: Kept) -> None:
    """The numbers after the backup were given again."""
    first, second = kept.append(2)
    kept.delete(2)
    kept.table.put({**(kept.table.get({"pk": f"feed#{WORKSPACE}", "sk": "head"}) or {}), "sequence": 1})
    with pytest.raises(Expired):
        kept.read(second.id)
    kept.append(2)
    with pytest.raises(Expired):
        kept.read(second.id)
    assert kept.read(first.id) == [2, 3]


def test_a_number_that_stays_missing_was_lost_and_readers_are_told(kept: Kept) -> None:
    """A backup may hold one part of a transaction, and not the other."""
    kept.append(3)
    kept.delete(2)
    assert kept.feed.read_on(WORKSPACE, 1, 10).events == [], "it may be on its way"
    kept.clock.sleep(SETTLES.total_seconds() + 1)
    with pytest.raises(Expired):
        kept.feed.read_on(WORKSPACE, 1, 10)


@pytest.mark.parametrize("kept_rows", [[2, 3], [3], [2]])
@pytest.mark.parametrize("appended", [1, 4])
def test_events_that_a_backup_has_without_their_head_stop_nobody(
    kept: Kept, kept_rows: list[int], appended: int
) -> None:
    kept.append(1)
    kept.append(2)
    kept.delete(*{2, 3} - set(kept_rows))
    kept.table.update({**key(WORKSPACE, 1), "sk": "head"}, Change(set={"sequence": 1}))
    found = [event for _ in range(2) for event in kept.append(appended)]
    assert kept.feed.head(WORKSPACE).sequence == found[-1].sequence
    kept.clock.sleep(SETTLES.total_seconds() + 1)
    assert kept.through(None, 2) == sorted({1, *kept_rows, *numbers(found)})


def test_a_reader_goes_on_after_what_a_backup_has_lost(kept: Kept) -> None:
    """Sent to the oldest, it would meet the same number again, for a month."""
    kept.append(1)
    second, *_ = kept.append(3)
    kept.delete(3)
    assert kept.read(second.id) == [], "it may be on its way"
    kept.clock.sleep(SETTLES.total_seconds() + 1)
    assert kept.read(second.id) == [4]
    assert kept.read(None) == [1, 2], "what it can know of"
    assert kept.through(None, 100) == [1, 2, 4]
    kept.delete(1, 2)
    assert kept.read(None) == [4]


# Times


def test_the_first_event_since_a_time_is_found_without_reading_them_all(kept: Kept) -> None:
    events = kept.daily(20)
    for event in events:
        assert kept.feed.first_since(WORKSPACE, event.appended_at) == event.sequence
        assert kept.feed.first_since(WORKSPACE, event.appended_at + timedelta(hours=1)) == event.sequence + 1
    assert kept.feed.first_since(WORKSPACE, START - DAY) == 1


def test_events_of_one_moment_are_all_since_it(kept: Kept) -> None:
    kept.append(2)
    kept.clock.sleep(1)
    first, *_ = kept.append(5)
    assert kept.feed.first_since(WORKSPACE, first.appended_at) == first.sequence


def test_since_before_the_oldest_is_where_reading_can_begin(kept: Kept) -> None:
    kept.daily(40)
    oldest = kept.read(None)[0]
    kept.delete(1, 2, *range(4, oldest))
    begin = kept.feed.first_since(WORKSPACE, kept.clock.now() - KEPT)
    assert numbers(kept.feed.read_on(WORKSPACE, begin - 1, 3).events) == [oldest, oldest + 1, oldest + 2]


def test_since_in_a_feed_of_which_nothing_is_kept_is_its_next_event(kept: Kept) -> None:
    kept.append(3)
    kept.clock.sleep(KEPT.total_seconds())
    kept.delete(1, 2, 3)
    assert kept.feed.first_since(WORKSPACE, kept.clock.now() - DAY) == 4
    since = Wanted(since=kept.clock.now() - DAY)
    assert page(kept.feed, WORKSPACE, None, since, Most(events=5)).events == []


def test_since_in_an_empty_feed_is_its_first_event_to_come(kept: Kept) -> None:
    assert kept.feed.first_since(WORKSPACE, START) == 1
    kept.daily(2)
    assert kept.feed.first_since(WORKSPACE, kept.clock.now()) == 3

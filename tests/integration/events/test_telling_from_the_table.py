"""What is told from the table: never older than what was told already, and with what the row left behind says."""

from collections.abc import Callable

import pytest

from punctual import leftovers, posts, workspaces
from punctual.events.changes import Change, from_record
from punctual.events.event import Event
from punctual.events.feed import Feed
from punctual.events.telling import Telling
from punctual.tables import Item, Table
from tests.integration.moved_clock import MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.faults import Fault, Faulty
from tests.memory.streams import Stream
from tests.template import create_tables

WORKSPACE, POST = "ws_1", "post_1"


class Teller:
    """A workspace of one post, whose row is written by hand. `meanwhile` happens before a call that it names."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(memory)
        self.stream = Stream(memory, "WorkTable", clock=lambda: self.clock.now().timestamp())
        self.work, self.events = Table(memory, "WorkTable"), Table(memory, "EventsTable")
        self.feed = Feed(self.events, self.clock.now, self.clock.sleep)
        self.meanwhile: dict[str, Callable[[], None]] = {}
        slow = Faulty(memory, self._meanwhile)
        work, events = Table(slow, "WorkTable"), Table(slow, "EventsTable")
        self.telling = Telling(work=work, events=events, feed=self.feed, now=self.clock.now)
        self.work.put({**workspaces.key(WORKSPACE), "workspace_id": WORKSPACE})

    def write(self, status: str) -> Item:
        item = {**posts.key(POST), "workspace_id": WORKSPACE, "status": status, "rev": 1}
        self.work.put(item)
        return item

    def delete(self) -> None:
        self.work.delete(posts.key(POST))

    def tell_records(self) -> None:
        """By another worker, which nothing interrupts."""
        telling = Telling(work=self.work, events=self.events, feed=self.feed, now=self.clock.now)
        telling.tell([from_record(record) for record in self.stream.records])
        self.stream.records.clear()

    def read(self, item: Item | None) -> Change:
        """As whoever goes through the table has it."""
        known = {} if item else {"old": {"workspace_id": WORKSPACE}}
        return Change(**posts.key(POST), at=self.clock.now(), new=item, **known)

    def told(self) -> list[str]:
        events: list[Event] = self.feed.read(WORKSPACE, None, 100).events
        return [event.type for event in events if event.type.startswith("post.")]

    def _meanwhile(self, name: str, given: Item) -> Fault | None:
        what = self.meanwhile.pop(name, None)
        if what is None:
            return None

        def fault(name: str, given: object, call: Callable[[], object]) -> object:
            what()
            return call()

        return fault


@pytest.fixture
def teller() -> Teller:
    return Teller()


def test_what_was_read_before_a_newer_record_was_told_is_not_told_backwards(teller: Teller) -> None:
    page = teller.read(teller.write("SCHEDULED"))
    teller.tell_records()
    teller.write("PUBLISHING")
    teller.tell_records()
    teller.telling.tell([page])
    assert teller.told() == ["post.scheduled", "post.publishing"]


def test_what_changes_while_it_is_told_is_told_once(teller: Teller) -> None:
    page = teller.read(teller.write("SCHEDULED"))

    def published() -> None:
        teller.write("PUBLISHING")
        teller.tell_records()

    teller.meanwhile["batch_get_item"] = published
    teller.telling.tell([page])
    teller.write("COMPLETED")
    teller.clock.run(minutes=1)
    teller.tell_records()
    assert teller.told() == ["post.scheduled", "post.publishing", "post.completed"]


@pytest.mark.parametrize("asked", [False, True])
def test_what_is_gone_was_deleted_where_a_row_says_so_and_expired_else(teller: Teller, asked: bool) -> None:
    teller.write("COMPLETED")
    teller.tell_records()
    teller.delete()
    if asked:
        teller.work.put(leftovers.of_post(WORKSPACE, POST, 1, teller.clock.now()))
    teller.telling.tell([teller.read(None)])
    told = teller.told()
    assert told[-1] == ("post.deleted" if asked else "post.expired")
    teller.tell_records()
    teller.telling.tell([teller.read(None)])
    assert teller.told() == told


def test_a_record_of_expiry_that_is_met_by_reading_still_says_so(teller: Teller) -> None:
    teller.telling.tell([teller.read(teller.write("COMPLETED"))])
    teller.stream.records.clear()
    teller.stream.expire(posts.key(POST))
    teller.work.put(leftovers.of_post(WORKSPACE, POST, 1, teller.clock.now()))
    teller.tell_records()
    assert teller.told()[-1] == "post.expired"


def test_what_is_there_again_after_it_was_told_gone_is_told_anew_by_reading_only(teller: Teller) -> None:
    """A backup brought it back."""
    page = teller.read(teller.write("CANCELLED"))
    teller.delete()
    teller.tell_records()
    gone = teller.told()
    teller.write("CANCELLED")
    teller.tell_records()
    assert teller.told() == gone
    teller.telling.tell([page])
    assert teller.told() == [*gone, *gone[:-1]]


def test_what_is_noted_makes_no_event_and_is_where_the_next_record_goes_on(teller: Teller) -> None:
    page = teller.read(teller.write("SCHEDULED"))
    teller.telling.note([page])
    teller.tell_records()
    assert teller.told() == []
    teller.clock.run(minutes=1)
    teller.write("COMPLETED")
    teller.tell_records()
    assert teller.told() == ["post.completed"]


def test_what_was_told_is_not_noted_over(teller: Teller) -> None:
    page = teller.read(teller.write("SCHEDULED"))
    teller.clock.run(minutes=1)
    teller.write("PUBLISHING")
    records = list(teller.stream.records)
    teller.tell_records()
    teller.telling.note([page])
    teller.stream.records += records
    teller.tell_records()
    assert teller.told() == ["post.scheduled", "post.publishing"]


def test_rows_that_nobody_wrote_so_keep_nobody_elses_events_waiting(teller: Teller) -> None:
    """A mark that is no text; keys that end where an id should be, also where a post's deliveries are read ahead."""
    row = {"workspace_id": WORKSPACE, "status": "COMPLETED", "rev": 1}
    teller.work.put({**row, "pk": POST, "sk": "delivery#"})
    teller.work.put({**row, "pk": WORKSPACE, "sk": "channel#"})
    teller.work.put({**row, "pk": POST, "sk": "delivery#dlv_1", "acted": 7})
    teller.work.put({**row, **posts.key(POST), "acted": ["a", "list"]})
    teller.tell_records()
    assert teller.told() == ["post.scheduled", "post.completed"]

"""Readers follow a feed while writers append to it: they miss none and see none twice, whatever is visible when."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from punctual.events.event import Draft, Event
from punctual.events.feed import Feed
from punctual.tables import Table
from tests.integration.moved_clock import START
from tests.memory.unfolding import Unfolding

WORKSPACE = "ws_1"


class Reader:
    """`by_number`: as our own senders read, who keep a number; others keep an id."""

    def __init__(self, feed: Feed, *, by_number: bool):
        self._feed = feed
        self._by_number = by_number
        self.seen: list[Event] = []

    def read(self, limit: int) -> bool:
        """Whether there is more."""
        last = self.seen[-1] if self.seen else None
        if self._by_number:
            reading = self._feed.read_on(WORKSPACE, last.sequence if last else 0, limit)
        else:
            reading = self._feed.read(WORKSPACE, last.id if last else None, limit)
        assert len(reading.events) <= limit
        self.seen += reading.events
        return not reading.is_last


class Growing:
    """One feed, whose transactions are seen item by item, in an order that `rng` draws."""

    def __init__(self, rng: Random):
        self.client: Any = Unfolding()
        self._rng = rng
        self.told = 0
        self.feed = Feed(Table(self.client, "EventsTable"), lambda: START, lambda _: self.show())
        self.readers = [Reader(self.feed, by_number=by_number) for by_number in (True, False, True, False)]

    def show(self) -> None:
        if self.client.hidden:
            last = self.client.hidden - 1
            self.client.show(self._rng.choice((0, self._rng.randint(0, last), last)))

    def append(self, count: int, *others: int) -> None:
        """`others` are appended by other writers, after this one has read the head."""
        first, self.told = self.told, self.told + count
        drafts = [Draft(type="post.updated", timestamp=START, data={"n": first + n}) for n in range(count)]
        writer = Feed(
            Table(Between(self.client, others, self.append), "EventsTable"), lambda: START, lambda _: self.show()
        )
        writer.append(WORKSPACE, drafts)


class Between:
    """A client for one writer: when it has read the head, others append."""

    def __init__(self, client: Any, others: tuple[int, ...], append: Callable[..., None]):
        self._client = client
        self._others = list(others)
        self._append = append

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_item(self, **given: Any) -> Any:
        found = self._client.get_item(**given)
        while self._others:
            self._append(self._others.pop())
        return found


APPENDS = st.tuples(st.just("append"), st.integers(1, 4), st.lists(st.integers(1, 3), max_size=2))
READS = st.tuples(st.just("read"), st.integers(1, 4), st.integers(1, 5))


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.lists(st.one_of(APPENDS, READS, READS), min_size=4, max_size=15))
def test_no_reader_misses_an_event_or_sees_one_twice(seed: int, steps: list[tuple[str, int, Any]]) -> None:
    """`read` would raise Expired where it took an event that is still to be seen for one that is gone."""
    rng = Random(seed)
    growing = Growing(rng)
    for what, number, more in steps:
        if what == "append":
            growing.append(number, *more)
        else:
            for reader in growing.readers[:number]:
                reader.read(more)
        for _ in range(rng.choice((0, 1, 1, 2))):
            growing.show()
    while growing.client.hidden:
        growing.show()
    for reader in growing.readers:
        while reader.read(3):
            pass
        assert [each.sequence for each in reader.seen] == list(range(1, growing.told + 1))
        assert {each.data["n"] for each in reader.seen} == set(range(growing.told))


def test_a_reader_from_the_oldest_waits_for_an_event_that_is_still_to_be_seen() -> None:
    """And takes the first that is there for the oldest once what was before it is past its time."""
    growing = Growing(Random(0))
    growing.append(2)
    growing.client.show(2)  # the head is the first of the three
    assert growing.feed.read(WORKSPACE, None, 10).events == []
    growing.show()
    growing.show()
    assert [each.sequence for each in growing.feed.read(WORKSPACE, None, 10).events] == [1, 2]


def test_a_reader_that_has_seen_an_event_before_the_head_says_so_has_missed_nothing() -> None:
    growing = Growing(Random(0))
    growing.append(1)
    growing.client.show(1)
    (first,) = growing.feed.read_on(WORKSPACE, 0, 10).events
    assert growing.feed.read(WORKSPACE, first.id, 10).events == []
    assert growing.feed.read_on(WORKSPACE, first.sequence, 10).events == []

"""A workspace's events by number. Whoever appends takes the next numbers in the transaction that stores the events.

A reader goes on after the last event it has seen, and stops before a number that is missing: transactions become
visible item by item, so a later event, or the feed's head, may be seen a moment before or after another one. Whether
one that is missing is still to come is not a question of waiting: each event says when the one before it was appended,
and only those whose time is over are ever deleted. What a backup has torn apart is passed over, but by lanes, which
note it.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Moment, Now, to_text
from punctual.events.event import Draft, Event, new_id, sequence_of
from punctual.stored import Stored
from punctual.tables import MAX_OPERATIONS, Change, ConditionFailed, Item, Table, transact

KEPT = timedelta(days=30)
SETTLES = timedelta(minutes=10)
"""A number that is missing for longer is not being written: a restore from a backup tore a transaction apart."""
_ROUNDS = 40
_PAUSE_SECONDS = 0.02
_LARGEST = 10**12


class Expired(Exception):
    """Events after this one are gone, or the event is none of this feed: the reader has missed some."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """Of the last event; 0: there was none."""

    sequence: int = 0
    appended_at: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    events: list[Event] = field(default_factory=list)
    is_last: bool = True
    """Whether there was no more to read at that moment."""


_HEAD = Stored(Head)
_EVENT = Stored(Event)


class Feed:
    """`table` is the events' own."""

    def __init__(self, table: Table, now: Now, sleep: Callable[[float], None] = time.sleep):
        self._table = table
        self._now = now
        self._sleep = sleep

    def append(self, workspace_id: str, drafts: Sequence[Draft], beside: Sequence[Item] = ()) -> list[Event]:
        """All of them, and what else is to happen in the same transaction: together at most `MOST_APPENDED`. Raises
        ConditionFailed with the places of those of `beside` that met another state."""
        taken = 0
        for _ in range(_ROUNDS):
            head = self.head(workspace_id)
            events = self._numbered(workspace_id, drafts, self._last(workspace_id, head, taken))
            puts = [self._table.putting(_item(event), Attr("pk").not_exists()) for event in events]
            ours = [self._moving(workspace_id, head, events), *puts] if events else []
            try:
                transact(self._table.client, [*ours, *beside])
            except ConditionFailed as error:
                theirs = [place - len(ours) for place in error.failed if place >= len(ours)]
                if theirs:
                    raise ConditionFailed(theirs) from error
                taken = max((events[place - 1].sequence for place in error.failed if place), default=0)
                self._sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 - spreads load
                continue
            return events
        raise TimeoutError("the feed is being appended to by too many at once")

    def head(self, workspace_id: str) -> Head:
        item = self._table.get(_head_key(workspace_id))
        return _HEAD.read(item) if item else Head()

    def _last(self, workspace_id: str, head: Head, taken: int) -> Head:
        """Beyond the head, where a restore from a backup kept an event without it."""
        item = self._table.get(key(workspace_id, taken)) if taken > head.sequence else None
        return _HEAD.read(item) if item else head

    def get(self, workspace_id: str, event_id: str) -> Event | None:
        sequence = sequence_of(event_id)
        item = self._table.get(key(workspace_id, sequence)) if sequence else None
        event = _EVENT.read(item) if item else None
        return event if event and event.id == event_id and self._is_kept(event) else None

    def read(self, workspace_id: str, after: str | None, limit: int) -> Reading:
        """The events after this one, which may have none after it yet; None: from the oldest that is kept.

        Raises Expired."""
        if after is None:
            return self._from_oldest(workspace_id, limit)
        sequence = sequence_of(after)
        if sequence is None:
            raise Expired
        return self._following(workspace_id, sequence, limit, after)

    def read_on(self, workspace_id: str, sequence: int, limit: int) -> Reading:
        """As `read`, after the event of this number; 0: from the first there ever was. Raises Expired."""
        return self._following(workspace_id, sequence, limit)

    def first_since(self, workspace_id: str, at: datetime) -> int:
        """The number of the first event that is kept and was appended at this time or later, or the next that there
        will be."""
        at = max(at, self._now() - KEPT)
        oldest, _ = self._rows(workspace_id, 1, 1)
        head = self.head(workspace_id)
        if not oldest and self._is_settled(head.appended_at):
            return head.sequence + 1
        low, high = (oldest[0].sequence if oldest else 1), head.sequence + 1
        while low < high:
            middle = (low + high) // 2
            row, _ = self._rows(workspace_id, middle, 1)
            if row and row[0].appended_at < at:
                low = row[0].sequence + 1
            else:
                high = middle
        row, _ = self._rows(workspace_id, low, 1)
        return row[0].sequence if row and self._is_oldest(row[0]) else low

    def _from_oldest(self, workspace_id: str, limit: int) -> Reading:
        """Without those whose time is over: DynamoDB deletes them in no order, days later."""
        sequence, is_last = 0, False
        while not is_last:
            rows, is_last = self._rows(workspace_id, sequence + 1, limit)
            if kept := [event for event in rows if self._is_kept(event)]:
                is_whole = self._is_oldest(kept[0]) or self._is_torn(kept[0])
                return self._contiguous(kept, kept[0].sequence, is_last=is_last) if is_whole else Reading()
            sequence = rows[-1].sequence if rows else sequence
        return Reading()

    def _following(self, workspace_id: str, sequence: int, limit: int, event_id: str | None = None) -> Reading:
        rows, is_last = self._rows(workspace_id, sequence, limit + 1)
        is_there = bool(rows) and rows[0].sequence == sequence
        if is_there and event_id and rows[0].id != event_id:
            raise Expired  # of a feed that was restored, and has gone another way since
        found = rows[1:] if is_there else rows[:limit]
        if not found or found[0].sequence != sequence + 1:
            if event_id and is_there and found and self._is_torn(found[0]):
                return self._contiguous(found, found[0].sequence, is_last=is_last and len(rows) <= limit)
            self._check_kept(workspace_id, sequence, found, is_there=is_there)
            return Reading()
        return self._contiguous(found, sequence + 1, is_last=is_last and len(rows) <= limit)

    def _rows(self, workspace_id: str, sequence: int, limit: int) -> tuple[list[Event], bool]:
        """From this number on, and whether there are no more: a page may end before the limit, at a megabyte."""
        span = KeyCondition("sk").between(_place(sequence), _place(_LARGEST - 1))
        page = self._table.query(KeyCondition("pk").eq(_partition(workspace_id)) & span, limit=limit)
        return [_EVENT.read(item) for item in page.items], page.next_key is None

    def _contiguous(self, found: Sequence[Event], first: int, *, is_last: bool) -> Reading:
        """Up to the first that is missing: it is to come, or there is more behind it."""
        events = [event for place, event in enumerate(found, first) if event.sequence == place]
        if following := found[len(events) :]:
            is_last = not self._is_torn(following[0])
        return Reading(events=events, is_last=is_last)

    def _check_kept(self, workspace_id: str, sequence: int, found: Sequence[Event], *, is_there: bool) -> None:
        """What is missing is either being written at this moment, or is gone. Raises Expired."""
        head = self.head(workspace_id)
        if sequence > head.sequence and not is_there:
            raise Expired
        if found:
            is_gone = self._is_oldest(found[0]) or self._is_settled(found[0].appended_at)
        else:
            is_gone = sequence < head.sequence and self._is_settled(head.appended_at)
        if is_gone:
            raise Expired

    def _is_oldest(self, event: Event) -> bool:
        """Whether none before it is kept: the only reason why one that was written is not there."""
        return event.previous_at is None or event.previous_at + KEPT <= self._now()

    def _is_torn(self, event: Event) -> bool:
        """Whether what was before it is lost, and there is more before that. A reader sees by the numbers what it has
        missed; sent away, it would begin with the oldest and end here again."""
        return self._is_settled(event.appended_at) and not self._is_oldest(event)

    def _is_settled(self, at: datetime | None) -> bool:
        return at is not None and self._now() - at > SETTLES

    def _is_kept(self, event: Event) -> bool:
        return event.appended_at + KEPT > self._now()

    def _numbered(self, workspace_id: str, drafts: Sequence[Draft], last: Head) -> list[Event]:
        now = self._now()
        return [
            Event(
                **{name: getattr(draft, name) for name in Draft.__dataclass_fields__},
                id=new_id(sequence, now),
                workspace_id=workspace_id,
                sequence=sequence,
                appended_at=now,
                previous_at=now if sequence > last.sequence + 1 else last.appended_at,
            )
            for sequence, draft in enumerate(drafts, last.sequence + 1)
        ]

    def _moving(self, workspace_id: str, head: Head, events: Sequence[Event]) -> Item:
        last = events[-1]
        change = Change(set={"sequence": last.sequence, "appended_at": to_text(last.appended_at)})
        as_read = Attr("sequence").eq(head.sequence) if head.sequence else Attr("sequence").not_exists()
        return self._table.updating(_head_key(workspace_id), change, as_read)


MOST_APPENDED = MAX_OPERATIONS - 1
"""One operation is the feed's own."""


def key(workspace_id: str, sequence: int) -> Item:
    return {"pk": _partition(workspace_id), "sk": _place(sequence)}


def _head_key(workspace_id: str) -> Item:
    return {"pk": _partition(workspace_id), "sk": "head"}


def _partition(workspace_id: str) -> str:
    return f"feed#{workspace_id}"


def _place(sequence: int) -> str:
    return f"{sequence:012d}"


def _item(event: Event) -> Item:
    expires = int((event.appended_at + KEPT).timestamp())
    return {**key(event.workspace_id, event.sequence), **_EVENT.item(event), "expires_epoch": expires}

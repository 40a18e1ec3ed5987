"""What is to be sent once more: ranges of the feed, walked beside what is new, by whoever holds the lane.

They are rows of their own, so that asking for one meets no worker: the one that holds the lane looks for them again
once it has let go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition
from ulid import ULID

from punctual.clock import Moment, Now
from punctual.events.feed import Feed
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table, transact
from punctual.webhooks.endpoints import Webhook
from punctual.webhooks.lanes import Lanes

MOST = 5
"""That wait for one endpoint; asked for at the very same time, they may be some more."""
_PREFIX = "range#"
_KEPT = timedelta(days=30)


class NotActive(Exception):
    """The endpoint is disabled, or goes: nothing is sent to it."""


class TooManyWaiting(Exception):
    """So many resends are under way that another one has to wait until one of them has ended."""


@dataclass(frozen=True, kw_only=True)
class Range:
    id: str
    webhook_id: str
    first: int
    last: int
    only_failed: bool = False
    """Only what was tried and never delivered."""
    is_asked_by_name: bool = False
    """One event, sent whatever the endpoint wants now."""
    asked_at: Moment


_STORED = Stored(Range)


class Resends:
    """`table` is the events' own. Whoever asks has to wake the lane."""

    def __init__(self, table: Table, feed: Feed, lanes: Lanes, now: Now):
        self._table = table
        self._feed = feed
        self._lanes = lanes
        self._now = now

    def ask_one(self, webhook: Webhook, event_id: str) -> Range | None:
        """None: there is no such event, or it is kept no longer. Raises NotActive, TooManyWaiting."""
        event = self._feed.get(webhook.workspace_id, event_id)
        return self._ask(webhook, event.sequence, event.sequence, is_asked_by_name=True) if event else None

    def ask(self, webhook: Webhook, first: int, last: int | None = None, *, only_failed: bool = False) -> Range | None:
        """Events by their numbers, both ends included. What the lane has not come to yet is sent anyway, once: None
        where that is all. Raises NotActive, TooManyWaiting."""
        lane = self._lanes.get(webhook.id)
        position = lane.position if lane else 0
        last = position if last is None else min(last, position)
        return self._ask(webhook, max(first, 1), last, only_failed=only_failed) if first <= last else None

    def ask_since(
        self, webhook: Webhook, at: datetime, until: datetime | None = None, *, only_failed: bool = False
    ) -> Range | None:
        """Those that were appended then or later, and before `until`. Raises NotActive, TooManyWaiting."""
        first = self._feed.first_since(webhook.workspace_id, at)
        last = self._feed.first_since(webhook.workspace_id, until) - 1 if until else None
        return self.ask(webhook, first, last, only_failed=only_failed)

    def waiting(self, webhook_id: str) -> list[Range]:
        """In the order in which they were asked for."""
        theirs = KeyCondition("pk").eq(webhook_id) & KeyCondition("sk").begins_with(_PREFIX)
        return [_STORED.read(item) for item in self._table.every(theirs)]

    def walked(self, seen: Range, up_to: int) -> Item:
        """For a transaction: up to this event."""
        if up_to >= seen.last:
            return self._table.deleting(_key(seen))
        return self._table.updating(_key(seen), Change(set={"first": up_to + 1}), Attr("pk").exists())

    def _ask(
        self, webhook: Webhook, first: int, last: int, *, only_failed: bool = False, is_asked_by_name: bool = False
    ) -> Range:
        if webhook.status != "active":
            raise NotActive
        if len(self.waiting(webhook.id)) >= MOST:
            raise TooManyWaiting
        asked = Range(
            id=str(ULID()),
            webhook_id=webhook.id,
            first=first,
            last=last,
            only_failed=only_failed,
            is_asked_by_name=is_asked_by_name,
            asked_at=self._now(),
        )
        expires = {"expires_epoch": int((asked.asked_at + _KEPT).timestamp())}
        putting = self._table.putting({**_key(asked), **_STORED.item(asked), **expires})
        self._write([self._lanes.ending_rest(webhook.id), putting])
        return asked

    def _write(self, operations: list[Item]) -> None:
        for _ in range(8):
            try:
                transact(self._table.client, operations)
            except ConditionFailed:
                continue  # the lane was being written to, or is gone
            return
        raise NotActive


def _key(asked: Range) -> Item:
    return {"pk": asked.webhook_id, "sk": f"{_PREFIX}{asked.id}"}

"""The log: one row for each event that an endpoint was to get, with its tries. What an endpoint answered beside its
status is never kept."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Moment, Now, to_text
from punctual.events.event import Event
from punctual.paging import Row, Rows, filled
from punctual.stored import Stored
from punctual.tables import Item, Table

KEPT = timedelta(days=30)
MOST_TRIES = 15
"""That a row keeps, the last ones."""
_PAGE = 100
_RETRY = "retry#"

SendState: TypeAlias = Literal["delivered", "failing", "failed"]
"""`failing` is tried again by itself, `failed` only if somebody asks."""


@dataclass(frozen=True, kw_only=True)
class Try:
    at: Moment
    code: str
    """`delivered`, or what went wrong."""
    status: int | None = None
    """HTTP's; None: there was no answer."""
    duration_ms: int

    @property
    def is_good(self) -> bool:
        return self.code == "delivered"


@dataclass(frozen=True, kw_only=True)
class Send:
    webhook_id: str
    workspace_id: str
    sequence: int
    event_id: str
    event_type: str
    state: SendState = "failing"
    created_at: Moment
    tries: tuple[Try, ...] = ()
    failures: int = 0
    """Since it was asked for: by its event, or by a person once more."""
    next_try_at: Moment | None = None

    def with_try(self, made: Try, state: SendState, next_try_at: datetime | None) -> "Send":
        return replace(
            self,
            state=state,
            tries=(*self.tries, made)[-MOST_TRIES:],
            failures=0 if made.is_good else self.failures + 1,
            next_try_at=next_try_at,
        )


_STORED = Stored(Send)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A send that is to be tried again."""

    sequence: int
    at: Moment
    begun_at: Moment
    """Of the lane that it failed in."""


_RETRY_STORED = Stored(Retry)


class Sends:
    """`table` is the events' own."""

    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def of(self, event: Event, webhook_id: str) -> Send:
        """One that was not tried yet."""
        return Send(
            webhook_id=webhook_id,
            workspace_id=event.workspace_id,
            sequence=event.sequence,
            event_id=event.id,
            event_type=event.type,
            created_at=self._now(),
        )

    def get(self, webhook_id: str, sequence: int) -> Send | None:
        return self.get_all(webhook_id, [sequence]).get(sequence)

    def get_all(self, webhook_id: str, sequences: Iterable[int]) -> dict[int, Send]:
        """Those that there are, by their numbers."""
        items = self._table.get_all([key(webhook_id, sequence) for sequence in dict.fromkeys(sequences)])
        found = [_STORED.read(item) for item in items if self._is_kept(item)]
        return {send.sequence: send for send in found}

    def page(
        self, webhook_id: str, limit: int, before: int | None = None, state: SendState | None = None
    ) -> tuple[list[Send], int | None]:
        """Newest first, those of events before this number; and before which number to go on, if there may be more."""

        def read(start: Item | None) -> Rows[Send]:
            page = self._table.query(_all(webhook_id), limit=_PAGE, start=start, forward=False)
            return [Row(key=_place(item), found=self._fitting(item, state)) for item in page.items], page.next_key

        found, following = filled(read, limit, key(webhook_id, before) if before is not None else None)
        return found, _sequence(following) if following else None

    def retries(self, webhook_id: str, limit: int) -> list[Retry]:
        """In order of their time."""
        theirs = KeyCondition("pk").eq(webhook_id) & KeyCondition("sk").begins_with(_RETRY)
        return [_RETRY_STORED.read(item) for item in self._table.query(theirs, limit=limit).items]

    def writing(self, before: Send, after: Send, begun_at: datetime) -> list[Item]:
        """For a transaction: the row, and when it is tried again."""
        expires = {"expires_epoch": int((after.created_at + KEPT).timestamp())}
        row = {**key(after.webhook_id, after.sequence), **_STORED.item(after), **expires}
        operations = [self._table.putting(row)]
        old, new = _retry_key(before), _retry_key(after)
        if old and old != new:
            operations.append(self._table.deleting(old))
        if new and after.next_try_at:
            retry = Retry(sequence=after.sequence, at=after.next_try_at, begun_at=begun_at)
            operations.append(self._table.putting({**new, **_RETRY_STORED.item(retry), **expires}))
        return operations

    def dropping(self, webhook_id: str, retry: Retry) -> Item:
        """For a transaction: a retry whose send is kept no longer."""
        return self._table.deleting(_retry_place(webhook_id, retry.at, retry.sequence))

    def forget(self, webhook_id: str, until: datetime) -> bool:
        """Whatever is kept of an endpoint that is no more; whether all of it is gone by then."""
        for item in self._table.every(KeyCondition("pk").eq(webhook_id)):
            if self._now() >= until:
                return False
            self._table.delete(_place(item))
        return True

    def _fitting(self, item: Item, state: SendState | None) -> Send | None:
        send = _STORED.read(item)
        return send if self._is_kept(item) and state in (None, send.state) else None

    def _is_kept(self, item: Item) -> bool:
        """DynamoDB's own expiry may take days."""
        return int(item["expires_epoch"]) > self._now().timestamp()


def key(webhook_id: str, sequence: int) -> Item:
    return {"pk": webhook_id, "sk": f"send#{sequence:012d}"}


def _place(item: Item) -> Item:
    return {"pk": item["pk"], "sk": item["sk"]}


def _sequence(place: Item) -> int:
    return int(place["sk"].removeprefix("send#"))


def _all(webhook_id: str) -> ConditionBase:
    return KeyCondition("pk").eq(webhook_id) & KeyCondition("sk").begins_with("send#")


def _retry_key(send: Send) -> Item | None:
    return _retry_place(send.webhook_id, send.next_try_at, send.sequence) if send.next_try_at else None


def _retry_place(webhook_id: str, at: datetime, sequence: int) -> Item:
    return {"pk": webhook_id, "sk": f"{_RETRY}{to_text(at)}#{sequence:012d}"}

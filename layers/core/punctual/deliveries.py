"""Deliveries: one post on one channel. Every change names the fence it was made under.

A claim raises the fence and takes a lease; so do edit and cancel. A write under an older fence changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Moment, to_text
from punctual.due import GRACE, NO_CLOCK, clock
from punctual.states import TERMINAL, DeliveryStatus
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table


class Fenced(Exception):
    """Someone else claimed, edited or cancelled the delivery: this worker must stop, and has changed nothing."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    id: str
    post_id: str
    workspace_id: str
    channel_id: str
    provider: str
    status: DeliveryStatus
    rev: int
    due_at: Moment
    """T: the second the user asked for; for "now" the moment of the request."""
    max_delay_seconds: int
    text: str = field(repr=False)
    settings: dict[str, Any] = field(default_factory=dict, repr=False)
    fence: int = 0
    next_at: Moment | None = None
    leased_until: Moment | None = None
    attempt_id: str | None = None
    """Of the attempt that made the last claim."""
    prepared: dict[str, Any] = field(default_factory=dict, repr=False)
    """What the provider's `prepare` kept, for this `rev` only."""
    sending_at: Moment | None = None
    """Set before the irreversible call and cleared only by its answer: while it is set, look before sending."""
    first_sent_at: Moment | None = None
    tries: int = 0
    looks: int = 0
    held_version: int | None = None
    """The grant's version that was found dead; a newer one releases the delivery."""
    woken_by: str | None = None
    started_at: Moment | None = None
    lateness_ms: int | None = None
    completed_at: Moment | None = None
    platform_id: str | None = None
    url: str | None = None
    error: dict[str, Any] | None = None

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def latest_at(self) -> datetime:
        return self.due_at + timedelta(seconds=self.max_delay_seconds)

    def leased(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until > now


_STORED = Stored(Delivery)


class Deliveries:
    def __init__(self, table: Table):
        self._table = table

    def get(self, post_id: str, delivery_id: str) -> Delivery | None:
        item = self._table.get(key(post_id, delivery_id))
        return _STORED.read(item) if item else None

    def of_post(self, post_id: str) -> list[Delivery]:
        condition = KeyCondition("pk").eq(post_id) & KeyCondition("sk").begins_with("delivery#")
        return [_STORED.read(item) for item in self._table.every(condition)]

    def of_channel(
        self, channel_id: str, span: tuple[str, str], limit: int, start: Item | None = None
    ) -> tuple[list[Item], Item | None]:
        """`pk` (the post's id), `sk` and `channel_order` of the channel's deliveries by time, and where to go on."""
        condition = KeyCondition("channel_id").eq(channel_id) & KeyCondition("channel_order").between(*span)
        page = self._table.query(condition, index="by_channel", limit=limit, start=start)
        return page.items, page.next_key

    def waiting_on(self, channel_id: str) -> int:
        """How many unfinished deliveries name the channel."""
        found = self._table.every(KeyCondition("channel_id").eq(channel_id), index="by_channel")
        return sum(1 for item in found if item["status"] not in TERMINAL)

    def claim(self, seen: Delivery, attempt_id: str, until: datetime, **changes: Any) -> Delivery:
        """The delivery under a new fence and a lease. Raises Fenced if it is not as `seen` any more.

        Conditional on fence and phase both: a takeover must not wipe out a `sending` that its read missed. Our own
        claim whose acknowledgement was lost is recognised by the attempt's id.
        """
        changed = {
            "fence": seen.fence + 1,
            "attempt_id": attempt_id,
            "leased_until": to_text(until),
            **clock(seen.post_id, until + GRACE),
            **_plain(changes),
        }
        try:
            item = self._table.update(key(seen.post_id, seen.id), Change(set=changed), _as_seen(seen))
        except ConditionFailed as error:
            item = self._table.get(key(seen.post_id, seen.id)) or {}
            if item.get("attempt_id") != attempt_id:
                raise Fenced() from error
        return _STORED.read(item)

    def write(self, held: Delivery, **changes: Any) -> Delivery:
        """Change a claimed delivery, under its fence. `next_at=None` or a terminal status takes it out of `due`."""
        changed = _plain(changes)
        if changed.get("status") in TERMINAL:
            changed |= {**NO_CLOCK, "leased_until": None}
        elif "next_at" in changes:
            changed |= clock(held.post_id, changes["next_at"]) if changes["next_at"] else NO_CLOCK
        try:
            item = self._table.update(key(held.post_id, held.id), Change(set=changed), Attr("fence").eq(held.fence))
        except ConditionFailed as error:
            raise Fenced() from error
        return _STORED.read(item)

    def putting(self, delivery: Delivery) -> Item:
        return self._table.putting(as_item(delivery), Attr("pk").not_exists())

    def revising(self, seen: Delivery, next_at: datetime | None, **changes: Any) -> Item:
        """For a transaction: an edit or cancel, open while nothing was started that a reader could see."""
        changed = {
            **_plain(changes),
            **({"channel_order": _channel_order(changes["due_at"], seen.post_id)} if "due_at" in changes else {}),
            "fence": seen.fence + 1,
            "leased_until": None,
            "attempt_id": None,
            **(clock(seen.post_id, next_at) if next_at else NO_CLOCK),
        }
        return self._table.updating(key(seen.post_id, seen.id), Change(set=changed), _as_seen(seen))

    def removing(self, seen: Delivery) -> Item:
        return self._table.deleting(key(seen.post_id, seen.id), _as_seen(seen))


def key(post_id: str, delivery_id: str) -> Item:
    return {"pk": post_id, "sk": f"delivery#{delivery_id}"}


def as_item(delivery: Delivery) -> Item:
    item = _STORED.item(delivery)
    in_channel = {"channel_order": _channel_order(delivery.due_at, delivery.post_id)}
    due = clock(delivery.post_id, delivery.next_at) if delivery.next_at else {}
    return {**key(delivery.post_id, delivery.id), **item, **in_channel, **due}


def _channel_order(due_at: datetime, post_id: str) -> str:
    return f"{to_text(due_at)}#{post_id}"


def _as_seen(seen: Delivery) -> ConditionBase:
    sending = Attr("sending_at")
    same_phase = sending.eq(to_text(seen.sending_at)) if seen.sending_at else sending.not_exists()
    return Attr("fence").eq(seen.fence) & Attr("status").eq(seen.status.value) & Attr("rev").eq(seen.rev) & same_phase


def _plain(changes: dict[str, Any]) -> Item:
    """Times and statuses as the table holds them."""
    found: Item = {}
    for name, value in changes.items():
        if isinstance(value, datetime):
            found[name] = to_text(value)
        else:
            found[name] = value.value if isinstance(value, DeliveryStatus) else value
    return found

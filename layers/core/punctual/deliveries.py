"""Deliveries: one post on one channel. Every change names the fence it was made under.

A claim raises the fence and takes a lease; so do edit and cancel. A write under an older fence changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, facets
from punctual.clock import Moment, to_text
from punctual.due import GRACE, NO_CLOCK, clock, clock_of
from punctual.media.wanting import ATTACHED, Attached
from punctual.messages import WokenBy
from punctual.parts import FOLLOW_UP, LIVE, FollowUp, LivePart
from punctual.states import TERMINAL, DeliveryStatus
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

_NOT_GOING_OUT = TERMINAL | {DeliveryStatus.DRAFT}


class Fenced(Exception):
    """Someone else claimed, edited or cancelled the delivery: this worker stops, and has changed nothing."""


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
    attached: tuple[Attached, ...] = ()
    """What the post itself carries here, in order; its follow-ups have their own."""
    stands_for_provider: bool = False
    """Whether lists by provider find the post by this delivery: one of each provider."""
    follow_ups: tuple[FollowUp, ...] = ()
    live: tuple[LivePart, ...] = ()
    """The parts that readers can see, in order; the next one is in hand."""
    part_due_at: Moment | None = None
    """When the follow-up in hand is due; None for the post itself."""
    fence: int = 0
    next_at: Moment | None = None
    act_at: Moment | None = None
    """When there is something to do next, where that is known: the sweep's messages wait for it."""
    leased_until: Moment | None = None
    attempt_id: str | None = None
    """Of the attempt that made the last claim."""
    prepared: dict[str, Any] = field(default_factory=dict, repr=False)
    """What the provider's `prepare` kept for the part in hand, of this `rev` only."""
    sending_at: Moment | None = None
    """Set before the irreversible call and cleared only by its answer: while it is set, look before sending."""
    first_sent_at: Moment | None = None
    first_sent_by: str | None = None
    """The attempt that made the first call: earlier ones made none."""
    fingerprint: str | None = None
    """Of what was sent: only the very same may be sent again."""
    look_at: Moment | None = None
    """Nobody looks earlier: the call's deadline and the platform's settling time."""
    after: tuple[str, str] | None = None
    """Post and delivery that go out before this one, on the same channel at the same second."""
    tries: int = 0
    looks: int = 0
    polls: int = 0
    polling_since: Moment | None = None
    retried_at: Moment | None = None
    """When a person asked for another try: lateness is forgiven up to here."""
    is_restored: bool = False
    """Whether it may have gone out before the stack was restored: only proof that it is live counts then."""
    held_grant: str | None = None
    """The grant that was found dead; another one of its channel releases the delivery."""
    woken_by: WokenBy | None = None
    started_at: Moment | None = None
    lateness_ms: int | None = None
    platform_ms: int | None = None
    """How long the platform took to answer the publishing call."""
    completed_at: Moment | None = None
    platform_id: str | None = None
    url: str | None = None
    error: dict[str, Any] | None = None

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def goes_out(self) -> bool:
        """Whether there is anything to do for it, now or at its time."""
        return self.status not in _NOT_GOING_OUT

    @property
    def part(self) -> int:
        """Which part is in hand; 0 is the post itself."""
        return len(self.live)

    @property
    def part_at(self) -> datetime:
        """When the part in hand is due."""
        return self.part_due_at or self.due_at

    @property
    def earliest_at(self) -> datetime:
        """Before this the part in hand cannot have gone out, whatever became of those before it."""
        return self.due_at + timedelta(seconds=sum(each.delay_seconds for each in self.follow_ups[: self.part]))

    @property
    def latest_at(self) -> datetime:
        """After this the part in hand is not wanted any more."""
        return max(self.part_at, self.retried_at or self.part_at) + timedelta(seconds=self.max_delay_seconds)

    @property
    def is_open(self) -> bool:
        """Whether no part is being sent and none is unknown: what is not live yet can be stopped."""
        return not self.is_terminal and self.sending_at is None

    @property
    def stops_as(self) -> DeliveryStatus:
        """What it is once it is cancelled."""
        return DeliveryStatus.PARTIAL if self.live else DeliveryStatus.CANCELLED

    def leased(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until > now


_STORED = Stored(Delivery)
_STORED_AS: dict[type, Stored[Any]] = {LivePart: LIVE, FollowUp: FOLLOW_UP, Attached: ATTACHED}


class Deliveries:
    def __init__(self, table: Table):
        self._table = table

    def get(self, post_id: str, delivery_id: str) -> Delivery | None:
        item = self._table.get(key(post_id, delivery_id))
        return _STORED.read(item) if item else None

    def of_post(self, post_id: str) -> list[Delivery]:
        condition = KeyCondition("pk").eq(post_id) & KeyCondition("sk").begins_with("delivery#")
        return [_STORED.read(item) for item in self._table.every(condition)]

    def states(self, post_id: str) -> list[tuple[DeliveryStatus, datetime | None]]:
        """Status and clock of each, whatever else is wrong with one."""
        condition = KeyCondition("pk").eq(post_id) & KeyCondition("sk").begins_with("delivery#")
        return [(DeliveryStatus(item["status"]), clock_of(item)) for item in self._table.every(condition)]

    def of_channel(
        self, channel_id: str, span: tuple[str, str], limit: int, start: Item | None = None, *, forward: bool = True
    ) -> tuple[list[Item], Item | None]:
        """`pk` (the post's id), `sk` and `channel_order` of the channel's deliveries by time, and where to go on."""
        condition = KeyCondition("channel_id").eq(channel_id) & KeyCondition("channel_order").between(*span)
        page = self._table.query(condition, index="by_channel", limit=limit, start=start, forward=forward)
        return page.items, page.next_key

    def before(self, seen: Delivery) -> tuple[str, str] | None:
        """Post and delivery that are to go out just before this one: same channel and second, written earlier."""
        second = to_text(seen.due_at.replace(microsecond=0))
        condition = KeyCondition("channel_order").between(second, _channel_order(seen.due_at, seen.post_id))
        whole = KeyCondition("channel_id").eq(seen.channel_id) & condition
        found = self._table.query(whole, index="by_channel", limit=5, forward=False)
        for item in found.items:
            if item["pk"] != seen.post_id and item["status"] not in _NOT_GOING_OUT:
                return item["pk"], item["sk"].removeprefix("delivery#")
        return None

    def sent_on(self, channel_id: str, since: datetime, until: datetime) -> list[Item]:
        """Index rows (`channel_order`, `status`, `live_ids` …) of the channel's deliveries due in this span."""
        condition = KeyCondition("channel_order").between(to_text(since), f"{to_text(until)}#~")
        return list(self._table.every(KeyCondition("channel_id").eq(channel_id) & condition, index="by_channel"))

    def take_id(self, held: Delivery, platform_id: str) -> bool:
        """Whether this delivery is the first to call that post of the platform its own."""
        item = {"pk": f"live#{held.channel_id}", "sk": platform_id, "delivery_id": held.id}
        try:
            self._table.put(item, Attr("pk").not_exists() | Attr("delivery_id").eq(held.id))
        except ConditionFailed:
            return False
        return True

    def unfinished_on(self, channel_id: str) -> Iterator[Item]:
        """Index rows of what names the channel and is to go out, or may have; by time."""
        found = self._table.every(KeyCondition("channel_id").eq(channel_id), index="by_channel")
        return (item for item in found if item["status"] not in _NOT_GOING_OUT)

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
        changed = {**_plain(changes), **acting.mark()}
        if changed.get("status") in TERMINAL:
            changed |= {**NO_CLOCK, "leased_until": None, "act_at": None}
        elif "next_at" in changes:
            changed |= clock(held.post_id, changes["next_at"]) if changes["next_at"] else NO_CLOCK
        try:
            item = self._table.update(key(held.post_id, held.id), Change(set=changed), Attr("fence").eq(held.fence))
        except ConditionFailed as error:
            raise Fenced() from error
        return _STORED.read(item)

    def putting(self, delivery: Delivery) -> Item:
        return self._table.putting({**as_item(delivery), **acting.mark()}, Attr("pk").not_exists())

    def revising(self, seen: Delivery, next_at: datetime | None, **changes: Any) -> Item:
        """For a transaction: an edit or cancel, open while nothing was started that a reader could see."""
        changed = {
            **_plain(changes),
            **(_orders(replace(seen, **changes)) if "due_at" in changes else {}),
            "fence": seen.fence + 1,
            "leased_until": None,
            "attempt_id": None,
            "act_at": None,
            **(clock(seen.post_id, next_at) if next_at else NO_CLOCK),
            **acting.mark(),
        }
        return self._table.updating(key(seen.post_id, seen.id), Change(set=changed), _as_seen(seen))

    def removing(self, seen: Delivery) -> Item:
        return self._table.deleting(key(seen.post_id, seen.id), _as_seen(seen))


def read(item: Item) -> Delivery:
    """Raises Unreadable."""
    return _STORED.read(item)


def key(post_id: str, delivery_id: str) -> Item:
    return {"pk": post_id, "sk": f"delivery#{delivery_id}"}


def as_item(delivery: Delivery) -> Item:
    item = _STORED.item(delivery)
    if not delivery.attached:
        del item["attached"]
    due = clock(delivery.post_id, delivery.next_at) if delivery.next_at else {}
    return {**key(delivery.post_id, delivery.id), **item, **_orders(delivery), **due}


def _orders(delivery: Delivery) -> Item:
    """Where indexes have it."""
    order = _channel_order(delivery.due_at, delivery.post_id)
    entry = facets.entry(delivery.workspace_id, "provider", delivery.provider, order)
    return {"channel_order": order, **(entry if delivery.stands_for_provider else facets.NONE)}


def _channel_order(due_at: datetime, post_id: str) -> str:
    return f"{to_text(due_at)}#{post_id}"


def _as_seen(seen: Delivery) -> ConditionBase:
    sending = Attr("sending_at")
    same_phase = sending.eq(to_text(seen.sending_at)) if seen.sending_at else sending.not_exists()
    return Attr("fence").eq(seen.fence) & Attr("status").eq(seen.status.value) & Attr("rev").eq(seen.rev) & same_phase


def _plain(changes: dict[str, Any]) -> Item:
    """Changes as the table holds them; what is live is also kept as a list of ids, for the index."""
    found = {name: _stored(value) for name, value in changes.items()}
    if "live" in changes:
        found["live_ids"] = [part.platform_id for part in changes["live"] if part.platform_id] or None
    return found


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, DeliveryStatus):
        return value.value
    if kind := _STORED_AS.get(type(value)):
        return kind.item(value)
    return [_stored(each) for each in value] if isinstance(value, tuple) else value

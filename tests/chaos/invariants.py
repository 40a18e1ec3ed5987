"""What must hold at the end of a storm, whatever happened in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from punctual.attempts import Attempt, Attempts
from punctual.deliveries import Delivery
from punctual.posts import Post
from punctual.states import TERMINAL, DeliveryStatus, roll_up
from punctual.stored import Stored
from punctual.tables import Table
from tests.chaos import following
from tests.chaos.hosts import Host
from tests.chaos.ledger import Shown, name_of
from tests.chaos.scripts import forgets_its_key, refuses, spoils_answers
from tests.chaos.town import Town

__all__ = ["Host", "Violation", "deliveries", "goes_on", "standing", "violations"]

_SURE = frozenset({"key", "chosen_id", "handle"})
_NOTHING_LIVE = frozenset({DeliveryStatus.ERROR, DeliveryStatus.MISSED, DeliveryStatus.CANCELLED, DeliveryStatus.HELD})
_MAYBE_LIVE = frozenset({DeliveryStatus.UNCONFIRMED, DeliveryStatus.PUBLISHING})
_AMPLE_SECONDS = 14_400
_SKEW = timedelta(seconds=2.5)
_SEARCHED = frozenset({"search", "duplicate_rejection"})
_STORED_WITHIN = timedelta(seconds=5)
Claim: TypeAlias = tuple[Delivery, datetime]
_DELIVERY, _POST = Stored(Delivery), Stored(Post)


@dataclass(frozen=True)
class Violation:
    rule: str
    seed: int
    about: str
    story: str


def rows(town: Town, prefix: str) -> Iterator[dict[str, Any]]:
    for (_, sk), row in list(town.dynamodb.tables["WorkTable"].rows.items()):
        if sk.startswith(prefix):
            yield row.item


def deliveries(town: Town) -> list[Delivery]:
    return [_DELIVERY.read(item) for item in rows(town, "delivery#")]


def posts(town: Town) -> list[Post]:
    return [_POST.read(item) for item in rows(town, "post")]


def serial_of(delivery: Delivery) -> int:
    return name_of(delivery.text).serial


def protection_of(delivery: Delivery) -> str:
    return str(delivery.settings.get("protection", "key"))


def texts_of(delivery: Delivery) -> list[str]:
    return [delivery.text, *(part.text for part in delivery.follow_ups)]


def shown_of(town: Town, delivery: Delivery) -> list[Shown]:
    handle = town.ledger.handles.get(delivery.channel_id)
    return [each for each in town.ledger.shown if (each.name.serial, each.handle) == (serial_of(delivery), handle)]


def goes_on(town: Town, delivery: Delivery) -> bool:
    """Whether its state is not its last; UNCONFIRMED is, where its platform can be neither asked nor told again."""
    if delivery.status is DeliveryStatus.UNCONFIRMED:
        return DeliveryStatus.UNCONFIRMED not in allowed(town, delivery)
    return delivery.goes_out


def allowed(town: Town, delivery: Delivery) -> set[DeliveryStatus]:
    """The states that it may end in, after what was done to it."""
    S, protection = DeliveryStatus, protection_of(delivery)  # noqa: N806
    marks = town.ledger.marks[delivery.id] | town.ledger.marks[delivery.post_id]
    text = " ".join(texts_of(delivery))
    found = {S.COMPLETED}
    is_short = delivery.max_delay_seconds < _AMPLE_SECONDS
    if refuses(text, asked="processing_seconds" in delivery.settings) or "resolved" in marks:
        found |= {S.ERROR, S.PARTIAL}
    if "cancel" in marks:
        found |= {S.CANCELLED, S.PARTIAL}
    if is_short:
        found |= {S.MISSED, S.PARTIAL}
    if town.ledger.marks[delivery.channel_id] & {"deleted"}:
        # MISSED: whoever disconnected it was not answered and did not ask again, so that posts are held to their end.
        found |= {S.CANCELLED, S.ERROR, S.MISSED, S.PARTIAL, S.UNCONFIRMED}
    if town.ledger.is_restored:
        found |= {S.UNCONFIRMED, S.MISSED, S.PARTIAL}
    is_twin = town.ledger.owners[serial_of(delivery)] > 1
    is_spoilt = is_twin or "fault" in marks or spoils_answers(text)
    if protection not in _SURE and is_spoilt:
        found |= {S.UNCONFIRMED}
    if protection == "key" and is_spoilt and (is_short or refuses(text, asked=True) or forgets_its_key(text)):
        found |= {S.UNCONFIRMED}
    return found


def violations(town: Town, seed: int) -> list[Violation]:
    """Once everything is settled."""
    found = [*_lost(town), *_posts_wrong(town), *following.wrong(town)]
    for delivery in deliveries(town):
        found += [(rule, delivery.id) for rule in _ends_wrong(town, delivery)]
    return [*standing(town, seed), *(Violation(rule, seed, about, _story(town, about)) for rule, about in found)]


def standing(town: Town, seed: int = 0) -> list[Violation]:
    """What may not be at any time."""
    found = list(town.ledger.broken)
    for delivery in deliveries(town):
        found += [(rule, delivery.id) for rule in _wrong(town, delivery)]
    found += _ghosts(town)
    return [Violation(rule, seed, about, _story(town, about)) for rule, about in found]


def _lost(town: Town) -> Iterator[tuple[str, str]]:
    there = {post.id for post in posts(town)}
    for post_id in town.ledger.accepted:
        if post_id not in there and not town.ledger.marks[post_id] & {"deleted", "vanished"}:
            yield "lost: an accepted post is not there", post_id


def _posts_wrong(town: Town) -> Iterator[tuple[str, str]]:
    for post in posts(town):
        mine = [each.status for each in deliveries(town) if each.post_id == post.id]
        if mine and post.status != roll_up(mine):
            yield f"post is {post.status}, its deliveries are {' '.join(sorted(mine))}", post.id
        if post.next_at and all(each in TERMINAL for each in mine):
            yield "a settled post keeps a clock", post.id


def _ends_wrong(town: Town, delivery: Delivery) -> Iterator[str]:
    status = delivery.status
    if delivery.goes_out and status is not DeliveryStatus.UNCONFIRMED:
        yield f"lost: still {status} long after the storm"
    elif status is DeliveryStatus.UNCONFIRMED and _is_known(town, delivery):
        yield "ends UNCONFIRMED although an attempt of its own was published"
    elif status not in allowed(town, delivery) | {DeliveryStatus.DRAFT}:
        yield f"ends {status} under {protection_of(delivery)}, and must not"


def _is_known(town: Town, delivery: Delivery) -> bool:
    mine = [each for each in _attempts(town, delivery) if (each.rev, each.part) == (delivery.rev, delivery.part)]
    return not delivery.is_restored and any(each.outcome == "published" for each in mine)


def _wrong(town: Town, delivery: Delivery) -> Iterator[str]:
    status = delivery.status
    by_id = {each.id: each for each in shown_of(town, delivery)}
    texts = texts_of(delivery)
    for place, part in enumerate(delivery.live):
        if part.platform_id not in by_id:
            yield f"lost: part {place} is said to be live as {part.platform_id}, which is not there"
        elif by_id[part.platform_id].text != texts[place]:
            yield f"part {place} is live with another text"
    yield from _out_of_time(town, delivery, by_id)
    yield from _out_of_place(delivery, by_id)
    if status is DeliveryStatus.COMPLETED and len(delivery.live) != len(texts):
        yield "COMPLETED with parts missing"
    if status in _NOTHING_LIVE - {DeliveryStatus.HELD} and delivery.live:
        yield f"{status} with live parts"


def _out_of_time(town: Town, delivery: Delivery, by_id: dict[str, Shown]) -> Iterator[str]:
    latest_at = max(delivery.due_at, delivery.retried_at or delivery.due_at) + _patience(delivery)
    if delivery.status is DeliveryStatus.MISSED and delivery.completed_at < latest_at - _SKEW:
        yield "MISSED before it was too late"
    if not delivery.live or "resolved" in town.ledger.marks[delivery.id] or town.ledger.is_restored:
        return
    shown = by_id.get(delivery.live[0].platform_id)
    if shown and delivery.due_at - shown.arrived_at > _SKEW:
        yield f"went out {delivery.due_at - shown.arrived_at} before its time"
    if delivery.started_at - latest_at > 2 * _SKEW:
        yield f"was sent {delivery.started_at - latest_at} after it was too late"


def _patience(delivery: Delivery) -> timedelta:
    return timedelta(seconds=delivery.max_delay_seconds)


def _out_of_place(delivery: Delivery, by_id: dict[str, Shown]) -> Iterator[str]:
    for place, part in enumerate(delivery.live):
        shown = by_id.get(part.platform_id)
        kind = delivery.follow_ups[place - 1].kind if place else "post"
        parent = None if kind == "post" else delivery.live[0 if kind == "comment" else place - 1].platform_id
        if shown and shown.in_reply_to != parent:
            yield f"part {place} answers {shown.in_reply_to}, not {parent}"


def _ghosts(town: Town) -> Iterator[tuple[str, str]]:
    """Posts on the timeline that no delivery says to be live, nor may have."""
    claimed: dict[str, Claim] = {}
    for delivery in deliveries(town):
        for part in delivery.live:
            first, _ = claimed.setdefault(part.platform_id, (delivery, part.live_at))
            if first is not delivery and not _was_mistaken(town, claimed[part.platform_id], (delivery, part.live_at)):
                yield f"{part.platform_id} is said to be live by {first.id} too", delivery.id
    unsure = [each for each in deliveries(town) if each.status in _MAYBE_LIVE]
    unclaimed = [each for each in town.ledger.shown if each.id not in claimed]
    for shown in (each for each in unclaimed if "vanished" not in town.ledger.marks[f"~{each.name.serial}~"]):
        mine = next((each for each in unsure if _may_be(town, each, shown)), None)
        if mine and not mine.is_restored:
            unsure.remove(mine)
        elif not mine and not _is_mixed_up(town, shown):
            yield f"{shown.name} of {shown.handle} is on the timeline, and no delivery says so", _owner(town, shown)


def _was_mistaken(town: Town, one: Claim, other: Claim) -> bool:
    """Known: who searches while a post that says the very same is being stored takes it for its own."""
    (earlier, at), (later, then) = sorted((one, other), key=lambda claim: claim[1])
    if earlier.text != later.text:
        return False
    if protection_of(later) in _SEARCHED and any(
        each.step == "look" and each.outcome == "published" for each in _attempts(town, later)
    ):
        return then - at < _STORED_WITHIN
    return protection_of(earlier) in _SEARCHED


def _is_mixed_up(town: Town, shown: Shown) -> bool:
    """One of posts that say the very same, of which as many are said to be live, or may be, as there are: known, as
    above."""
    if town.ledger.owners[shown.name.serial] < 2:
        return False
    ids = {each.id for each in town.ledger.shown if (each.handle, each.text) == (shown.handle, shown.text)}
    claims = sum(part.platform_id in ids for delivery in deliveries(town) for part in delivery.live)
    unsure = sum(_may_be(town, each, shown) for each in deliveries(town) if each.status in _MAYBE_LIVE)
    return claims + unsure >= len(ids)


def _may_be(town: Town, delivery: Delivery, shown: Shown) -> bool:
    """After a restore the parts behind the one in hand may be live as well."""
    left = texts_of(delivery)[delivery.part :]
    is_mine = shown.handle == town.ledger.handles.get(delivery.channel_id)
    return is_mine and shown.text in (left if delivery.is_restored else left[:1])


def _owner(town: Town, shown: Shown) -> str:
    for delivery in deliveries(town):
        if serial_of(delivery) == shown.name.serial and town.ledger.handles.get(delivery.channel_id) == shown.handle:
            return delivery.id
    return ""


def _story(town: Town, about: str) -> str:
    delivery = next((each for each in deliveries(town) if each.id == about), None)
    post_id = delivery.post_id if delivery else about
    channel_id = delivery.channel_id if delivery else about
    lines = [str(line) for line in town.ledger.story({about, post_id, channel_id})] if about else []
    if delivery:
        lines += [f"in the end: {delivery}", *(f"attempt: {each}" for each in _attempts(town, delivery))]
        lines += [f"texts: {texts_of(delivery)}", f"marks: {town.ledger.marks[about]} {town.ledger.marks[post_id]}"]
    return "\n".join(lines)


def _attempts(town: Town, delivery: Delivery) -> list[Attempt]:
    return Attempts(Table(town.dynamodb, "WorkTable"), town.stage.now).of_delivery(delivery)

"""Messages that failed five times: no delivery may be lost with one, and none may be tried for ever.

A delivery has a clock, and the sweep sends it another message each minute, so most dead letters need nothing. A
delivery that is past its time, or that cannot even be read, is brought to a named end here: by the attributes alone,
since reading it whole may be what fails.

    being sent, or sent and unknown   UNCONFIRMED; looked at for a day more if it can be read, else never again
    parts of it are live              PARTIAL
    past its time                     MISSED
    unreadable                        ERROR
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual import deliveries
from punctual.attempts import Attempts
from punctual.clock import Now, to_text
from punctual.deliveries import Delivery
from punctual.due import NO_CLOCK, SWEEP, clock
from punctual.messages import Ended, Message, Wake
from punctual.posts import Posts
from punctual.states import TERMINAL, DeliveryStatus
from punctual.stored import Unreadable
from punctual.tables import Change, ConditionFailed, Item, Table

log = logging.getLogger(__name__)

LOOKED_FOR = timedelta(days=1)
_WATCHED = ("fence", "status", "rev", "sending_at", "leased_until")
_MESSAGES = {
    DeliveryStatus.UNCONFIRMED: "Punctual could not find out whether it is live. Look at the account, then resolve it.",
    DeliveryStatus.PARTIAL: "Punctual could not send the rest; what is live stays.",
    DeliveryStatus.MISSED: "Punctual could not send it in time; nothing is live.",
    DeliveryStatus.ERROR: "Punctual could not read what it had stored about it, and did not send it; nothing is live.",
}


class DeadLetters:
    def __init__(self, *, table: Table, posts: Posts, attempts: Attempts, now: Now):
        self._table = table
        self._posts = posts
        self._attempts = attempts
        self._now = now

    def settle(self, message: Message) -> str:
        """What became of it: `wake`, `gone`, `settled`, `left` to the sweep, or the status that it now has.

        Raises what AWS raises; the message then comes again.
        """
        if isinstance(message, Wake):
            return "wake"
        if isinstance(message, Ended):
            self._tell(message)
        found = self._settled(message.post_id, message.delivery_id)
        log.warning("dead letter", extra={"delivery_id": message.delivery_id, "became": found})
        return found

    def _tell(self, ended: Ended) -> None:
        """What an attempt found out is true however late it is stored."""
        try:
            self._attempts.end(ended)
        except ConditionFailed:
            log.info("the attempt is gone", extra={"attempt_id": ended.attempt_id})

    def _settled(self, post_id: str, delivery_id: str) -> str:
        while True:
            item = self._table.get(deliveries.key(post_id, delivery_id))
            if item is None:
                return "gone"
            if str(item.get("status")) in TERMINAL:
                return "settled"
            changes = self._end_of(item)
            if changes is None:
                return "left"
            try:
                self._table.update(deliveries.key(post_id, delivery_id), Change(set=changes), _unchanged(item))
            except ConditionFailed:
                continue
            self._posts.roll_up(post_id)
            return str(changes["status"])

    def _end_of(self, item: Item) -> Item | None:
        """None: someone is at it, or the sweep will see to it."""
        now, seen = self._now(), _read(item)
        if str(item.get("leased_until", "")) > to_text(now):
            return None
        if seen and (now <= seen.latest_at or _is_looked_for(seen, now)):
            return None
        status = _status(item, seen)
        changes: dict[str, Any] = {
            "status": status.value,
            "error": {"code": "dead_letter", "message": _MESSAGES[status]},
            **NO_CLOCK,
            **dict.fromkeys(("leased_until", "act_at")),
        }
        if isinstance(item.get("fence"), int):
            changes["fence"] = item["fence"] + 1
        if status in TERMINAL:
            return {**changes, "completed_at": to_text(now)}
        if seen and now < _looked_for_until(seen):
            changes |= clock(seen.post_id, now + SWEEP)
        return changes


def _read(item: Item) -> Delivery | None:
    try:
        return deliveries.read(item)
    except Unreadable as error:
        log.error("a delivery cannot be read", extra={"item": item.get("sk"), "why": str(error)})
        return None


def _is_looked_for(seen: Delivery, now: datetime) -> bool:
    """It has its name already, and the look goes on."""
    return seen.status is DeliveryStatus.UNCONFIRMED and now < _looked_for_until(seen)


def _looked_for_until(seen: Delivery) -> datetime:
    return (seen.first_sent_at or seen.sending_at or seen.part_at) + LOOKED_FOR


def _status(item: Item, seen: Delivery | None) -> DeliveryStatus:
    if item.get("sending_at") or item.get("status") == DeliveryStatus.UNCONFIRMED:
        return DeliveryStatus.UNCONFIRMED
    if item.get("live"):
        return DeliveryStatus.PARTIAL
    return DeliveryStatus.MISSED if seen else DeliveryStatus.ERROR


def _unchanged(item: Item) -> ConditionBase:
    """By the attributes that every other writer changes; whatever they hold."""
    condition: ConditionBase = Attr("pk").exists()
    for name in _WATCHED:
        value = item.get(name)
        condition &= Attr(name).not_exists() if name not in item else Attr(name).eq(value)
    return condition

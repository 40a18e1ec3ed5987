"""The duplicate guard: one channel does not say the same twice within a day of each other, unless asked to.

A guard item stands for a text, and its media, on a channel on a UTC day, and names the delivery that says it; it is
written in the post's own transaction, so that of two posts at once one is told. It is not kept up to date: whether the
delivery that it names still says so is looked up where it matters.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr

from punctual.clock import to_text
from punctual.deliveries import Deliveries, Delivery
from punctual.problems import Conflict
from punctual.states import DeliveryStatus
from punctual.tables import Item, Table

WINDOW = timedelta(hours=24)
_KEPT = timedelta(days=2)
_NOT_OUT = frozenset({DeliveryStatus.DRAFT, DeliveryStatus.ERROR, DeliveryStatus.MISSED, DeliveryStatus.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """`channel_id` says the same already, or is going to."""

    channel_id: str
    earlier: Delivery

    def body(self) -> dict[str, Any]:
        return {
            "channel_id": self.channel_id,
            "post_id": self.earlier.post_id,
            "delivery_id": self.earlier.id,
            "status": self.earlier.status.value,
            "scheduled_at": to_text(self.earlier.due_at),
            "url": self.earlier.url,
        }


class DuplicatePost(Conflict):
    def __init__(self, found: Sequence[Duplicate]):
        detail = "The same text is due on this channel within 24 hours. Change it, or send allow_duplicate: true."
        super().__init__("duplicate_post", detail, more={"duplicates": [each.body() for each in found]})


class Duplicates:
    def __init__(self, table: Table, deliveries: Deliveries):
        self._table = table
        self._deliveries = deliveries

    def guarding(self, wanted: Sequence[Delivery], *, allowed: bool) -> tuple[list[Item], list[Duplicate]]:
        """For a transaction that writes these deliveries; and what they would repeat, which nothing guards."""
        rows = {(row["pk"], row["sk"]): row for row in self._rows(wanted)}
        guards, found = [], []
        for each in wanted:
            near = [rows[key] for key in _keys(each) if key in rows]
            earlier = None if allowed else self._earlier(each, near)
            if earlier:
                found.append(Duplicate(channel_id=each.channel_id, earlier=earlier))
                continue
            pk, sk = _keys(each)[0]
            guard = _guard(each)
            seen = rows.get((pk, sk))
            if seen and all(seen.get(name) == value for name, value in guard.items()):
                continue
            guards.append(self._table.putting(guard, None if allowed else _as_seen(seen)))
        return guards, found

    def _rows(self, wanted: Sequence[Delivery]) -> list[Item]:
        keys = [{"pk": pk, "sk": sk} for each in wanted for pk, sk in _keys(each)]
        return self._table.get_all(keys) if keys else []

    def _earlier(self, mine: Delivery, rows: Sequence[Item]) -> Delivery | None:
        for row in rows:
            if row["post_id"] == mine.post_id:
                continue
            other = self._deliveries.get(row["post_id"], row["delivery_id"])
            if other and _says_the_same(mine, other):
                return other
        return None


def _says_the_same(mine: Delivery, other: Delivery) -> bool:
    is_near = abs(other.due_at - mine.due_at) < WINDOW
    return is_near and other.status not in _NOT_OUT and _said(other) == _said(mine)


def _keys(delivery: Delivery) -> list[tuple[str, str]]:
    """Its own guard's first, then those of the days beside it."""
    days = [delivery.due_at + timedelta(days=days) for days in (0, -1, 1)]
    said = _said(delivery)
    return [(f"said#{delivery.channel_id}", f"{said}#{day:%Y-%m-%d}") for day in days]


def _guard(delivery: Delivery) -> Item:
    pk, sk = _keys(delivery)[0]
    return {
        "pk": pk,
        "sk": sk,
        "post_id": delivery.post_id,
        "delivery_id": delivery.id,
        "due_at": to_text(delivery.due_at),
        "expires_epoch": int((delivery.due_at + _KEPT).timestamp()),
    }


def _as_seen(row: Item | None) -> Any:
    if row is None:
        return Attr("pk").not_exists()
    return Attr("delivery_id").eq(row["delivery_id"]) & Attr("due_at").eq(row["due_at"])


def _said(delivery: Delivery) -> str:
    """The same for what readers see as the same: neither spaces nor the ways to write a letter count, and of media
    which they are and their order."""
    seen = " ".join(unicodedata.normalize("NFC", delivery.text).split())
    whole = "\0".join([seen, *(each.media_id for each in delivery.attached)])
    return hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()[:32]

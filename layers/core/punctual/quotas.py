"""How much of what a platform allows an account is used at a time; counted a little late, by an index."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from punctual.clock import to_text
from punctual.deliveries import Deliveries
from punctual.providers.base import Cap
from punctual.states import UNFINISHED, DeliveryStatus
from punctual.tables import Item

_MADE = frozenset({DeliveryStatus.COMPLETED, DeliveryStatus.PARTIAL, DeliveryStatus.UNCONFIRMED})


@dataclass(frozen=True, kw_only=True)
class Before:
    """All of a channel's posts but this one, which later ones do not go before."""

    channel_id: str
    post_id: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Usage:
    """`resets_at`: when the oldest that counts does so no more; `free_at`: when there is room again; None: there is."""

    cap: Cap
    used: int
    resets_at: datetime | None
    free_at: datetime | None


def usage(deliveries: Deliveries, cap: Cap, before: Before, at: datetime) -> Usage:
    window = timedelta(seconds=cap.seconds)
    rows = deliveries.sent_on(before.channel_id, at - 2 * window, at)
    made = sorted(_made_at(row) for row in rows if row["pk"] != before.post_id and _counts(row, before))
    recent = [each for each in made if each > at - window]
    is_full = len(recent) >= cap.posts
    return Usage(
        cap=cap,
        used=len(recent),
        resets_at=recent[0] + window if recent else None,
        free_at=recent[-cap.posts] + window if is_full else None,
    )


def _counts(row: Item, before: Before) -> bool:
    """What went out, or may have; and what is to go out before this one."""
    is_before = str(row["channel_order"]) < f"{to_text(before.due_at)}#{before.post_id}"
    return row["status"] in _MADE or (row["status"] in UNFINISHED and is_before)


def _made_at(row: Item) -> datetime:
    return datetime.fromisoformat(str(row.get("completed_at") or str(row["channel_order"]).partition("#")[0]))

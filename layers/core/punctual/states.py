"""The states of deliveries and of posts, and how the second follows from the first."""

from collections.abc import Sequence
from enum import StrEnum


class DeliveryStatus(StrEnum):
    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    READY = "READY"
    PUBLISHING = "PUBLISHING"
    COMPLETED = "COMPLETED"
    ERROR = "ERROR"
    UNCONFIRMED = "UNCONFIRMED"
    PARTIAL = "PARTIAL"
    HELD = "HELD"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


class PostStatus(StrEnum):
    DRAFT = "DRAFT"
    SCHEDULED = "SCHEDULED"
    PUBLISHING = "PUBLISHING"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    UNCONFIRMED = "UNCONFIRMED"
    HELD = "HELD"
    ERROR = "ERROR"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


WAITING = frozenset({DeliveryStatus.SCHEDULED, DeliveryStatus.READY})
"""Nothing has been started that a reader could see: edit and cancel are open, as they are while HELD."""

UNFINISHED = WAITING | {DeliveryStatus.PUBLISHING}

TERMINAL = frozenset(
    {
        DeliveryStatus.COMPLETED,
        DeliveryStatus.ERROR,
        DeliveryStatus.PARTIAL,
        DeliveryStatus.MISSED,
        DeliveryStatus.CANCELLED,
    }
)

ENDED = frozenset(PostStatus(status.value) for status in TERMINAL)
"""Of posts: as deliveries that are over."""

_LIVE = frozenset({DeliveryStatus.COMPLETED, DeliveryStatus.PARTIAL})
_WORST_FIRST = (
    DeliveryStatus.UNCONFIRMED,
    DeliveryStatus.HELD,
    DeliveryStatus.ERROR,
    DeliveryStatus.MISSED,
    DeliveryStatus.CANCELLED,
)


def roll_up(deliveries: Sequence[DeliveryStatus]) -> PostStatus:
    """A post's state from those of its deliveries; a post without any is a draft."""
    found = set(deliveries)
    if found <= {DeliveryStatus.DRAFT}:
        return PostStatus.DRAFT
    if found <= WAITING:
        return PostStatus.SCHEDULED
    if found & UNFINISHED:
        return PostStatus.PUBLISHING
    if len(found) == 1:
        return PostStatus(found.pop())
    if found & _LIVE:
        return PostStatus.PARTIAL
    return PostStatus(next(status for status in _WORST_FIRST if status in found))

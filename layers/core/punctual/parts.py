"""Parts of a delivery: the post itself, the rest of its thread, a first comment. Each is published by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from punctual.clock import Moment
from punctual.media.wanting import Attached, Wanted
from punctual.providers.base import PartKind, Published
from punctual.stored import Stored


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """A part that answers an earlier one, `delay_seconds` after the part before it was live."""

    kind: PartKind
    text: str = field(repr=False)
    delay_seconds: int = 0
    media: tuple[Wanted, ...] = ()
    attached: tuple[Attached, ...] = ()
    """Of a delivery's part: what its media became for its platform."""


@dataclass(frozen=True, kw_only=True)
class LivePart:
    """A part that readers can see. `extra` is the provider's own, for what answers it."""

    platform_id: str
    url: str
    live_at: Moment
    extra: Mapping[str, str] = field(default_factory=dict)
    deleted_at: Moment | None = None
    """When it was taken down again, on the user's request."""

    def published(self) -> Published:
        return Published(platform_id=self.platform_id, url=self.url, extra=self.extra)


def all_deleted_at(live: Sequence[LivePart]) -> datetime | None:
    """When the last of what was live was taken down again; None while some of it is live, or nothing ever was."""
    gone = [part.deleted_at for part in live if part.deleted_at]
    return max(gone) if gone and len(gone) == len(live) else None


LIVE = Stored(LivePart)
FOLLOW_UP = Stored(FollowUp)

"""What a rendition is to be. Two platforms that want the same share one."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Literal

from punctual.providers.media import MediaKind


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A rendition is upright, holds no metadata but its colours', and is no larger than the source and these limits."""

    kind: MediaKind
    """What it becomes: an animation may become a video, a video's frame an image."""
    type: str
    """MIME."""
    max_bytes: int | None = None
    max_width: int | None = None
    max_height: int | None = None
    max_pixels: int | None = None
    video: Literal["copy", "encode"] | None = None
    """`copy`: the same streams in another container, or without what must not be there; `encode`: H.264 and AAC."""
    audio: Literal["copy", "encode"] | None = None
    max_frame_rate: float | None = None
    max_bit_rate: int | None = None
    frame_ms: int | None = None
    """The image is the video's frame at that time."""

    @property
    def key(self) -> str:
        """The same for the same recipe, in every version of Python."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


MAX_TRANSCODED_PIXELS = 18_000_000_000
"""Of all frames together, some five minutes of 1080p at 30 a second: what one invocation of 15 minutes surely encodes
(docs/decisions.md)."""
MAX_TRANSCODED_SECONDS = 1_800

THUMBNAIL = Recipe(kind="image", type="image/jpeg", max_width=640, max_height=640, max_bytes=200_000)
"""What people see of a media in lists."""
_SHOWN_MS = 1000
"""Films begin dark."""


def thumbnail(kind: MediaKind, duration_ms: int | None = None) -> Recipe | None:
    """Of a video, a frame. None: nothing is drawn of a document."""
    if kind == "document":
        return None
    if kind != "video":
        return THUMBNAIL
    return replace(THUMBNAIL, frame_ms=_SHOWN_MS if (duration_ms or 0) > _SHOWN_MS else 0)

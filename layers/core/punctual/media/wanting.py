"""What a post says of media, and what a delivery then needs of them."""

from dataclasses import dataclass, field

from punctual.stored import Stored

MAX_ALT_TEXT = 4_000
"""Of a media, and of one as a post has it; each platform says its own limit."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One file as a part of a post carries it; `alt_text` None: as the media itself has it."""

    id: str
    alt_text: str | None = field(default=None, repr=False)
    cover_ms: int | None = None
    cover_id: str | None = None
    """A picture that stands for a video."""


@dataclass(frozen=True, kw_only=True)
class Attached:
    """One file as a delivery's part carries it: a rendition of a media, or the media as it is (None)."""

    media_id: str
    rendition: str | None = None
    """The key of its recipe."""
    alt_text: str = field(default="", repr=False)
    cover_ms: int | None = None
    cover_id: str | None = None
    cover_rendition: str | None = None

    @property
    def media_ids(self) -> tuple[str, ...]:
        return (self.media_id, self.cover_id) if self.cover_id else (self.media_id,)

    @property
    def renditions(self) -> tuple[tuple[str, str], ...]:
        """Each as its media and its key."""
        pairs = ((self.media_id, self.rendition), (self.cover_id, self.cover_rendition))
        return tuple((media_id, key) for media_id, key in pairs if media_id and key)


WANTED = Stored(Wanted)
ATTACHED = Stored(Attached)

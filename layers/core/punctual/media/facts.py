"""What probing found in a file: by its content, never by its name."""

from dataclasses import dataclass

from punctual.providers.media import MediaKind


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`width` and `height` are as shown, after `orientation` (EXIF's 1 to 8, a video's turn as such) was applied; 0 of
    a document, whose pages may differ."""

    kind: MediaKind
    type: str
    """MIME, one of `punctual.providers.media.SUFFIXES`."""
    bytes: int
    sha256: str
    """In hex."""
    width: int = 0
    height: int = 0
    orientation: int = 1
    frames: int | None = None
    """Of an animation."""
    pages: int | None = None
    """Of a document."""
    duration_ms: int | None = None
    frame_rate: float | None = None
    """The mean."""
    is_frame_rate_variable: bool = False
    video_codec: str | None = None
    """As FFmpeg calls it."""
    audio_codec: str | None = None
    """None: there is no sound."""
    bit_rate: int | None = None
    has_alpha: bool = False
    has_location: bool = False
    """Whether it says where it was taken: only of a file just probed, since that is taken out."""

    @property
    def ratio(self) -> float:
        return self.width / self.height

    @property
    def seconds(self) -> float:
        return (self.duration_ms or 0) / 1000

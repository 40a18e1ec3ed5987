"""The words that providers and the core share about media: what a platform takes, and what it is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

MediaKind: TypeAlias = Literal["image", "animation", "video", "document"]
"""`animation`: a picture that moves (GIF, APNG, animated WebP or AVIF), without sound; `document`: a PDF."""


@dataclass(frozen=True, kw_only=True)
class ImageRules:
    """What a platform takes of pictures. `types` are MIME types, the preferred one first; ratios are width / height;
    None: the platform names no limit."""

    types: tuple[str, ...]
    max_bytes: int | None = None
    max_width: int | None = None
    max_height: int | None = None
    max_pixels: int | None = None
    min_width: int | None = None
    min_height: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None
    max_frames: int | None = None
    """Of those that move."""


@dataclass(frozen=True, kw_only=True)
class VideoRules:
    """What a platform takes of videos; `types` as of pictures, codecs as FFmpeg calls them."""

    types: tuple[str, ...]
    video_codecs: tuple[str, ...]
    audio_codecs: tuple[str, ...]
    max_bytes: int | None = None
    min_seconds: float | None = None
    max_seconds: float | None = None
    min_frame_rate: float | None = None
    max_frame_rate: float | None = None
    max_bit_rate: int | None = None
    max_width: int | None = None
    max_height: int | None = None
    max_pixels: int | None = None
    """Of one frame."""
    min_width: int | None = None
    min_height: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentRules:
    """What a platform takes of documents. None is ever made fit: it goes as it is, or is refused."""

    types: tuple[str, ...] = ("application/pdf",)
    max_bytes: int | None = None
    max_pages: int | None = None


@dataclass(frozen=True, kw_only=True)
class MediaRules:
    """What one part of a post may carry here. None for a kind: the platform does not take it."""

    image: ImageRules | None = None
    animation: ImageRules | None = None
    video: VideoRules | None = None
    document: DocumentRules | None = None
    max_images: int = 1
    max_animations: int = 1
    max_videos: int = 1
    max_documents: int = 1
    max_items: int = 1
    """Of all kinds together."""
    is_mixed: bool = False
    """Whether one part may carry several kinds."""
    needs_media: bool = False
    """Whether the platform has no posts of text alone."""
    max_alt_text: int = 0
    """In code points; 0: it has no descriptions."""
    takes_cover: bool = False
    """Whether a video may name the frame, or bring the picture, that stands for it."""
    video_seconds: int = 0
    """What the platform takes to make a video playable once it has it: an assumption, by which posts are woken."""


NO_MEDIA = MediaRules(max_items=0)


class Content(Protocol):
    """A file's bytes, wherever they are kept."""

    def read(self, start: int, length: int) -> bytes:
        """That many bytes from `start` on, fewer at the end. Raises RetryLater, or Rejected where it is gone."""
        ...

    def url(self) -> str:
        """Where a platform can fetch it: signed, without redirect, good for longer than any retry."""
        ...


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """One file as a platform gets it: already what its rules ask for."""

    media_id: str
    kind: MediaKind
    type: str
    """MIME."""
    bytes: int
    width: int = 0
    """0 of a document, whose pages may differ; `height` too."""
    height: int = 0
    duration_ms: int | None = None
    pages: int | None = None
    """Of a document."""
    alt_text: str = field(default="", repr=False)
    cover_ms: int | None = None
    """Which frame stands for a video."""
    cover: "Attachment | None" = None
    """The picture that stands for a video; platforms that only take a frame's time pass it over."""
    sha256: str = ""
    """Of the content, in hex."""
    content: Content = field(repr=False, compare=False)


SUFFIXES: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "application/pdf": ".pdf",
}
"""Of file names, for platforms that go by them; the MIME types that Punctual knows."""

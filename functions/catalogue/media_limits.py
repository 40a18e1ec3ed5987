"""What a platform takes of media, as the API answers it."""

from typing import Any

from typing_extensions import TypedDict

from punctual.providers.media import DocumentRules, ImageRules, MediaRules, VideoRules


class PictureLimits(TypedDict):
    """What the platform takes. Null: it names no limit. What breaks the first five is converted, unasked."""

    types: list[str]
    """MIME, the preferred one first."""
    max_bytes: int | None
    max_width: int | None
    max_height: int | None
    max_pixels: int | None
    min_width: int | None
    min_height: int | None
    min_ratio: float | None
    """Width by height."""
    max_ratio: float | None
    max_frames: int | None


class VideoLimits(TypedDict):
    """What the platform takes. Null: it names no limit. Other containers are converted, unasked."""

    types: list[str]
    video_codecs: list[str]
    """As FFmpeg calls them."""
    audio_codecs: list[str]
    max_bytes: int | None
    min_seconds: float | None
    max_seconds: float | None
    min_frame_rate: float | None
    max_frame_rate: float | None
    max_bit_rate: int | None
    max_width: int | None
    max_height: int | None
    max_pixels: int | None
    min_width: int | None
    min_height: int | None
    min_ratio: float | None
    max_ratio: float | None


class DocumentLimits(TypedDict):
    """What the platform takes. Null: it names no limit. Documents are never converted."""

    types: list[str]
    max_bytes: int | None
    max_pages: int | None


class MediaLimits(TypedDict):
    """Of one post. Accounts may have their own: `POST /v1/posts/validate` goes by those."""

    max_items: int
    max_images: int
    max_animations: int
    max_videos: int
    max_documents: int
    mixed: bool
    """Whether one post may have several kinds."""
    required: bool
    """Whether there are no posts of text alone."""
    max_alt_text: int | None
    """In code points; null: there are no descriptions."""
    covers: bool
    """Whether a video may bring what stands for it."""
    image: PictureLimits | None
    animation: PictureLimits | None
    """Null: it becomes a video where the platform takes those, and is refused elsewhere."""
    video: VideoLimits | None
    document: DocumentLimits | None


def media_limits(rules: MediaRules) -> MediaLimits | None:
    if not rules.max_items:
        return None
    return {
        "max_items": rules.max_items,
        "max_images": rules.max_images if rules.image else 0,
        "max_animations": rules.max_animations if rules.animation else 0,
        "max_videos": rules.max_videos if rules.video else 0,
        "max_documents": rules.max_documents if rules.document else 0,
        "mixed": rules.is_mixed,
        "required": rules.needs_media,
        "max_alt_text": rules.max_alt_text or None,
        "covers": rules.takes_cover,
        "image": _listed(rules.image) if rules.image else None,
        "animation": _listed(rules.animation) if rules.animation else None,
        "video": _listed(rules.video) if rules.video else None,
        "document": _listed(rules.document) if rules.document else None,
    }


def _listed(rules: ImageRules | VideoRules | DocumentRules) -> Any:
    """Its members are the rules' own, by the same names: a test holds them together."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(rules).items()}

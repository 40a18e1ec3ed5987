"""Media as the API answers them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from edge.answers import MediaId, PostId, Time
from punctual.clock import to_text
from punctual.media.facts import Facts
from punctual.media.library import Media, MediaStatus
from punctual.media.recipes import Recipe, thumbnail
from punctual.media.refusals import REFUSALS
from punctual.media.renditions import Rendition
from punctual.media.uploads import PART_BYTES, Form, PartThere, PartUrl, Uploads, part_count
from punctual.providers.media import MediaKind

Count = Annotated[int, Field(ge=0)]


class FactsAnswer(TypedDict):
    """What was found in the file."""

    kind: MediaKind
    """`animation`: a picture that moves, without sound; `document`: a PDF."""
    content_type: str
    bytes: Count
    sha256: str
    """Of the file as it is kept: without the place where it was taken, if it said so."""
    width: Count | None
    """As shown, after its orientation was applied; `height` too. Null: of a document, whose pages may differ."""
    height: Count | None
    duration_seconds: float | None
    frames: Count | None
    """Of an animation."""
    pages: Count | None
    """Of a document."""
    frame_rate: float | None
    """The mean."""
    is_frame_rate_variable: bool
    video_codec: str | None
    """As FFmpeg calls it; `audio_codec` too."""
    audio_codec: str | None
    """Null: there is no sound."""
    bit_rate: Count | None


class MediaRefusal(TypedDict):
    """Why the file is not taken."""

    code: str
    message: str
    remediation: str


class MediaAnswer(TypedDict):
    """A file."""

    id: MediaId
    status: MediaStatus
    """`uploading` or `importing`, then `probing`; `ready` for posts, or `refused`. One that no post needs for long
    expires."""
    file_name: str | None
    alt_text: str
    content_type: str | None
    """As it was declared, until the file was probed; `bytes` too. Null: it is being imported."""
    bytes: Count | None
    facts: FactsAnswer | None
    """Of one that was probed."""
    refusal: MediaRefusal | None
    url: str | None
    """Where people see it, for a quarter of an hour; null unless it is ready."""
    thumbnail_url: str | None
    """A small JPEG of it, likewise; null until that was made."""
    created_at: Time
    updated_at: Time


class MediaDetails(MediaAnswer):
    used_by: list[PostId]
    """Posts that name it, a hundred at most."""


class MediaPage(TypedDict):
    data: list[MediaAnswer]
    next_cursor: str | None


class FormUpload(TypedDict):
    """Post it as multipart/form-data: the fields as they are, then the file as `file`."""

    method: Literal["POST"]
    url: str
    fields: dict[str, str]
    expires_at: Time


class PartsUpload(TypedDict):
    """Put each part to a URL that POST /v1/media/{media_id}/parts answers: all of `part_bytes` but the last one."""

    method: Literal["PUT"]
    part_bytes: Count
    parts: Count
    expires_at: Time
    """Until then it may be completed."""


class CreatedMedia(MediaAnswer):
    upload: FormUpload | PartsUpload | None
    """Where the file goes; null for what is imported, and once it has arrived."""


class SignedPart(TypedDict):
    number: Count
    bytes: Count
    """The URL takes exactly so many."""
    url: str
    expires_at: Time


class SignedParts(TypedDict):
    data: list[SignedPart]


class UploadedPart(TypedDict):
    number: Count
    bytes: Count


class UploadedParts(TypedDict):
    data: list[UploadedPart]
    """Those that arrived in full."""
    missing: list[int]
    part_bytes: Count
    parts: Count


class Showing:
    """Media with URLs for people's eyes."""

    def __init__(self, uploads: Uploads, made: Mapping[tuple[str, str], Rendition]):
        self._uploads = uploads
        self._made = made

    def answer(self, media: Media) -> MediaAnswer:
        facts = media.facts if media.status == "ready" else None
        return {**media_answer(media), "url": self._url(media, facts), "thumbnail_url": self._thumbnail(media, facts)}

    def _url(self, media: Media, facts: Facts | None) -> str | None:
        return self._uploads.shown(media.original, facts.type) if facts else None

    def _thumbnail(self, media: Media, facts: Facts | None) -> str | None:
        recipe = shown_by(facts) if facts else None
        made = self._made.get((media.id, recipe.key)) if recipe else None
        return self._uploads.shown(made.path, made.facts.type) if made and made.facts else None


def shown_by(facts: Facts) -> Recipe | None:
    return thumbnail(facts.kind, facts.duration_ms)


def media_answer(media: Media) -> MediaAnswer:
    """Without URLs: as it is remembered."""
    facts, refusal = media.facts, media.refusal
    return {
        "id": media.id,
        "status": media.status,
        "file_name": media.file_name,
        "alt_text": media.alt_text,
        "content_type": facts.type if facts else media.declared_type,
        "bytes": facts.bytes if facts else media.declared_bytes,
        "facts": _facts(facts) if facts else None,
        "refusal": {"code": refusal.code, "message": refusal.message, "remediation": REFUSALS[refusal.code]}
        if refusal
        else None,
        "url": None,
        "thumbnail_url": None,
        "created_at": to_text(media.created_at),
        "updated_at": to_text(media.updated_at),
    }


def upload_answer(media: Media, uploads: Uploads) -> FormUpload | PartsUpload | None:
    if media.status != "uploading" or media.next_at is None:
        return None
    if media.upload_id:
        return {
            "method": "PUT",
            "part_bytes": PART_BYTES,
            "parts": part_count(media),
            "expires_at": to_text(media.next_at),
        }
    return _form(uploads.form(media))


def part_urls_answer(urls: Sequence[PartUrl]) -> SignedParts:
    return {
        "data": [
            {"number": each.number, "bytes": each.bytes, "url": each.url, "expires_at": to_text(each.expires_at)}
            for each in urls
        ]
    }


def parts_answer(media: Media, there: Sequence[PartThere], missing: Sequence[int]) -> UploadedParts:
    return {
        "data": [{"number": each.number, "bytes": each.bytes} for each in there],
        "missing": list(missing),
        "part_bytes": PART_BYTES,
        "parts": part_count(media),
    }


def _form(form: Form) -> FormUpload:
    return {
        "method": "POST",
        "url": form.url,
        "fields": dict(form.fields),
        "expires_at": to_text(form.expires_at),
    }


def _facts(facts: Facts) -> FactsAnswer:
    return {
        "kind": facts.kind,
        "content_type": facts.type,
        "bytes": facts.bytes,
        "sha256": facts.sha256,
        "width": facts.width or None,
        "height": facts.height or None,
        "duration_seconds": None if facts.duration_ms is None else facts.seconds,
        "frames": facts.frames,
        "pages": facts.pages,
        "frame_rate": facts.frame_rate,
        "is_frame_rate_variable": facts.is_frame_rate_variable,
        "video_codec": facts.video_codec,
        "audio_codec": facts.audio_codec,
        "bit_rate": facts.bit_rate,
    }

"""Files: what a server takes, and how it is given them. https://docs.joinmastodon.org/methods/media/"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from punctual.providers.base import Grant, Outgoing, Provider, answer
from punctual.providers.feeding import AttachmentFile, Part, Upload, UploadLost, forgetting
from punctual.providers.media import SUFFIXES, Attachment, ImageRules, MediaRules, VideoRules
from punctual.providers.outcomes import Processing, Rejected, RetryLater

TYPES = (
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/heic",
    "image/avif",
    "video/mp4",
    "video/quicktime",
    "video/webm",
)
"""Each has a bit of its own in what is stored of a server: new ones come last."""
# What Mastodon's own code says where a server does not: https://docs.joinmastodon.org/entities/Instance/#media_attachments
DEFAULTS: Mapping[str, int] = {
    "max_media_attachments": 4,
    "image_size_limit": 16_777_216,
    "image_matrix_limit": 33_177_600,
    "video_size_limit": 103_809_024,
    "video_frame_rate_limit": 120,
    "video_matrix_limit": 8_294_400,
    "description_limit": 1500,
}
_SINCE_LONG_AGO = frozenset({"image/jpeg", "image/png", "image/gif", "video/mp4", "video/webm"})
# What a server says that takes less than when the account was connected, and what stands before it of large bodies.
_NOT_TAKEN = (413, 415, 422)
_VIDEO_SECONDS = 40.0
"""Of one request that carries a whole video."""


def limits(configuration: Mapping[str, Any]) -> dict[str, int]:
    """What `configuration` says, as far as it says it."""
    statuses, files = (_object(configuration.get(name)) for name in ("statuses", "media_attachments"))
    told = {**files, "max_media_attachments": statuses.get("max_media_attachments")}
    found = {name: told[name] for name in DEFAULTS if isinstance(told.get(name), int) and told[name] > 0}
    types = files.get("supported_mime_types")
    if isinstance(types, list):
        found["media_types"] = sum(1 << place for place, each in enumerate(TYPES) if each in types)
    return found


def rules(account_limits: Mapping[str, int]) -> MediaRules:
    """Of an account, by what its server said when it was connected. A server makes a video of a picture that moves:
    https://docs.joinmastodon.org/user/posting/#media"""
    told = {**DEFAULTS, **account_limits}
    types = _types(account_limits.get("media_types"))
    pictures = {"max_bytes": told["image_size_limit"], "max_pixels": told["image_matrix_limit"]}
    return MediaRules(
        image=ImageRules(types=tuple(each for each in types if each.startswith("image/")), **pictures),
        animation=ImageRules(types=("image/gif",), **pictures) if "image/gif" in types else None,
        video=_videos(tuple(each for each in types if each.startswith("video/")), told),
        max_images=told["max_media_attachments"],
        max_items=told["max_media_attachments"],
        video_seconds=120,
        max_alt_text=told["description_limit"],
        takes_cover=True,
    )


def _videos(types: tuple[str, ...], told: Mapping[str, int]) -> VideoRules | None:
    """Mastodon encodes anew what is none of these, and that takes its time; others play it as it is."""
    if not types:
        return None
    return VideoRules(
        types=types,
        video_codecs=("h264", "vp8", "vp9") if "video/webm" in types else ("h264",),
        audio_codecs=("aac", "opus", "vorbis") if "video/webm" in types else ("aac",),
        max_bytes=told["video_size_limit"],
        max_frame_rate=told["video_frame_rate_limit"],
        max_pixels=told["video_matrix_limit"],
    )


def _types(bits: int | None) -> tuple[str, ...]:
    if bits is None:
        return tuple(each for each in TYPES if each in _SINCE_LONG_AGO)
    return tuple(each for place, each in enumerate(TYPES) if bits >> place & 1)


def _object(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, dict) else {}


class MediaUpload(Upload):
    """In one request. Its id is what the server calls it, once it is through with it."""

    is_processed = True

    def __init__(self, attachment: Attachment, provider: Provider, grant: Grant):
        super().__init__(attachment)
        self.part_seconds = _VIDEO_SECONDS if attachment.kind == "video" else None
        self._provider = provider
        self._grant = grant

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        try:
            given = self._post("v2")
        except Rejected as error:
            if error.status in _NOT_TAKEN:
                sentence = "The server does not take a file of this post: it may be too large, or of another kind."
                raise Rejected(sentence, code="media_refused", status=error.status) from error
            if error.status != 404:
                raise
            given = self._post("v1")  # before 3.1.3: https://docs.joinmastodon.org/methods/media/#v2
        media_id = answer(given).get("id")
        if not media_id:
            raise RetryLater("The server's answer names no file.", code="unreadable_answer")
        return {"id": str(media_id), "is_ready": _is_ready(given)}

    def settled(self, media_id: Any) -> Any:
        number: str = media_id["id"]
        if not media_id["is_ready"] and not _is_ready(self._asked(number)):
            raise Processing("The server is still working on a file.")
        return number

    def _asked(self, number: str) -> httpx.Response:
        try:
            url = f"{self._grant.server}/api/v1/media/{quote(number, safe='')}"
            return self._provider.call("GET", url, grant=self._grant)
        except Rejected as error:
            if error.status == 404:
                raise UploadLost() from error
            sentence = "The server could not make anything of a file."
            raise Rejected(sentence, code="media_refused", status=error.status) from error

    def _post(self, version: str) -> httpx.Response:
        mine = self.attachment
        files = {"file": _file(mine)}
        if mine.cover:
            files["thumbnail"] = _file(mine.cover)
        return self._provider.call(
            "POST",
            f"{self._grant.server}/api/{version}/media",
            grant=self._grant,
            seconds=self.part_seconds,
            files=files,
            data={"description": mine.alt_text} if mine.alt_text else {},
        )


def asking_again(post: Outgoing, ids: Sequence[str]) -> dict[str, Any]:
    """For `Unprepared`: the files are there, as far as we know, and the server is to be asked about each."""
    doubted = ({"id": {"id": each, "is_ready": False}} for each in ids)
    return dict(zip(forgetting(post), doubted, strict=True))


def _is_ready(response: httpx.Response) -> bool:
    """202 or 206 while it is not, or no `url` in any answer: https://docs.joinmastodon.org/entities/MediaAttachment/#url"""
    return response.status_code == 200 and bool(answer(response).get("url"))


def _file(attachment: Attachment) -> tuple[str, AttachmentFile, str]:
    return f"media{SUFFIXES[attachment.type]}", AttachmentFile(attachment), attachment.type

"""Files: what X takes, and how it is given them. https://docs.x.com/x-api/media/quickstart/best-practices"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from punctual.providers.base import Grant, Provider, answer
from punctual.providers.feeding import AttachmentFile, Part, Upload, UploadLost
from punctual.providers.media import NO_MEDIA, SUFFIXES, Attachment, ImageRules, MediaRules, VideoRules
from punctual.providers.outcomes import Processing, Rejected, RetryLater
from punctual.x_api.settings import Settings

UPLOAD_URL = "https://api.x.com/2/media/upload"
METADATA_URL = "https://api.x.com/2/media/metadata"
# As X's own example has it: https://github.com/xdevplatform/large-video-upload-python/blob/52ea40a/async-upload.py
_PART_BYTES = 4 * 1024 * 1024
_NOT_TAKEN = (400, 413, 415, 422)
_IMAGES = ImageRules(types=("image/jpeg", "image/png", "image/webp", "image/gif"), max_bytes=5_000_000)
_ANIMATIONS = ImageRules(types=("image/gif",), max_bytes=15_000_000, max_width=1280, max_height=1080, max_frames=350)
_MAX_ALT_TEXT = 1000  # CreateMediaMetadataMetadataAltText of the contract
_STANDARD, _SUBSCRIBED = 1280, 1920
"""Pixels of a video's side. The page says 1280x1024 and recommends 720x1280; subscribers may upload 1080p."""


def _videos(side: int) -> VideoRules:
    return VideoRules(
        types=("video/mp4", "video/quicktime"),
        video_codecs=("h264",),
        audio_codecs=("aac",),
        max_bytes=512_000_000,
        min_seconds=0.5,
        max_seconds=140,
        max_frame_rate=60,
        max_width=side,
        max_height=side,
        min_width=32,
        min_height=32,
        min_ratio=1 / 3,
        max_ratio=3,
    )


MEDIA = MediaRules(
    image=_IMAGES,
    animation=_ANIMATIONS,
    video=_videos(_STANDARD),
    max_images=4,
    max_items=4,
    max_alt_text=_MAX_ALT_TEXT,
    video_seconds=120,
)
_OF_SUBSCRIBERS = replace(MEDIA, video=_videos(_SUBSCRIBED))


def rules(settings: Settings, *, is_first: bool, is_subscribed: bool) -> MediaRules:
    """A poll takes the place of media; who is tagged is tagged in them."""
    if settings.poll and is_first:
        return NO_MEDIA
    own = _OF_SUBSCRIBERS if is_subscribed else MEDIA
    return replace(own, needs_media=True) if settings.tagged_user_ids and is_first else own


class XUpload(Upload):
    """What all files have in common: X may work on them afterwards, and a description goes by a call of its own."""

    is_processed = True

    def __init__(self, attachment: Attachment, provider: Provider, grant: Grant):
        super().__init__(attachment)
        self._provider = provider
        self._grant = grant

    def settled(self, media_id: Any) -> Any:
        number: str = media_id["id"]
        if not media_id["is_ready"]:
            self._wait(number)
        if text := self.attachment.alt_text:
            self._ask("POST", METADATA_URL, json={"id": number, "metadata": {"alt_text": {"text": text}}})
        return number

    def _wait(self, number: str) -> None:
        asked = self._ask("GET", UPLOAD_URL, params={"command": "STATUS", "media_id": number})
        if not _is_ready(_data(asked)):
            raise Processing("X is still working on a file.", retry_after=_check_after(_data(asked)))

    def _ask(self, method: str, url: str, **sent: Any) -> httpx.Response:
        try:
            return self._provider.call(method, url, grant=self._grant, **sent)
        except Rejected as error:
            if error.status in (404, 410):
                raise UploadLost() from error
            if error.code == "refused" and error.status in _NOT_TAKEN:
                raise _not_taken(error.status, error.platform_code) from error
            raise


class OneShot(XUpload):
    """A picture, in one request: https://docs.x.com/x-api/media/upload-media"""

    def send(self, handle: Mapping[str, Any], part: Part) -> Any:
        mine = self.attachment
        file = (f"media{SUFFIXES[mine.type]}", AttachmentFile(mine), mine.type)
        return _given(self._ask("POST", UPLOAD_URL, files={"media": file}, data={"media_category": "tweet_image"}))


class InParts(XUpload):
    """An animation or a video: https://docs.x.com/x-api/media/quickstart/media-upload-chunked

    A part may be sent again under its number. X does not say what it has: parts are counted here.
    """

    def begin(self) -> Mapping[str, Any]:
        mine = self.attachment
        category = "tweet_gif" if mine.kind == "animation" else "tweet_video"
        asked = {"media_type": mine.type, "total_bytes": mine.bytes, "media_category": category}
        return {"id": _id(_data(self._ask("POST", f"{UPLOAD_URL}/initialize", json=asked)))}

    def end_of(self, handle: Mapping[str, Any], start: int) -> int:
        return start + _PART_BYTES

    def send(self, handle: Mapping[str, Any], part: Part) -> None:
        number = {"segment_index": str(part.start // _PART_BYTES)}
        file = ("part", part.file(), "application/octet-stream")
        self._ask("POST", f"{UPLOAD_URL}/{handle['id']}/append", data=number, files={"media": file})

    def finish(self, handle: Mapping[str, Any], results: Sequence[Any]) -> Any:
        return _given(self._ask("POST", f"{UPLOAD_URL}/{handle['id']}/finalize"))


def dialect(attachment: Attachment, provider: Provider, grant: Grant) -> XUpload:
    kind = OneShot if attachment.kind == "image" else InParts
    return kind(attachment, provider, grant)


def _data(response: httpx.Response) -> Mapping[str, Any]:
    found = answer(response).get("data")
    if not isinstance(found, dict):
        raise _unreadable()
    return found


def _id(data: Mapping[str, Any]) -> str:
    found = str(data.get("id") or "")
    if not (found.isascii() and found.isdigit()):
        raise _unreadable()
    return found


def _given(response: httpx.Response) -> dict[str, Any]:
    data = _data(response)
    return {"id": _id(data), "is_ready": _is_ready(data)}


def _is_ready(data: Mapping[str, Any]) -> bool:
    """Without `processing_info` there is nothing to wait for."""
    state = _processing(data).get("state", "succeeded")
    if state == "failed":
        raise _not_taken(None, "processing_failed")
    return bool(state == "succeeded")


def _check_after(data: Mapping[str, Any]) -> float | None:
    seconds = _processing(data).get("check_after_secs")
    return float(seconds) if isinstance(seconds, int) and 0 <= seconds <= 3600 else None


def _processing(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found = data.get("processing_info")
    return found if isinstance(found, dict) else {}


def _not_taken(status: int | None, platform_code: str | None) -> Rejected:
    sentence = "X does not take a file of this post, or could make nothing of it."
    return Rejected(sentence, code="media_refused", status=status, platform_code=platform_code)


def _unreadable() -> RetryLater:
    return RetryLater("X's answer about a file could not be read.", code="unreadable_answer")

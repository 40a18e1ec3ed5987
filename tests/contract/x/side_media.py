"""Files of X: sent whole or in segments, worked on for a while, and forgotten after a day.

https://docs.x.com/x-api/media/quickstart/media-upload-chunked and https://docs.x.com/x-api/media/quickstart/best-practices
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Any

import httpx

from tests.contract.x.side_answers import Refused, invalid, missing, said
from tests.contract.x.side_bodies import BEGINNING, METADATA, NUMBER, SEGMENT, UPLOAD, Rule, form_of, json_of, query_of

MB = 1024 * 1024
KEPT_SECONDS = 86400
SESSION_SECONDS = 1295999
"""What the documents' example of INIT says."""
KEYS = {"tweet_image": "3", "tweet_gif": "16", "tweet_video": "7", "amplify_video": "13"}
IMAGES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG", "image/webp": b"RIFF", "image/gif": b"GIF8"}
VIDEOS = ("video/mp4", "video/quicktime")


@dataclass
class File:
    """`until`: when it is forgotten; `finished_at`: when its last byte was there."""

    id: str
    owner: str
    category: str
    type: str
    until: datetime
    total: int = 0
    segments: dict[int, bytes] = field(default_factory=dict)
    finished_at: datetime | None = None
    seconds: float = 0
    is_spoilt: bool = False
    alt_text: str = ""

    @property
    def data(self) -> bytes:
        return b"".join(self.segments[number] for number in sorted(self.segments))

    @property
    def hash(self) -> str:
        return sha256(self.data).hexdigest()

    @property
    def sort(self) -> str:
        return {"tweet_image": "photo", "tweet_gif": "animated_gif"}.get(self.category, "video")

    @property
    def key(self) -> str:
        return f"{KEYS.get(self.category, '1')}_{self.id}"


class Files:
    """`processing_seconds`: how long videos and animations are worked on. `spoils`: none of them turns out well.

    `max_segment_bytes` is not in the documents of v2. `looks_inside`: whether a file must begin as its type does.
    """

    def __init__(self, now: Callable[[], datetime], next_id: Callable[[], str]):
        self.now = now
        self.next_id = next_id
        self.processing_seconds: float = 3
        self.spoils = False
        self.looks_inside = True
        self.max_segment_bytes = 5 * MB
        self.max_bytes = {"photo": 5 * MB, "animated_gif": 15 * MB, "video": 512 * MB}
        self.held: dict[str, File] = {}

    def upload(self, request: httpx.Request, owner: str) -> httpx.Response:
        """Images alone: the documents call it the older, simple way."""
        sent = form_of(request, UPLOAD)
        data, category = _bytes(sent["media"]), sent["media_category"]
        found = next((name for name, start in IMAGES.items() if data.startswith(start)), None)
        if category != "tweet_image" or (self.looks_inside and not found):
            raise invalid(("media_category", category, "media type unrecognized."))
        file = self._begin(owner, category, found or "image/jpeg", len(data), KEPT_SECONDS)
        file.segments, file.finished_at = {0: data}, self.now()
        image = {"image_type": file.type}
        return said({**shown(file), "expires_after_secs": KEPT_SECONDS, "image": image})

    def begin(self, request: httpx.Request, owner: str) -> httpx.Response:
        """The contract asks for no field; the documents send type and size, without which there is no session."""
        sent = json_of(request, BEGINNING)
        for name in ("media_type", "total_bytes"):
            if name not in sent:
                raise invalid((f"$.{name}", "", f"$.{name}: is missing but it is required"))
        mime = sent["media_type"]
        category = sent.get("media_category", guessed(mime))
        fits = {"tweet_image": tuple(IMAGES), "tweet_gif": ("image/gif",)}.get(category, VIDEOS)
        if category in KEYS and mime not in fits:
            raise invalid(("$.media_type", mime, f"media type {mime} does not go with {category}"))
        file = self._begin(owner, category, mime, sent["total_bytes"], SESSION_SECONDS)
        return said({"id": file.id, "media_key": file.key, "expires_after_secs": SESSION_SECONDS})

    def _begin(self, owner: str, category: str, mime: str, total: int, lasts: int) -> File:
        file = File(self.next_id(), owner, category, mime, self.now() + timedelta(seconds=lasts), total)
        if total > self.max_bytes[file.sort]:
            raise invalid(("$.total_bytes", total, f"File size exceeds {self.max_bytes[file.sort]} bytes."))
        self.held[file.id] = file
        return file

    def append(self, request: httpx.Request, owner: str) -> httpx.Response:
        """A segment that comes again takes the place of the first."""
        file = self._open(request.url.path.split("/")[-2], owner)
        sent = form_of(request, SEGMENT)
        data, number = _bytes(sent["media"]), sent["segment_index"]
        others = sum(len(each) for index, each in file.segments.items() if index != number)
        if file.finished_at:
            raise invalid(("id", file.id, "The upload is finalized."))
        if not data or len(data) > self.max_segment_bytes:
            raise invalid(("media", len(data), f"A segment has 1 to {self.max_segment_bytes} bytes."))
        if others + len(data) > file.total:
            raise invalid(("media", others + len(data), f"The segments have more than {file.total} bytes."))
        file.segments[number] = data
        return said({"expires_at": int(file.until.timestamp())})

    def finish(self, request: httpx.Request, owner: str) -> httpx.Response:
        """Asked again it says what it would say anyway."""
        if request.content or request.url.query:
            raise invalid(("body", "", "no body expected"))
        file = self._open(request.url.path.split("/")[-2], owner)
        if file.finished_at is None:
            self._finish(file)
        return said(self._state(file))

    def _finish(self, file: File) -> None:
        if sorted(file.segments) != list(range(len(file.segments))) or len(file.data) != file.total:
            raise invalid(("id", file.id, f"The segments do not make {file.total} bytes."))
        as_said = not self.looks_inside or looks_like(file.data, file.type)
        if file.sort == "photo" and not as_said:
            raise invalid(("id", file.id, "media type unrecognized."))
        file.seconds = 0 if file.sort == "photo" else self.processing_seconds
        file.is_spoilt = file.sort != "photo" and (self.spoils or not as_said)
        file.finished_at = self.now()
        file.until = self.now() + timedelta(seconds=KEPT_SECONDS)

    def status(self, request: httpx.Request, owner: str) -> httpx.Response:
        rules = {"media_id": NUMBER, "command": Rule("string", among=("STATUS",))}
        file = self._open(query_of(request, rules, required=("media_id",))["media_id"], owner)
        return said(self._state(file))

    def _state(self, file: File) -> dict[str, Any]:
        left = int((file.until - self.now()).total_seconds())
        given = {**shown(file), "expires_after_secs": left}
        if file.sort == "video":
            given["video"] = {"video_type": file.type}
        is_quick = file.sort == "photo" or (not file.seconds and not file.is_spoilt)
        if file.finished_at and is_quick:
            return given
        return {**given, "processing_info": self.processing(file)}

    def processing(self, file: File) -> dict[str, Any]:
        """The contract has no place for the reason of a failure."""
        if file.finished_at is None:
            return {"state": "pending", "check_after_secs": 1}
        passed = (self.now() - file.finished_at).total_seconds()
        if passed >= file.seconds:
            state = "failed" if file.is_spoilt else "succeeded"
            return {"state": state, "progress_percent": 0 if file.is_spoilt else 100}
        wait = max(1, ceil(min(5.0, file.seconds - passed)))
        if passed <= 0:
            return {"state": "pending", "check_after_secs": wait}
        return {"state": "in_progress", "check_after_secs": wait, "progress_percent": int(100 * passed / file.seconds)}

    def describe(self, request: httpx.Request, owner: str) -> httpx.Response:
        sent = json_of(request, METADATA)
        file = self._open(sent["id"], owner)
        metadata = sent.get("metadata", {})
        file.alt_text = metadata.get("alt_text", {}).get("text", file.alt_text)
        return said({"id": file.id, "associated_metadata": metadata})

    def _open(self, number: str, owner: str) -> File:
        file = self.held.get(number)
        if file is None or file.owner != owner or file.until <= self.now():
            raise missing("media", number)
        return file

    def attach(self, ids: list[str], owner: str) -> list[File]:
        """Four images, or one animation, or one video; each of them ready."""
        try:
            files = [self._open(each, owner) for each in ids]
        except Refused:
            files = []
        sorts = [file.sort for file in files]
        ready = all(file.finished_at and self.processing(file)["state"] == "succeeded" for file in files)
        fits = sorts == ["photo"] * len(sorts) or len(sorts) == 1
        if not files or not ready or not fits or not all(file.category in KEYS for file in files):
            raise invalid(("media.media_ids", ids, "Your media IDs are invalid."))
        return files


def shown(file: File) -> dict[str, Any]:
    return {"id": file.id, "media_key": file.key, "size": len(file.data)}


def guessed(mime: str) -> str:
    return "tweet_gif" if mime == "image/gif" else "tweet_image" if mime.startswith("image/") else "tweet_video"


def looks_like(data: bytes, mime: str) -> bool:
    return data[4:8] == b"ftyp" if mime in VIDEOS else data.startswith(IMAGES.get(mime, b""))


def _bytes(media: bytes | str) -> bytes:
    """JSON has them in base64."""
    if isinstance(media, bytes):
        return media
    try:
        return b64decode(media, validate=True)
    except ValueError:
        raise invalid(("$.media", "", "$.media: base64 expected")) from None

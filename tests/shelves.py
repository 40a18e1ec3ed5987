"""Media for workers under test: files in a bucket in memory, made ready without being looked at."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from botocore.exceptions import ClientError

from punctual.clock import Now
from punctual.guarded_http import GuardedHttp
from punctual.media.contents import Contents
from punctual.media.facts import Facts
from punctual.media.library import Library, Media
from punctual.media.renditions import Renditions
from punctual.media.shelf import Shelf
from punctual.tables import Table
from tests.memory.s3 import MemoryS3
from tests.sandbox_bridge import loopback

BUCKET = "MediaBucket"
FILES = "https://files.example"
PNG = b"\x89PNG\r\n\x1a\n"
_OF_VIDEO = {"duration_ms": 10_000, "frame_rate": 30.0, "video_codec": "h264", "audio_codec": "aac"}
MP4 = b"\x00\x00\x00\x18ftypisom"


@dataclass
class Files:
    """`asked` are the media whose renditions somebody waits for."""

    table: Table
    now: Now
    s3: Any = field(default_factory=lambda: MemoryS3(BUCKET))
    asked: list[str] = field(default_factory=list)

    def shelf(self, table: Table | None = None, s3: Any = None) -> Shelf:
        """With parts of its own, where given."""
        table = table or self.table
        contents = Contents(s3 or self.s3, BUCKET, Addressed())
        return Shelf(
            Library(table, self.now),
            Renditions(table, self.now),
            contents.of,
            lambda _, media: self.asked.append(media),
        )

    def http(self) -> GuardedHttp:
        """A way out on which the files, and nothing else, are answered."""
        return _Apart(transport=httpx.MockTransport(self.answer), resolve=loopback, allow_private=True)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """As S3 answers a signed address, which is asked for by ranges."""
        if request.headers["host"] != urlsplit(FILES).hostname:
            raise httpx.ConnectError("nobody answers here", request=request)
        try:
            found = self.s3.get_object(Bucket=BUCKET, Key=request.url.path.lstrip("/"), Range=request.headers["range"])
        except ClientError as error:
            return httpx.Response(error.response["ResponseMetadata"]["HTTPStatusCode"])
        headers = {"Content-Range": found["ContentRange"], "Content-Type": request.url.params["type"]}
        return httpx.Response(206, content=found["Body"].read(), headers=headers)

    def ready(self, workspace_id: str, content: bytes, **facts: Any) -> Media:
        """A media of that content."""
        kind, mime = ("video", "video/mp4") if content[4:8] == b"ftyp" else ("image", "image/png")
        known = {"kind": kind, "type": mime, **(_OF_VIDEO if kind == "video" else {})}
        found = facts_of(content, **{**known, **facts})
        media = Library(self.table, self.now).create(workspace_id, status="ready", facts=found)
        self.s3.put_object(Bucket=BUCKET, Key=media.original, Body=content)
        return media


class _Apart(GuardedHttp):
    """In a thread of its own: in a test, whoever asks is already inside another one's call."""

    def send(self, request: httpx.Request, *, seconds: float = 15.0) -> httpx.Response:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(super().send, request, seconds=seconds).result()


class Addressed:
    def of(self, path: str, type: str) -> str:  # noqa: A002 - as Addresses has it
        return f"{FILES}/{path}?type={quote(type, safe='')}"


def facts_of(content: bytes, **facts: Any) -> Facts:
    sha256 = hashlib.sha256(content).hexdigest()
    return Facts(**{"width": 640, "height": 480, "bytes": len(content), "sha256": sha256, **facts})


def filled(start: bytes, size: int) -> bytes:
    """So many bytes that begin so, no two blocks of them alike."""
    block = b"".join(place.to_bytes(4, "big") for place in range(size // 4 + 1))
    return (start + block)[:size]


def no_files(table: Table, now: Now) -> Shelf:
    """For workers that meet texts alone."""
    return Files(table, now).shelf()

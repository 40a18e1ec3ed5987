"""Media as their rows have them once a file was probed, for tests that need no file."""

from dataclasses import replace
from typing import Any

from punctual.clock import Now
from punctual.media.facts import Facts
from punctual.media.library import Library, Media, Refusal
from punctual.tables import Table

JPEG = Facts(kind="image", type="image/jpeg", bytes=400_000, sha256="0" * 64, width=1600, height=1200)
HEIC = replace(JPEG, type="image/heic")
GIF = replace(JPEG, kind="animation", type="image/gif", frames=40, duration_ms=4_000, width=480, height=360)
MP4 = replace(
    JPEG,
    kind="video",
    type="video/mp4",
    bytes=8_000_000,
    width=1280,
    height=720,
    duration_ms=20_000,
    frame_rate=30.0,
    video_codec="h264",
    audio_codec="aac",
    bit_rate=3_200_000,
)
PDF = Facts(kind="document", type="application/pdf", bytes=900_000, sha256="0" * 64, pages=12)


class Rows:
    def __init__(self, table: Table, workspace_id: str, now: Now):
        self._library = Library(table, now)
        self._workspace_id = workspace_id

    def ready(self, facts: Facts = JPEG, **more: Any) -> str:
        """The id of a new one."""
        return self.put(status="ready", facts=facts, **more).id

    def refused(self, code: str = "unreadable") -> str:
        return self.put(status="refused", refusal=Refusal(code=code, message="It ends too early.")).id

    def put(self, **more: Any) -> Media:
        return self._library.create(self._workspace_id, **more)

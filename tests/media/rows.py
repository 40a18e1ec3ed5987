"""Media as their rows have them once a file was probed, for tests that need no file."""

from dataclasses import replace
from typing import Any

from punctual import ids
from punctual.media.facts import Facts
from punctual.media.library import STORED, Media, Refusal, key

JPEG = Facts(kind="image", type="image/jpeg", bytes=400_000, sha256="0" * 64, width=1600, height=1200)
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


def ready(world: Any, facts: Facts = JPEG, **more: Any) -> Media:
    """`world` has the work `table`, `workspace_id` and `now`."""
    return put(world, status="ready", facts=facts, **more)


def refused(world: Any, code: str = "unreadable") -> Media:
    return put(world, status="refused", refusal=Refusal(code=code, message="The file is cut off or damaged."))


def put(world: Any, **more: Any) -> Media:
    now = world.now()
    media = Media(id=ids.new("med"), workspace_id=world.workspace_id, created_at=now, updated_at=now, **more)
    world.table.put({**key(media.workspace_id, media.id), **STORED.item(media)})
    return media

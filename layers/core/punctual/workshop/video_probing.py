"""What a video is, found in seconds however large it is: by its headers, some of its packets, and its first frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import av
from av.container import InputContainer
from av.video.frame import VideoFrame

from punctual.media.facts import Facts
from punctual.workshop import video_containers
from punctual.workshop.video_reading import (
    Source,
    codec_of,
    decoded,
    orientation_of,
    reading,
    refused,
    shown_size,
)

_PACKETS_LOOKED_AT = 1_000
_BYTES_LOOKED_AT = 64 * 1024 * 1024
_PACKETS_TO_A_FRAME = 100
_REORDERED = 16
"""As many frames may come before one that is shown earlier."""
_UNEVEN = 0.02
"""A frame in fifty that comes at another time than the others say."""
_JITTER_SECONDS = 0.0025
"""WebM has whole milliseconds, and a telephone's clock is no better."""
_PLACES = ("location", "gps", "©xyz", "xyz", "latitude", "longitude", "coordinates", "geo")
_TIMECODE = "timecode"
"""The one track beside picture and sound that says no place: cameras and drones write their way into others."""


def probe(path: Path, mime: str) -> Facts:
    video_containers.check_whole(path)
    with reading(path, mime) as source:
        return _facts(path, mime, source)


def _facts(path: Path, mime: str, source: Source) -> Facts:
    looked = _look(source)
    orientation = orientation_of(looked.frame)
    width, height = shown_size(looked.frame, source.picture.sample_aspect_ratio, orientation)
    rate = _frame_rate(source, looked.times)
    size = path.stat().st_size
    milliseconds = _duration_ms(source, looked.times, rate)
    facts = Facts(
        kind="video",
        type=mime,
        bytes=size,
        sha256="",
        width=width,
        height=height,
        orientation=orientation,
        duration_ms=milliseconds,
        frame_rate=rate,
        is_frame_rate_variable=_is_uneven(looked.times),
        video_codec=codec_of(source.picture),
        audio_codec=codec_of(source.sound) if source.sound else None,
        bit_rate=size * 8000 // milliseconds,
        has_location=_has_location(source.container),
    )
    _check_end(source, size)
    return facts


@dataclass(frozen=True, kw_only=True)
class _Looked:
    frame: VideoFrame
    times: tuple[float, ...]
    """When the first frames are shown, in seconds."""


def _look(source: Source) -> _Looked:
    """At the first packets; one of the first of them must give a frame."""
    frame, times, size = None, [], 0
    for packet in source.container.demux(source.picture):
        frame = frame or next(iter(decoded(packet)), None)
        size += packet.size
        if packet.pts is not None and not packet.is_discard:
            times.append(float(packet.pts * packet.time_base))
        if len(times) > (_PACKETS_LOOKED_AT if frame else _PACKETS_TO_A_FRAME) or size > _BYTES_LOOKED_AT:
            times = sorted(times)[:-_REORDERED]
            break
    if frame is None:
        raise refused("unreadable")
    return _Looked(frame=frame, times=tuple(sorted(times)))


def _frame_rate(source: Source, times: Sequence[float]) -> float | None:
    """MP4 counts its frames; WebM does not."""
    if source.picture.average_rate and (source.picture.frames or len(times) < 2):
        return round(float(source.picture.average_rate), 3)
    lasted = times[-1] - times[0] if len(times) > 1 else 0
    return round((len(times) - 1) / lasted, 3) if lasted else None


def _is_uneven(times: Sequence[float]) -> bool:
    gaps = [later - earlier for earlier, later in pairwise(times)]
    if not gaps:
        return False
    usual = median(gaps)
    off = [gap for gap in gaps if abs(gap - usual) > max(_JITTER_SECONDS, usual / 10)]
    return len(off) > len(gaps) * _UNEVEN


def _duration_ms(source: Source, times: Sequence[float], rate: float | None) -> int:
    """Browsers record WebM without one: then all packets are read, and none is kept."""
    if source.container.duration:
        return max(1, round(source.container.duration / 1000))
    end = times[-1] + 1 / (rate or 1000) if times else 0.0
    for packet in source.container.demux():
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return max(1, round(end * 1000))


def _has_location(container: InputContainer) -> bool:
    if any(each.type not in {"video", "audio"} and _TIMECODE not in each.metadata for each in container.streams):
        return True
    said = [container.metadata, *(each.metadata for each in container.streams)]
    return any(_names_a_place(key.lower(), value) for metadata in said for key, value in metadata.items())


def _names_a_place(key: str, value: str) -> bool:
    return any(word in key for word in _PLACES) or (key == "xmp" and "GPS" in value)


def _check_end(source: Source, size: int) -> None:
    """Raises Refused where what is named lies behind the file's end, or no frame can be had from the last part."""
    for stream in source.container.streams:
        entries = stream.index_entries
        if any(entry.pos + entry.size > size for entry in entries[max(0, len(entries) - _PACKETS_LOOKED_AT) :]):
            raise refused("unreadable")
    try:
        source.container.seek(source.container.duration or 0)
    except (av.error.PermissionError, av.error.ArgumentError):  # one without an index, which players play nevertheless
        return
    for packet in source.container.demux(source.picture):
        if decoded(packet):
            return
    raise refused("unreadable")

"""Opening a video: with the one reader that its type calls for, which opens nothing but this file."""

import errno
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from punctual.media.refusals import MAX_PIXELS, REFUSALS, Refused

VIDEO_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4")
_PCM = ("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_f32le")
AUDIO_CODECS = ("aac", "mp3", "opus", "vorbis", "flac", "alac", "ac3", "eac3", *_PCM)
_DECODERS = (*VIDEO_CODECS, *AUDIO_CODECS, "libdav1d", "libopus", "libvorbis", "libvpx", "libvpx-vp9", "mp3float")
_READERS = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}
_OPTIONS = {
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(_DECODERS),
    "max_streams": "32",
    "max_pixels": str(MAX_PIXELS),
    "threads": "1",
    "export_all": "1",
    "export_xmp": "1",
}
"""https://ffmpeg.org/ffmpeg-formats.html: a file can name others (playlists, references), which are then not opened."""
_NO_ROOM = (errno.ENOMEM, errno.EFBIG, errno.ENOSPC)


@dataclass(frozen=True, kw_only=True)
class Source:
    """An open video: its picture, and its first sound that can be played."""

    container: InputContainer
    picture: VideoStream
    sound: AudioStream | None


@contextmanager
def reading(path: Path, mime: str) -> Iterator[Source]:
    """Raises Refused, also for what FFmpeg says while it is read."""
    try:
        options = dict(_OPTIONS)
        with av.open(f"file:{path}", format=_READERS[mime], options=options, metadata_errors="replace") as container:
            yield Source(container=container, picture=_picture(container), sound=_sound(container))
    except av.error.FFmpegError as error:
        raise refused("too_costly" if error.errno in _NO_ROOM else "unreadable") from error


def refused(code: str) -> Refused:
    return Refused(code, REFUSALS[code])


def codec_of(stream: VideoStream | AudioStream) -> str | None:
    """As FFmpeg calls it, not as it calls what reads it; None: it knows none that does."""
    return stream.codec_context.codec.canonical_name if stream.codec_context else None


def decoded(packet: "Packet[VideoStream]") -> list[VideoFrame]:
    """Of a picture with more than `max_pixels`, whatever its container says, decoders say that it is no argument."""
    try:
        return packet.decode()
    except av.error.ArgumentError as error:
        raise refused("too_many_pixels") from error


def _picture(container: InputContainer) -> VideoStream:
    moving = [each for each in container.streams.video if not each.disposition & av.stream.Disposition.attached_pic]
    if not moving:
        raise refused("no_video")
    if codec_of(moving[0]) not in VIDEO_CODECS:
        raise refused("unknown_codec")
    if moving[0].width * moving[0].height > MAX_PIXELS:
        raise refused("too_many_pixels")
    moving[0].codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    return moving[0]


def _sound(container: InputContainer) -> AudioStream | None:
    """A telephone may write its sound a second time, in a codec of its own."""
    known = [each for each in container.streams.audio if codec_of(each) in AUDIO_CODECS]
    if container.streams.audio and not known:
        raise refused("unknown_codec")
    return known[0] if known else None


def orientation_of(frame: VideoFrame) -> int:
    """EXIF's 1 to 8, from the matrix that says how to show it; turns by other than right angles are passed over."""
    said: Mapping[Type, Any] = cast("Any", frame.side_data)
    if Type.DISPLAYMATRIX not in said:
        return 1
    matrix = memoryview(bytes(said[Type.DISPLAYMATRIX])).cast("i")
    a, b, c, d = ((matrix[at] > 0) - (matrix[at] < 0) for at in (0, 1, 3, 4))
    return _ORIENTATIONS.get((a, b, c, d), 1)


_ORIENTATIONS = {
    (1, 0, 0, 1): 1,
    (-1, 0, 0, 1): 2,
    (-1, 0, 0, -1): 3,
    (1, 0, 0, -1): 4,
    (0, 1, 1, 0): 5,
    (0, 1, -1, 0): 6,
    (0, -1, -1, 0): 7,
    (0, -1, 1, 0): 8,
}
"""By a, b, c, d of x' = ax + cy, y' = bx + dy: https://developer.apple.com/documentation/quicktime-file-format/matrix"""


def shown_size(frame: VideoFrame, ratio: Fraction | None, orientation: int) -> tuple[int, int]:
    """With square pixels, upright. `ratio` is of a pixel: width by height."""
    width, height = frame.width, frame.height
    if ratio and 0 < ratio != 1 and 1 / _WIDEST < ratio < _WIDEST:
        width = max(1, math.floor(width * ratio + Fraction(1, 2)))
    return (height, width) if orientation > 4 else (width, height)


_WIDEST = 16
"""Of a pixel: what goes further is a mistake."""

"""Videos of every kind that comes, and of those that should not: each made in a moment, and read back by the tests."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.media.corpus.samples import Making, Sample
from tests.media.corpus.video_making import PLACE, declare_huge, make


def _mp4(**how: Any) -> Making:
    return lambda path: make(path, "mp4", **how)


def _mov(**how: Any) -> Making:
    return lambda path: make(path, "mov", **how)


def _webm(**how: Any) -> Making:
    return lambda path: make(path, "webm", **{"codec": "libvpx-vp9", **how})


def _changed(before: Making, change: Callable[[bytes], bytes]) -> Making:
    def write(path: Path) -> None:
        before(path)
        path.write_bytes(change(path.read_bytes()))

    return write


def _without_moov(content: bytes) -> bytes:
    return content[: content.index(b"moov") - 4]


def _timeless(content: bytes) -> bytes:
    """Its headers say that it lasts no time. ISO 14496-12: both boxes have version, flags, two times, then these."""
    movie, media = content.index(b"mvhd") + 20, content.index(b"mdhd") + 20
    content = content[:movie] + bytes(4) + content[movie + 4 :]
    return content[:media] + bytes(4) + content[media + 4 :]


def _huge(content: bytes) -> bytes:
    """Its container says 64 by 48, its first frame 12,000 by 12,000: RFC 6386, 9.1."""
    start = content.index(b"\x9d\x01\x2a") + 3
    return content[:start] + (12_000).to_bytes(2, "little") * 2 + content[start + 4 :]


def _open_ended(content: bytes) -> bytes:
    """Its last box says that it goes on to the end of the file, wherever that is."""
    start = content.index(b"mdat") - 4
    return content[:start] + bytes(4) + content[start + 4 : -200]


def _zeros_at_the_end(content: bytes) -> bytes:
    half = len(content) // 2
    return content[:half] + bytes(len(content) - half)


def _timecoded(path: Path) -> None:
    make(path, "mov", metadata={"timecode": "01:00:00:00"})


SEEN = {"width": 64, "height": 48, "orientation": 1, "frame_rate": 25.0, "is_frame_rate_variable": False}
H264 = {**SEEN, "kind": "video", "type": "video/mp4", "video_codec": "h264", "audio_codec": None, "duration_ms": 400}
MP4, MOV, WEBM = "video/mp4", "video/quicktime", "video/webm"

SAMPLES = (
    Sample(
        name="h264_aac.mp4",
        make=_mp4(audio="aac"),
        declared=MP4,
        facts={**H264, "audio_codec": "aac", "duration_ms": 405},
    ),
    Sample(name="faststart.mp4", make=_mp4(movflags="faststart"), declared=MP4, facts=H264),
    Sample(name="fragmented.mp4", make=_mp4(movflags="frag_keyframe+empty_moov"), declared=MP4, facts=H264),
    Sample(
        name="hevc_aac.mov",
        make=_mov(codec="libx265", audio="aac"),
        declared=MOV,
        facts={**SEEN, "type": MOV, "video_codec": "hevc", "audio_codec": "aac"},
    ),
    Sample(name="pcm.mov", make=_mov(audio="pcm_s16le"), declared=MOV, facts={"audio_codec": "pcm_s16le"}),
    Sample(
        name="prores.mov", make=_mov(codec="prores_ks", pixels="yuv422p10le"), declared=MOV, refusal="unknown_codec"
    ),
    Sample(
        name="vp9_opus.webm",
        make=_webm(audio="libopus"),
        declared=WEBM,
        facts={**SEEN, "type": WEBM, "video_codec": "vp9", "audio_codec": "opus"},
    ),
    Sample(name="vp8.webm", make=_webm(codec="libvpx"), declared=WEBM, facts={**SEEN, "video_codec": "vp8"}),
    Sample(
        name="uneven.webm",
        make=_webm(times=[0, 40, 80, 200, 240, 900, 940, 1000, 1500, 1540]),
        declared=WEBM,
        facts={"is_frame_rate_variable": True, "frame_rate": 5.844},
    ),
    Sample(
        name="television.webm",
        make=_webm(rate=Fraction(30_000, 1_001), frames=20),
        declared=WEBM,
        facts={"is_frame_rate_variable": False, "frame_rate": 29.968},
    ),
    Sample(name="live.webm", make=_webm(muxing={"live": "1"}), declared=WEBM, facts={**SEEN, "duration_ms": 400}),
    Sample(name="av1.mp4", make=_mp4(codec="libsvtav1"), declared=MP4, facts={**SEEN, "video_codec": "av1"}),
    Sample(
        name="uneven.mp4",
        make=_mp4(times=[0, 40, 80, 200, 240, 900, 940, 1000, 1500, 1540]),
        declared=MP4,
        facts={"is_frame_rate_variable": True, "frame_rate": 6.329, "duration_ms": 1580},
    ),
    Sample(
        name="turned_left.mp4", make=_mp4(turn=90), declared=MP4, facts={"width": 48, "height": 64, "orientation": 8}
    ),
    Sample(
        name="turned_right.mov", make=_mov(turn=-90), declared=MOV, facts={"width": 48, "height": 64, "orientation": 6}
    ),
    Sample(
        name="turned_over.mp4", make=_mp4(turn=180), declared=MP4, facts={"width": 64, "height": 48, "orientation": 3}
    ),
    Sample(
        name="wide_pixels.mp4",
        make=_mp4(tune={"sample_aspect_ratio": Fraction(4, 3)}),
        declared=MP4,
        facts={"width": 85, "height": 48},
    ),
    Sample(name="sound_only.mp4", make=_mp4(codec=None, audio="aac"), declared=MP4, refusal="no_video"),
    Sample(
        name="sound_only.m4a",
        make=lambda path: make(path, "ipod", codec=None, audio="aac"),
        declared=MP4,
        refusal="unknown_type",
    ),
    Sample(
        name="cut_off.mp4",
        make=_changed(_mp4(movflags="faststart"), lambda content: content[:-200]),
        declared=MP4,
        refusal="unreadable",
    ),
    Sample(
        name="cut_off.webm", make=_changed(_webm(), lambda content: content[:-200]), declared=WEBM, refusal="unreadable"
    ),
    Sample(
        name="cut_off_open_ended.mp4",
        make=_changed(_mp4(movflags="faststart"), _open_ended),
        declared=MP4,
        refusal="unreadable",
    ),
    Sample(name="no_moov.mp4", make=_changed(_mp4(), _without_moov), declared=MP4, refusal="unreadable"),
    Sample(
        name="zeros.mp4",
        make=_changed(_mp4(movflags="faststart", frames=40, tune={"gop_size": 5}), _zeros_at_the_end),
        declared=MP4,
        refusal="unreadable",
    ),
    Sample(
        name="place.mp4", make=_mp4(metadata={"location": PLACE}), declared=MP4, facts={**H264, "has_location": True}
    ),
    Sample(
        name="place.mov",
        make=_mov(metadata={"com.apple.quicktime.location.ISO6709": PLACE}, movflags="use_metadata_tags"),
        declared=MOV,
        facts={"has_location": True},
    ),
    Sample(name="timecode.mov", make=_timecoded, declared=MOV, facts={"has_location": False}),
    Sample(
        name="way.mov",
        make=_changed(_timecoded, lambda content: content.replace(b"tmcd", b"gpmd")),
        declared=MOV,
        facts={"has_location": True},
    ),
    Sample(name="titled.mp4", make=_mp4(metadata={"title": "A day"}), declared=MP4, facts={"has_location": False}),
    Sample(name="timeless.mp4", make=_changed(_mp4(), _timeless), declared=MP4, facts={"duration_ms": 400}),
    Sample(name="one_frame.mp4", make=_mp4(frames=1), declared=MP4, facts={"duration_ms": 40}),
    Sample(name="odd.mp4", make=_mp4(pixels="yuv444p", size=(61, 47)), declared=MP4, facts={"width": 61, "height": 47}),
    Sample(name="huge.webm", make=_changed(_webm(codec="libvpx"), _huge), declared=WEBM, refusal="too_many_pixels"),
    Sample(name="huge_and_empty.mp4", make=declare_huge, declared=MP4, refusal="unreadable"),
    Sample(name="ten_bit.mp4", make=_mp4(pixels="yuv420p10le"), declared=MP4, facts=H264),
    Sample(name="slow.mp4", make=_mp4(rate=Fraction(1, 2), frames=4), declared=MP4, facts={"frame_rate": 0.5}),
    Sample(
        name="fast.mp4", make=_mp4(rate=240, frames=48), declared=MP4, facts={"frame_rate": 240.0, "duration_ms": 200}
    ),
    Sample(name="matroska.webm", make=lambda path: make(path, "matroska"), declared=WEBM, refusal="unknown_type"),
)
VIDEOS = {sample.name: sample for sample in SAMPLES}

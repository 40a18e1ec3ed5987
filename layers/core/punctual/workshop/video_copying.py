"""A video's streams as they are in another file: packet by packet, so that its size costs no memory."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from punctual.workshop.video_reading import Source, codec_of, reading, refused

Writing: TypeAlias = Callable[[Packet], Iterable[Packet]]
"""What becomes of a packet that was read. The last one of each stream is empty, and brings what was held back."""
AUDIO_BIT_RATE = 128_000
_WRITERS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
_QUIET = {"fflags": "+bitexact"}
"""No word of when it was written, and with what."""
_FAST_START = {"movflags": "+faststart"}
"""The index first: it plays while it comes. https://ffmpeg.org/ffmpeg-formats.html#mov_002c-mp4_002c-ismv"""
_SAMPLE_RATES = (48_000, 44_100, 32_000)


def copy(path: Path, mime: str, target: Path, made: str, encodes_audio: bool = False) -> None:
    """Picture and sound alone, without what else is said of them, but how to turn them. `made`: the other's type."""
    with reading(path, mime) as source, writing(target, made) as container:
        ways = {source.picture.index: copied(container, source.picture)}
        if source.sound:
            way = encoded_audio if encodes_audio else copied
            ways[source.sound.index] = way(container, source.sound)
        transfer(source, container, ways)


@contextmanager
def writing(target: Path, mime: str) -> Iterator[OutputContainer]:
    options = _QUIET if mime == "video/webm" else _QUIET | _FAST_START
    with av.open(f"file:{target}", "w", format=_WRITERS[mime], options=dict(options)) as container:
        yield container


def transfer(source: Source, container: OutputContainer, ways: dict[int, Writing]) -> None:
    streams = [each for each in source.container.streams if each.index in ways]
    for packet in source.container.demux(streams):
        for made in ways[packet.stream.index](packet):
            container.mux(made)


def copied(container: OutputContainer, stream: VideoStream | AudioStream) -> Writing:
    try:
        made = container.add_stream_from_template(stream, opaque=True)
    except ValueError as error:
        raise refused("cannot_fit") from error
    if codec_of(stream) == "hevc":
        made.codec_context.codec_tag = "hvc1"  # https://developer.apple.com/documentation/http-live-streaming/hls-authoring-specification-for-apple-devices

    def write(packet: Packet) -> Iterator[Packet]:
        if packet.dts is not None:
            packet.stream = made
            yield packet

    return write


def encoded_audio(container: OutputContainer, stream: AudioStream, bit_rate: int = AUDIO_BIT_RATE) -> Writing:
    """As AAC, in stereo at most."""
    rate = stream.rate if stream.rate in _SAMPLE_RATES else _SAMPLE_RATES[0]
    layout = "mono" if stream.channels == 1 else "stereo"
    made = container.add_stream("aac", rate=rate, bit_rate=bit_rate, layout=layout)
    resampler = AudioResampler(format="fltp", layout=layout, rate=rate)

    def write(packet: Packet) -> Iterator[Packet]:
        for frame in stream.decode(packet):
            for even in resampler.resample(frame):
                yield from made.encode(even)
        if not packet.size:
            for even in resampler.resample(None):
                yield from made.encode(even)
            yield from made.encode(None)

    return write

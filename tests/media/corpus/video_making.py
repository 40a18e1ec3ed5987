"""Small videos, made with what also reads them: a few frames of moving stripes and a tone."""

import math
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

FASTEST = {"libx264": {"preset": "ultrafast"}, "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"}}
PLACE = "+48.8577+002.2950/"


def make(
    path: Path,
    muxer: str,
    *,
    codec: str | None = "libx264",
    audio: str | None = None,
    size: tuple[int, int] = (64, 48),
    frames: int = 10,
    rate: Fraction | int = 25,
    pixels: str = "yuv420p",
    turn: int = 0,
    is_mirrored: bool = False,
    is_noisy: bool = False,
    times: Sequence[int] | None = None,
    metadata: dict[str, str] | None = None,
    movflags: str = "",
    muxing: dict[str, str] | None = None,
    tune: dict[str, Any] | None = None,
) -> None:
    """`turn`: counterclockwise, then mirrored, as FFmpeg has it; `times`: of the frames, in thousandths of a second."""
    options = (muxing or {}) | ({"movflags": movflags} if movflags else {})
    with av.open(str(path), "w", format=muxer, options=options) as container:
        container.metadata.update(metadata or {})
        picture = sound = None
        if codec:
            picture = container.add_stream(codec, rate=rate, options=dict(FASTEST.get(codec, {})))
            picture.width, picture.height, picture.pix_fmt = *size, pixels
            picture.codec_context.time_base = Fraction(1, 1000) if times else 1 / Fraction(rate)
            for name, value in (tune or {}).items():
                setattr(picture.codec_context, name, value)
            if turn or is_mirrored:
                picture.set_display_rotation(turn, hflip=is_mirrored)
        if audio:
            sound = container.add_stream(audio, rate=48000)
        if picture:
            for number, image in enumerate(_noise(size, frames) if is_noisy else _pictures(size, frames)):
                frame = av.VideoFrame.from_image(image).reformat(format=pixels)
                frame.pts = times[number] if times else number
                frame.time_base = Fraction(1, 1000) if times else 1 / Fraction(rate)
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
        if sound:
            seconds = (times[-1] / 1000 if times else frames / rate) if codec else 0.4
            for block in _tone(float(seconds)):
                container.mux(sound.encode(block))
            container.mux(sound.encode(None))


def declare_huge(path: Path) -> None:
    """One whose header says 30,000 by 20,000; there is nothing behind it."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_mux_stream("mpeg4", rate=25, width=30_000, height=20_000)
        packet = av.Packet(b"\0\0\1\xb0" + bytes(60))
        packet.stream, packet.pts, packet.dts, packet.time_base = stream, 0, 0, Fraction(1, 25)
        container.mux(packet)


def _pictures(size: tuple[int, int], count: int) -> Iterator[Image.Image]:
    """The upper left corner is red, the upper right one green, whatever moves: so a test sees which way is up."""
    width, height = size
    for number in range(count):
        image = Image.new("RGB", size, (10, 60, 120))
        image.paste((240, 240, 240), (number * 2 % width, height // 2, number * 2 % width + 4, height))
        image.paste((250, 0, 0), (0, 0, width // 2, height // 2))
        image.paste((0, 250, 0), (width // 2, 0, width, height // 2))
        yield image


def _noise(size: tuple[int, int], count: int) -> Iterator[Image.Image]:
    """What no encoder makes small."""
    for number in range(count):
        chance = random.Random(number)
        yield Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))


def _tone(seconds: float, rate: int = 48000) -> Iterator[av.AudioFrame]:
    at = 0
    while at < seconds * rate:
        frame = av.AudioFrame(format="s16", layout="stereo", samples=1024)
        samples = (int(8000 * math.sin((at + each) * 440 * 2 * math.pi / rate)) for each in range(1024))
        frame.planes[0].update(b"".join(each.to_bytes(2, "little", signed=True) * 2 for each in samples))
        frame.pts, frame.sample_rate, frame.time_base = at, rate, Fraction(1, rate)
        at += 1024
        yield frame

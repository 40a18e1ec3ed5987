"""Pictures that move."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tests.media.corpus.drawn import frames, picture
from tests.media.corpus.samples import Making, Sample

TIMES = [100, 200, 300, 400]


def _animated(encoder: str, **options: Any) -> Making:
    def make(path: Path) -> None:
        first, *others = frames(4)
        first.save(path, encoder, save_all=True, append_images=others, duration=TIMES, **options)

    return make


def _see_through(path: Path) -> None:
    """A square that wanders over nothing. One corner is missing: of a whole one, libwebp's encoder keeps only the
    square, and does not say that the rest is seen through (VP8X's flag), which Pillow goes by."""
    shown = []
    for number in range(4):
        image = Image.new("RGBA", (64, 48))
        image.paste((230, 30, 30, 255), (number * 10, 10, number * 10 + 20, 30))
        image.putpixel((number * 10, 10), (0, 0, 0, 0))
        shown.append(image)
    shown[0].save(path, "GIF", save_all=True, append_images=shown[1:], duration=TIMES, loop=0, disposal=2)


def _with_a_still_first(path: Path) -> None:
    others = frames(3)
    picture().save(path, "PNG", save_all=True, append_images=others, default_image=True, duration=[100, 200, 300])


def _unseen(path: Path) -> None:
    first, *others = frames(4)
    first.save(path, "GIF", save_all=True, append_images=others, duration=0)


def many(count: int) -> Making:
    """By hand, since Pillow keeps all frames: each is one pixel, of one colour or another."""

    def make(path: Path) -> None:
        head = b"GIF89a\x02\0\x02\0\x80\0\0" + b"\xff\0\0\0\0\xff" + b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
        pair = b"".join(
            b"!\xf9\x04\0\x02\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02" + each + b"\0"
            for each in (b"\x44\x01", b"\x4c\x01")
        )
        path.write_bytes(head + pair * (count // 2) + b";")

    return make


def _samples() -> Iterator[Sample]:
    made: list[tuple[str, str, Making, dict[str, Any]]] = [
        ("gif", "image/gif", _animated("GIF", loop=0), {}),
        ("gif-shown-once", "image/gif", _animated("GIF"), {}),
        ("gif-shown-thrice", "image/gif", _animated("GIF", loop=2), {}),
        ("gif-see-through", "image/gif", _see_through, {"has_alpha": True}),
        ("gif-without-times", "image/gif", _unseen, {"duration_ms": 400}),
        ("gif-of-2000", "image/gif", many(2000), {"frames": 2000, "duration_ms": 40_000, "width": 2, "height": 2}),
        ("apng", "image/png", _animated("PNG", loop=0), {}),
        ("apng-with-a-still-first", "image/png", _with_a_still_first, {"frames": 3, "duration_ms": 600}),
        ("webp-animated", "image/webp", _animated("WEBP", loop=0), {}),
        ("avif-animated", "image/avif", _animated("AVIF"), {}),
    ]
    for name, mime, make, facts in made:
        shared = {"kind": "animation", "type": mime, "width": 64, "height": 48, "frames": 4, "duration_ms": sum(TIMES)}
        yield Sample(name=name, make=make, declared=mime, facts={**shared, "has_location": False, **facts})


SAMPLES = list(_samples())

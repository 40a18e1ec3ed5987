"""Pictures of a hundred million pixels, and of more than that."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.media.corpus.drawn import chunk, picture
from tests.media.corpus.samples import Making, Sample

SIDE = 10_000
QUICK = {"jpeg-100-megapixels", "png-100-megapixels"}
"""The others are for the benchmark."""


def _saved(mode: str, encoder: str, **options: Any) -> Making:
    return lambda path: picture(SIDE, SIDE).convert(mode).save(path, encoder, **options)


def plain_png(width: int, height: int, colour: int, pixel: bytes) -> Making:
    """By hand, and much faster than Pillow: rows of one colour."""

    def make(path: Path) -> None:
        packer = zlib.compressobj(1)
        row = b"\0" + pixel * width
        rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
        header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
        pieces = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, content) for name, content in pieces))

    return make


def _samples() -> Iterator[Sample]:
    for name, mime, make in (
        ("jpeg-100-megapixels", "image/jpeg", _saved("L", "JPEG")),
        ("png-100-megapixels", "image/png", plain_png(SIDE, SIDE, 0, b"\x80")),
        ("jpeg-100-megapixels-colour", "image/jpeg", _saved("RGB", "JPEG")),
        ("jpeg-100-megapixels-progressive", "image/jpeg", _saved("RGB", "JPEG", progressive=True, subsampling=0)),
        ("jpeg-100-megapixels-cmyk", "image/jpeg", _saved("CMYK", "JPEG")),
        ("png-100-megapixels-colour", "image/png", plain_png(SIDE, SIDE, 2, b"\xe6\x1e\x1e")),
        ("png-100-megapixels-alpha", "image/png", plain_png(SIDE, SIDE, 6, b"\xe6\x1e\x1e\x80")),
        ("webp-100-megapixels", "image/webp", _saved("RGB", "WEBP", method=0)),
        ("tiff-100-megapixels", "image/tiff", _saved("RGB", "TIFF", compression="tiff_lzw")),
    ):
        facts = {"kind": "image", "type": mime, "width": SIDE, "height": SIDE}
        yield Sample(name=name, make=make, declared=mime, facts=facts, is_large=name not in QUICK)
    above = plain_png(SIDE + 1, SIDE, 0, b"\x80")
    yield Sample(name="png-above-the-limit", make=above, declared="image/png", refusal="too_many_pixels")


SAMPLES = list(_samples())

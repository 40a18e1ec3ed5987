"""What is refused: nothing, half of something, and something else than it is called."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from tests.media.corpus import located, moving, pictures
from tests.media.corpus.drawn import chunk, encoded, picture, png
from tests.media.corpus.samples import Making, Sample

SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
_CUT = ("jpeg", "jpeg-progressive", "png", "gif", "webp", "heic", "avif", "bmp", "tiff", "apng", "webp-animated")


def written(content: bytes) -> Making:
    def make(path: Path) -> None:
        path.write_bytes(content)

    return make


def _halved(make: Making) -> Making:
    def cut(path: Path) -> None:
        make(path)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) * 6 // 10])

    return cut


def _bomb(path: Path) -> None:
    """A few kilobytes that claim 2.5 gigapixels, and would fill 300 MB."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(6251)) for _ in range(500)) + packer.flush()
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    pieces = [(b"IHDR", header), (b"IDAT", rows), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, content) for name, content in pieces))


def _gif_that_claims(path: Path) -> None:
    whole = encoded(picture(), "GIF")
    path.write_bytes(whole[:6] + struct.pack("<HH", 60_000, 60_000) + whole[10:])


def _text_bomb(path: Path) -> None:
    """A megabyte that becomes a gigabyte."""
    packer = zlib.compressobj(9)
    text = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    path.write_bytes(png(1, 1, 8, 0, b"\0\0", (b"zTXt", b"Comment\0\0" + text)))


def _rotten(path: Path) -> None:
    """The right beginning, then noise."""
    content = bytearray(encoded(picture(), "PNG"))
    content[60:90] = bytes(range(30))
    path.write_bytes(content)


def _raw_photo(path: Path) -> None:
    exif = Image.Exif()
    exif[50706] = b"\x01\x04\0\0"
    picture().save(path, "TIFF", exif=exif)


def _samples() -> Iterator[Sample]:
    makers = {sample.name: sample for module in (pictures, moving, located) for sample in module.SAMPLES}
    for name in _CUT:
        sample = makers[name]
        yield Sample(name=f"{name}-cut-off", make=_halved(sample.make), declared=sample.declared, refusal="unreadable")
    for name, declared, content, code in (
        ("empty", "image/jpeg", b"", "empty"),
        ("one-byte", None, b"\xff", "unknown_type"),
        ("jpeg-magic-alone", "image/jpeg", b"\xff\xd8\xff", "unreadable"),
        ("png-magic-alone", "image/png", b"\x89PNG\r\n\x1a\n", "unreadable"),
        ("text", None, b"Hello, world\n" * 40, "unknown_type"),
        ("svg", "image/svg+xml", SVG, "scripted"),
        ("svg-named-png", "image/png", b"\xef\xbb\xbf  " + SVG, "scripted"),
        ("svg-utf-16", None, SVG.decode().encode("utf-16"), "scripted"),
        ("svg-behind-a-comment", None, b"<!-- " + b"x" * 3000 + b" -->" + SVG, "scripted"),
        ("html-named-jpeg", "image/jpeg", HTML, "unknown_type"),
        ("zip", None, b"PK\x03\x04" + b"x" * 100, "unknown_type"),
        ("psd", None, b"8BPS\0\x01" + b"x" * 100, "unknown_type"),
    ):
        yield Sample(name=name, make=written(content), declared=declared, refusal=code)
    endless = written(encoded(picture(), "JPEG").removesuffix(b"\xff\xd9"))
    yield Sample(name="jpeg-without-its-end", make=endless, declared="image/jpeg", refusal="unreadable")
    yield Sample(name="jpeg-named-png", make=makers["jpeg"].make, declared="image/png", refusal="type_mismatch")
    yield Sample(name="png-named-video", make=makers["png"].make, declared="video/mp4", refusal="type_mismatch")
    yield Sample(name="png-bomb", make=_bomb, declared="image/png", refusal="too_many_pixels")
    yield Sample(name="gif-bomb", make=_gif_that_claims, declared="image/gif", refusal="too_many_pixels")
    yield Sample(name="png-text-bomb", make=_text_bomb, declared="image/png", refusal="unreadable")
    yield Sample(name="png-rotten", make=_rotten, declared="image/png", refusal="unreadable")
    yield Sample(name="gif-of-2002", make=moving.many(2002), declared="image/gif", refusal="too_many_frames")
    yield Sample(name="gif-of-20000", make=moving.many(20_000), declared="image/gif", refusal="too_many_frames")
    yield Sample(name="raw-photo", make=_raw_photo, declared="image/tiff", refusal="unknown_type")


SAMPLES = list(_samples())

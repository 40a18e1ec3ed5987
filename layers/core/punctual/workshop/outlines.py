"""Where the pieces of a picture's file begin and end: enough to leave some out, and to see what is hidden behind it, or
behind a PDF.

Nothing is decoded. What breaks the format's rules raises Refused; but a GIF's end may be missing, as tools forget it:
then it ends with the file.
"""

import mmap
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from punctual.media.refusals import Refused

_STANDALONE = {0x01, *range(0xD0, 0xD9)}
_SCAN_ENDS = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_SOMETHING = re.compile(rb"[^\s\0]")
_PDF_END = b"%%EOF"
_PDF_END_WITHIN = 1024
"""From the file's end, as readers have it (ISO 32000-1, Annex H.3, note 18)."""
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B


@dataclass(frozen=True)
class Piece:
    """`name`: a JPEG's marker (`APP1`), a PNG's or WebP's chunk, a GIF's block, a HEIC's box."""

    name: str
    start: int
    end: int
    content: int
    """Where what it says begins, after its name and length."""


Walk: TypeAlias = Callable[[mmap.mmap], Iterator[Piece]]


def walk(file: mmap.mmap, mime: str) -> list[Piece]:
    try:
        return list(WALKS[mime](file))
    except IndexError:
        raise cut_off() from None


def behind(file: mmap.mmap, pieces: list[Piece], length: int) -> bytes:
    """What follows the end of the picture, but for what merely fills up: nothing, in most files."""
    found = _SOMETHING.search(file, pieces[-1].end)
    return file[found.start() : found.start() + length] if found else b""


def opened(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def cut_off() -> Refused:
    return Refused("unreadable", "It is cut off or damaged.")


def _jpeg(file: mmap.mmap) -> Iterator[Piece]:
    yield Piece("SOI", 0, 2, 2)
    at = 2
    while True:
        start = at
        if file[at] != 0xFF:
            raise cut_off()
        while file[at] == 0xFF:  # any number of these may fill up before a marker (ITU-T T.81, B.1.1.2)
            at += 1
        marker, at = file[at], at + 1
        if marker == 0xD9:
            yield Piece("EOI", start, at, at)
            return
        if marker in _STANDALONE:
            continue
        content, at = at + 2, at + int.from_bytes(file[at : at + 2], "big")
        if at < content or at > len(file):
            raise cut_off()
        if marker == 0xDA:
            found = _SCAN_ENDS.search(file, at)
            if found is None:
                raise cut_off()
            at = found.start()
        yield Piece(_marker(marker), start, at, content)


def _marker(marker: int) -> str:
    return f"APP{marker - 0xE0}" if 0xE0 <= marker <= 0xEF else {0xDA: "SOS", 0xFE: "COM"}.get(marker, f"{marker:02X}")


def _png(file: mmap.mmap) -> Iterator[Piece]:
    yield Piece("signature", 0, 8, 8)
    at, name = 8, ""
    while name != "IEND":
        end = at + 12 + int.from_bytes(file[at : at + 4], "big")
        if end > len(file):
            raise cut_off()
        name = file[at + 4 : at + 8].decode("latin-1")
        yield Piece(name, at, end, at + 8)
        at = end


def _webp(file: mmap.mmap) -> Iterator[Piece]:
    yield Piece("RIFF", 0, 12, 12)
    at, end = 12, 8 + int.from_bytes(file[4:8], "little")
    if end > len(file):
        raise cut_off()
    while at + 8 <= end:
        length = int.from_bytes(file[at + 4 : at + 8], "little")
        after = at + 8 + length + length % 2
        if after > end:
            raise cut_off()
        yield Piece(file[at : at + 4].decode("latin-1"), at, after, at + 8)
        at = after


def _gif(file: mmap.mmap) -> Iterator[Piece]:
    at = 13 + _colours(file[10])
    yield Piece("header", 0, at, 6)
    while at < len(file):
        start, block = at, file[at]
        if block == _TRAILER:
            yield Piece("trailer", start, start + 1, start + 1)
            return
        if block == _EXTENSION:
            name, content = f"extension {file[at + 1]:02X}", at + 2
        elif block == _IMAGE:
            name, content = "image", at + 11 + _colours(file[at + 9])
        else:
            raise cut_off()
        at = _after_blocks(file, content)
        yield Piece(name, start, at, content)


def _colours(flags: int) -> int:
    return 3 << (flags % 8) + 1 if flags & 0x80 else 0


def _after_blocks(file: mmap.mmap, at: int) -> int:
    while file[at]:
        at += file[at] + 1
    return at + 1


def _boxes(file: mmap.mmap) -> Iterator[Piece]:
    """Of a HEIC or an AVIF, the outermost ones."""
    at = 0
    while at < len(file):
        length, content = int.from_bytes(file[at : at + 4], "big"), at + 8
        if length == 1:
            length, content = int.from_bytes(file[at + 8 : at + 16], "big"), at + 16
        end = at + length if length else len(file)
        if end < content or end > len(file):
            raise cut_off()
        yield Piece(file[at + 4 : at + 8].decode("latin-1"), at, end, content)
        at = end


def _pdf(file: mmap.mmap) -> Iterator[Piece]:
    """As one: readers begin at its end."""
    at = file.rfind(_PDF_END, max(0, len(file) - _PDF_END_WITHIN))
    if at < 0:
        raise cut_off()
    yield Piece("PDF", 0, at + len(_PDF_END), 0)


WALKS: Mapping[str, Walk] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/heic": _boxes,
    "image/avif": _boxes,
    "application/pdf": _pdf,
}

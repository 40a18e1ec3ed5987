"""The same picture without what its file says of places, people and devices.

No pixel changes: pieces of the file are left out, and only a TIFF is written anew (its first page, compressed without
loss). The colours' profile and the orientation stay. Lost, beside EXIF, XMP, IPTC and comments: what a phone keeps
behind a picture (a motion photo's short video, a 3D photo's second picture, the gain map of an Ultra HDR one).
"""

import mmap
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from PIL import ExifTags, Image

from punctual.media.refusals import Refused
from punctual.workshop import images, locations, opening, outlines
from punctual.workshop.outlines import Piece

_KEPT_EXTENSIONS = re.compile(rb"\x0b(NETSCAPE2\.0|ANIMEXTS1\.0|ICCRGBG1012)")
_PNG_TEXTS = {"tEXt", "zTXt", "iTXt", "tIME", "eXIf"}
_VP8X_EXIF, _VP8X_XMP = 0x08, 0x04
"""Flags in the first byte of a WebP's VP8X (RFC 9649, section 2.7)."""
_BARE_EXIF = b"MM\0*\0\0\0\x08" + bytes(6)
"""A TIFF header and a directory that holds nothing."""
Cleaned: TypeAlias = Iterator[bytes]


def clean(path: Path, mime: str, target: Path) -> None:
    """Raises Refused where the location cannot be taken out."""
    with opening.opened(path, mime) as image:
        turned = images.orientation(image)
        if mime == "image/tiff":
            _save_first_page(image, turned, target)
        elif mime == "image/bmp":
            target.write_bytes(path.read_bytes())  # it has no place for anything else
        else:
            with outlines.opened(path) as file, target.open("wb") as cleaned:
                pieces = outlines.walk(file, mime)
                if mime in _CLEANERS:
                    cleaned.writelines(_CLEANERS[mime](file, pieces, turned))
                else:
                    cleaned.write(_blanked(file, pieces, [image.info.get("exif"), image.info.get("xmp")]))
    with opening.opened(target, mime) as image:
        if locations.says_where(target, mime, image):
            raise Refused("unreadable", "What it says of the place where it was taken could not be taken out.")


def _jpeg(file: mmap.mmap, pieces: list[Piece], turned: int) -> Cleaned:
    for piece in pieces:
        if _stays(file, piece):
            yield file[piece.start : piece.end]
        if piece.name == "SOI" and turned != 1:
            exif = b"Exif\0\0" + _orientation_alone(turned)
            yield b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _stays(file: mmap.mmap, piece: Piece) -> bool:
    """JFIF's, the colours' profile, and Adobe's word for what the colours are; the others are about the picture."""
    if piece.name in ("APP0", "APP14"):
        return True
    if piece.name == "APP2":
        return file[piece.content : piece.content + 12] == b"ICC_PROFILE\0"
    return piece.name != "COM" and not piece.name.startswith("APP")


def _png(file: mmap.mmap, pieces: list[Piece], turned: int) -> Cleaned:
    for piece in pieces:
        if piece.name not in _PNG_TEXTS:
            yield file[piece.start : piece.end]
        if piece.name == "IHDR" and turned != 1:
            content = b"eXIf" + _orientation_alone(turned)
            yield struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def _gif(file: mmap.mmap, pieces: list[Piece], turned: int) -> Cleaned:  # noqa: ARG001 - it cannot be turned
    for piece in pieces:
        if piece.name == "extension FE":
            continue
        if piece.name == "extension FF" and not _KEPT_EXTENSIONS.match(file, piece.content):
            continue
        yield file[piece.start : piece.end]
    if pieces[-1].name != "trailer":
        yield b";"


def _webp(file: mmap.mmap, pieces: list[Piece], turned: int) -> Cleaned:
    kept = [piece for piece in pieces[1:] if piece.name not in ("EXIF", "XMP ")]
    exif = _orientation_alone(turned) if turned != 1 else b""
    added = b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2) if exif else b""
    yield b"RIFF" + struct.pack("<I", 4 + sum(piece.end - piece.start for piece in kept) + len(added)) + b"WEBP"
    for piece in kept:
        content = file[piece.start : piece.end]
        if piece.name == "VP8X":
            flags = content[8] & ~(_VP8X_EXIF | _VP8X_XMP) | (_VP8X_EXIF if exif else 0)
            content = content[:8] + bytes([flags]) + content[9:]
        yield content
    yield added


def _blanked(file: mmap.mmap, pieces: list[Piece], said: list[bytes | None]) -> bytes:
    """A HEIC or an AVIF, in place: all its offsets are counted from its start. Its orientation is not EXIF's."""
    content = bytearray(file[: pieces[-1].end])
    for piece in pieces:
        if locations.HIDDEN.fullmatch(piece.name):
            content[piece.start + 4 : piece.start + 8] = b"free"
            content[piece.content : piece.end] = bytes(piece.end - piece.content)
    for text in said:
        if text and len(text) > len(_BARE_EXIF):
            _blank(content, text)
    return bytes(content)


def _blank(content: bytearray, text: bytes) -> None:
    exif = text.removeprefix(b"Exif\0\0")
    blank = _BARE_EXIF if exif[:2] in (b"MM", b"II") else b""
    at = content.find(exif)
    while at >= 0:
        content[at : at + len(exif)] = blank + (b"\0" if blank else b" ") * (len(exif) - len(blank))
        at = content.find(exif, at + len(exif))


def _save_first_page(image: Image.Image, turned: int, target: Path) -> None:
    profile = image.info.get("icc_profile")
    page = image.copy()
    page.info.clear()
    exif = Image.Exif()
    if turned != 1:
        exif[ExifTags.Base.Orientation] = turned
    page.save(target, "TIFF", compression="tiff_lzw", icc_profile=profile, exif=exif)


def _orientation_alone(turned: int) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turned
    return exif.tobytes().removeprefix(b"Exif\0\0")


_CLEANERS: Mapping[str, Callable[[mmap.mmap, list[Piece], int], Cleaned]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
}

"""Whether a picture's file says, or may say, where it was taken."""

import re
import struct
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import ExifTags, Image

from punctual.workshop import outlines

BROKEN_EXIF = (SyntaxError, ValueError, TypeError, KeyError, struct.error)
"""What Pillow raises. No OSError: that is a PNG's pixels being broken, which are read before its EXIF may come."""
_GPS_VERSION = 0
_XMP = re.compile(
    rb"GPS(Latitude|Longitude|Dest|Area)|photoshop:(City|State|Country)|Iptc4xmp(Core|Ext):(Location|Sublocation|City"
    rb"|CountryCode|ProvinceState)|geo:lat",
    re.IGNORECASE,
)
"""XMP's words for it: exif:, photoshop:, and IPTC's (https://iptc.org/std/photometadata/specification)."""
_IPTC = re.compile(rb"\x1c\x02[\x1a\x1b\x5a\x5c\x5f\x64\x65]")
"""IIM 4.2's datasets 2:26, 2:27, 2:90, 2:92, 2:95, 2:100 and 2:101: the place, its city, state and country."""
_TEXTS = re.compile(r"APP1|APP13|COM|tEXt|iTXt|XMP |extension F[EF]")
HIDDEN = re.compile(r"mpvd|sefd")
"""Boxes of a phone's short video inside a HEIC (https://developer.android.com/media/platform/motion-photo-format)."""


def says_where(path: Path, mime: str, image: Image.Image) -> bool:
    """True, too, where something hides behind the picture: a phone's short video, another picture with EXIF of its own.
    Cleaning leaves it out."""
    if mime in ("image/heic", "image/avif"):
        said = [_in_exif(image), _in_text(image.info.get("xmp"))]
        if mime == "image/heic":
            said += [_in_heif(each.info) for each in pillow_heif.open_heif(path)]
    else:
        said = [_in_exif(image), *(_in_text(text) for text in _texts(image))]
    return any(said) or _in_pieces(path, mime)


def _in_exif(image: Image.Image) -> bool:
    """A broken EXIF may, for those who can read it."""
    try:
        return bool(set(image.getexif().get_ifd(ExifTags.IFD.GPSInfo)) - {_GPS_VERSION})
    except BROKEN_EXIF:
        return True


def _in_heif(info: dict[str, Any]) -> bool:
    exif = Image.Exif()
    try:
        exif.load(info.get("exif") or b"")
        located = bool(set(exif.get_ifd(ExifTags.IFD.GPSInfo)) - {_GPS_VERSION})
    except BROKEN_EXIF:
        return True
    return located or _in_text(info.get("xmp"))


def _texts(image: Image.Image) -> list[Any]:
    """What Pillow has unpacked: a PNG's texts may be compressed, a TIFF's XMP is one of its tags."""
    return [image.info.get("xmp"), *getattr(image, "text", {}).values()]


def _in_text(text: Any) -> bool:
    said = text.encode(errors="replace") if isinstance(text, str) else text
    return isinstance(said, bytes) and bool(_XMP.search(said.replace(b"\0", b"")))


def _in_pieces(path: Path, mime: str) -> bool:
    if mime not in outlines.WALKS:
        return False
    with outlines.opened(path) as file:
        pieces = outlines.walk(file, mime)
        for piece in pieces:
            said = file[piece.content : piece.end] if _TEXTS.fullmatch(piece.name) else b""
            if HIDDEN.fullmatch(piece.name) or _in_text(said) or (piece.name == "APP13" and _IPTC.search(said)):
                return True
        return bool(outlines.behind(file, pieces, 1))

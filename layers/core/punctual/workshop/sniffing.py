"""What type a file is, by its content. Its name says nothing; what its sender declared is held against it."""

import re
from pathlib import Path

from punctual.media.refusals import REFUSALS, Refused
from punctual.workshop import outlines

_START = 4096
_PDF_WITHIN = 1024
"""Readers of PDF take a header that begins anywhere in there (ISO 32000-1, Annex H.3, note 13)."""
_ZIP_END = re.compile(rb"PK\x05\x06.{16}(..)", re.DOTALL)
_ZIP_TAIL = 22 + 0xFFFF
"""A ZIP is read from its end: a record of 22 bytes and a comment (APPNOTE.TXT 4.3.16)."""
_FOREIGN = re.compile(rb"(<[!?a-zA-Z]|%PDF-|PK\x03\x04|Rar!|7z\xbc\xaf|MZ|\x7fELF|#!)")
_MARKUP = re.compile(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_SVG = re.compile(rb"<(\w+:)?svg\b", re.IGNORECASE)
_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM.{4}\0{4}.{4}[\x0c\x28\x34\x38\x40\x6c\x7c]\0{3}", re.DOTALL), "image/bmp"),
    (re.compile(rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]"), "image/tiff"),
    (re.compile(rb"\x1aE\xdf\xa3.{0,60}\x42\x82.webm", re.DOTALL), "video/webm"),
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"....(moov|mdat|wide|free|skip|pnot)", re.DOTALL), "video/quicktime"),
)
_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic"),
    b"qt  ": "video/quicktime",
}
"""The others are MP4's, of which there are hundreds (mp4ra.org); a raw photo's or a sound's is not."""
_NOT_OURS = (b"crx ", b"jp2 ", b"jpx ", b"M4A ", b"M4B ", b"M4P ")
_SAME = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/heif": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heic",
    "image/avif-sequence": "image/avif",
    "image/tif": "image/tiff",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "video/quicktime": "video/mp4",
    "video/x-m4v": "video/mp4",
    "video/3gpp": "video/mp4",
    "application/x-pdf": "application/pdf",
}
"""Other names; and MP4 is QuickTime's child: whether a phone's file is called one or the other says little."""
_SAYS_NOTHING = {"", "application/octet-stream", "binary/octet-stream", "application/x-binary"}


def sniff(path: Path) -> str:
    """MIME, one of `punctual.providers.media.SUFFIXES`. Raises Refused."""
    size = path.stat().st_size
    if not size:
        raise Refused("empty", "The file is empty.")
    with path.open("rb") as file:
        start = file.read(_START)
        file.seek(max(0, size - _ZIP_TAIL))
        tail = file.read()
    found = _type_of(start)
    if found is None:
        raise _none_of_ours(start)
    if found != "application/pdf" and b"%PDF-" in start[:_PDF_WITHIN]:
        raise _ambiguous(found, "a PDF")
    if any(int.from_bytes(each[1], "little") == len(tail) - each.end() for each in _ZIP_END.finditer(tail)):
        raise _ambiguous(found, "an archive")
    if found in outlines.WALKS and _FOREIGN.match(_behind(path, found)):
        raise _ambiguous(found, "the document that is hidden behind it")
    return found


def _behind(path: Path, mime: str) -> bytes:
    with outlines.opened(path) as file:
        return outlines.behind(file, outlines.walk(file, mime), _START)


def compare(found: str, declared: str | None) -> None:
    """Raises Refused where somebody declared another type."""
    said = (declared or "").split(";")[0].strip().lower()
    if said in _SAYS_NOTHING or _SAME.get(said, said) == _SAME.get(found, found):
        return
    raise Refused("type_mismatch", f"By its content it is {found}, which is not the type that was declared.")


def _type_of(start: bytes) -> str | None:
    if start[4:8] == b"ftyp":
        return _by_brand(start)
    return next((name for magic, name in _MAGIC if magic.match(start)), None)


def _by_brand(start: bytes) -> str | None:
    """Of the containers that begin as MP4 does: by the major brand, or for a HEIF by the compatible ones."""
    major, end = start[8:12], int.from_bytes(start[:4], "big")
    if major in _NOT_OURS:
        return None
    if major in (b"mif1", b"msf1", b"miaf"):
        brands = [start[at : at + 4] for at in range(16, min(end, len(start)), 4)]
        return next((_BRANDS[brand] for brand in brands if _BRANDS.get(brand, "").startswith("image/")), "image/heic")
    return _BRANDS.get(major, "video/mp4")


def _none_of_ours(start: bytes) -> Refused:
    text = start.replace(b"\0", b"")
    if _MARKUP.match(start) and _SVG.search(text):
        return Refused("scripted", "It is a drawing that can hold scripts (SVG).")
    if _MARKUP.match(start):
        return Refused("unknown_type", "It is a page or another text, whatever its name says.")
    return Refused("unknown_type", REFUSALS["unknown_type"])


def _ambiguous(found: str, other: str) -> Refused:
    return Refused("ambiguous", f"It can be read as {found}, and as {other}.")

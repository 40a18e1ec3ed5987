"""Documents: how many pages a PDF has. Nothing on its pages is opened, and nothing of it is ever made anew.

pypdf bounds what a stream may become, and how deep a tree may be: https://pypdf.readthedocs.io/en/stable/user/security.html
"""

from pathlib import Path
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.errors import LimitReachedError
from pypdf.generic import DictionaryObject

from punctual.media.facts import Facts
from punctual.media.refusals import MAX_PAGES, Refused


def probe(path: Path, mime: str) -> Facts:
    """All but its bytes and checksum. Raises Refused, and what pypdf raises."""
    with path.open("rb") as file:
        try:
            pages = _pages(_opened(file))
        except LimitReachedError:
            raise Refused("too_costly", "It holds more, once unpacked, than is read.") from None
    return Facts(kind="document", type=mime, bytes=0, sha256="", pages=pages)


def _opened(file: BinaryIO) -> PdfReader:
    """Raises Refused for one that opens without a password, too, and only forbids printing, say."""
    try:
        reader = PdfReader(file)
    except NotImplementedError:  # a protection that pypdf does not know
        raise _protected() from None
    if reader.is_encrypted:
        raise _protected()
    return reader


def _pages(reader: PdfReader) -> int:
    """Of those that are there; what a document says of their number is believed where it is too many."""
    top = reader.root_object["/Pages"]
    said = top["/Count"] if isinstance(top, DictionaryObject) and "/Count" in top else 0
    said = said if isinstance(said, int) else 0
    found = said if said > MAX_PAGES else len(reader.pages)
    if found > MAX_PAGES:
        raise Refused("too_many_pages", f"It has {found:,} pages.")
    if said > found:
        raise Refused("unreadable", f"It says that it has {said:,} pages, and {found:,} are there.")
    if not found:
        raise Refused("no_pages", "It has no pages.")
    return found


def _protected() -> Refused:
    return Refused("protected", "It is protected by a password.")

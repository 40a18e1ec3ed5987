"""Whether all of a video is there, by its outermost structure: FFmpeg plays what is left of one that was cut off.

https://developer.apple.com/documentation/quicktime-file-format, https://www.rfc-editor.org/rfc/rfc8794
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from punctual.media.refusals import Refused

_MAX_BOXES = 200_000
"""A file in fragments has two for each: of a second each, these are more than a day."""
_NEEDED = {b"moov", b"mdat", b"moof"}
_EBML, _SEGMENT = 0x1A45DFA3, 0x18538067
_CUT_OFF = "The video is cut off: a part that it names is not there."


def check_whole(path: Path) -> None:
    """Raises Refused for one that is cut off."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) == _EBML.to_bytes(4):
            _check_segment(file, size)
        else:
            _check_boxes(file, size)


def _check_boxes(file: BinaryIO, size: int) -> None:
    found = set()
    for name, end in _boxes(file, size):
        if name in _NEEDED and end > size:
            raise Refused("unreadable", _CUT_OFF)
        found.add(name)
    if b"moov" not in found:
        raise Refused("unreadable", _CUT_OFF)


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Their names, and where they end; what stands behind the last one is passed over, as players do."""
    at = 0
    for _ in range(_MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        length, name = int.from_bytes(head[:4]), head[4:8]
        if length == 1:
            length = int.from_bytes(head[8:16])
        elif length == 0:
            length = size - at
        if len(name) < 4 or length < 8:
            return
        at += length
        yield name, at
        if at >= size:
            return
    raise Refused("unreadable", "The video is in too many pieces.")


def _check_segment(file: BinaryIO, size: int) -> None:
    """One that was recorded live says no size: then there is nothing to hold it against."""
    file.seek(0)
    for name, length in _elements(file):
        if name == _SEGMENT:
            if length is not None and file.tell() + length > size:
                raise Refused("unreadable", _CUT_OFF)
            return
        file.seek(length or 0, 1)
    raise Refused("unreadable", _CUT_OFF)


def _elements(file: BinaryIO) -> Iterator[tuple[int, int | None]]:
    """Names and lengths; who reads on goes into one, who seeks its length passes it over."""
    for _ in range(20):
        name = _number(file, keeps_marker=True)
        length = _number(file)
        if name is None or length is None:
            return
        yield name[0], None if length[1] else length[0]


def _number(file: BinaryIO, keeps_marker: bool = False) -> tuple[int, bool] | None:
    """An EBML number, and whether all its bits are set, which says "unknown"."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    raw = first + file.read(more)
    bits = 7 * len(raw)
    value = int.from_bytes(raw)
    plain = value & ((1 << bits) - 1)
    return (value if keeps_marker else plain), plain == (1 << bits) - 1

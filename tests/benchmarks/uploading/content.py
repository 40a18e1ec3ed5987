"""A file of any size, made where it is read: whoever has a range can tell whether it is the right one."""

import hashlib

_BLOCK = 1024 * 1024
_FTYP = b"\x00\x00\x00\x18ftypisom"


def content(start: int, end: int) -> bytes:
    found = bytearray()
    for number in range(start // _BLOCK, -(-end // _BLOCK)):
        begins = number * _BLOCK
        found += _block(number)[max(0, start - begins) : end - begins]
    return bytes(found)


def _block(number: int) -> bytes:
    """No two are alike."""
    block = hashlib.sha256(str(number).encode()).digest() * (_BLOCK // 32)
    return _FTYP + block[len(_FTYP) :] if number == 0 else block

"""Record keys in the form of TIDs, the timestamp identifiers of the AT Protocol: https://atproto.com/specs/tid"""

from datetime import datetime
from hashlib import sha256

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_IN_A_SECOND = 1_000_000 << 10


def record_key(moment: datetime, seed: str, after: str = "") -> str:
    """A TID within that second, the rest of it drawn from the seed: the same three always name the same record.

    Microseconds of the epoch, then 10 bits of one's own, as 13 digits of sortable base 32. Where `after`, another key,
    lies in that second or later, the second begins right after it: the draw stays as wide, and the key sorts behind.
    """
    within = int.from_bytes(sha256(seed.encode()).digest()) % _IN_A_SECOND
    number = max(int(moment.timestamp()) * _IN_A_SECOND, _number(after) + 1) + within
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))


def _number(key: str) -> int:
    """-1 for a key of another form, which sorts by no time."""
    if len(key) != 13 or not set(key) <= set(_DIGITS):
        return -1
    number = 0
    for digit in key:
        number = number << 5 | _DIGITS.index(digit)
    return number

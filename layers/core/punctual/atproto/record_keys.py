"""Record keys in the form of TIDs, the timestamp identifiers of the AT Protocol: https://atproto.com/specs/tid"""

from datetime import datetime
from hashlib import sha256

_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_IN_A_SECOND = 1_000_000 << 10


def record_key(moment: datetime, seed: str) -> str:
    """A TID within that second, the rest of it drawn from the seed: the same two always name the same record.

    Microseconds of the epoch, then 10 bits of one's own, as 13 digits of sortable base 32.
    """
    within = int.from_bytes(sha256(seed.encode()).digest()) % _IN_A_SECOND
    number = int(moment.timestamp()) * _IN_A_SECOND + within
    return "".join(_DIGITS[number >> shift & 31] for shift in range(60, -1, -5))

"""What a host answers to who fetches a file from it: the file, a reason why there is none, or nothing for now."""

from dataclasses import dataclass

import httpx

from punctual.guarded_http import AddressRefused, AnswerBroken, AnswerTooLarge, Download
from punctual.media.refusals import Refused
from punctual.media.storage import GIGABYTE
from punctual.media.uploads import MAX_BYTES

_COMES_BACK = frozenset({408, 425, 429})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_LONGEST_WAIT = 3600


class NotNow(Exception):
    """The host may have it later. `after`: in so many seconds, says the host."""

    def __init__(self, reason: str, after: int = 0):
        super().__init__(reason)
        self.reason = reason
        """A sentence for the user."""
        self.after = after


@dataclass(frozen=True, kw_only=True)
class Room:
    """How large a file may be: `free` is what the workspace has left, None: no limit."""

    free: int | None = None

    @property
    def bytes(self) -> int:
        return MAX_BYTES if self.free is None else min(self.free, MAX_BYTES)

    def refusal(self) -> Refused:
        """Of what is larger."""
        if self.bytes == MAX_BYTES:
            return Refused("too_large", f"The file is larger than a media may be: {MAX_BYTES / GIGABYTE:.2f} GB.")
        left = max(0, self.free or 0) / GIGABYTE
        return Refused("storage_full", f"The workspace's media have {left:.3f} GB left, and the file is larger.")


def check(answer: Download) -> None:
    """Whether it is the file. Raises Refused, NotNow."""
    status = answer.status_code
    if status in _COMES_BACK or status >= 500:
        raise NotNow(f"The host answered HTTP {status}.", _wait(answer.headers))
    if status != 200:
        raise Refused("url_failed", f"The host answered HTTP {status}.")
    if answer.headers.get("Content-Type", "").partition(";")[0].strip().lower() in _PAGES:
        raise Refused("url_failed", "The URL leads to a web page, not to a file.")


def verdict(error: Exception, room: Room) -> Refused | NotNow:
    """What the guarded client's error means. The URL, which may hold a secret, is in none of the sentences."""
    match error:
        case AddressRefused():
            return Refused("url_refused", "The URL, or where it redirects to, is not on a public host, or not https.")
        case AnswerTooLarge():
            return room.refusal()
        case AnswerBroken():
            return Refused("url_failed", "What the host sent does not decode.")
        case httpx.TooManyRedirects():
            return Refused("url_failed", "The host redirects without end.")
        case httpx.TimeoutException():
            return NotNow("The host took too long.")
        case httpx.ConnectError():
            return NotNow("The host could not be reached.")
        case _:
            return NotNow("The connection to the host broke off.")


def _wait(headers: httpx.Headers) -> int:
    said = headers.get("Retry-After", "")
    is_number = said.isascii() and said.isdecimal() and len(said) < 10
    return min(int(said), _LONGEST_WAIT) if is_number else 0

"""Files from hosts that users may name: read as they come, so that none is ever held whole."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

import httpx

from punctual.guarded_http.answers import pieces
from punctual.guarded_http.errors import AddressRefused, AnswerTooLarge, DeadlinePassed

HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Punctual"}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 1024 * 1024

Result = TypeVar("Result")


class Steps:
    """Runs one step after another on one event loop, all inside one deadline."""

    def __init__(self, runner: asyncio.Runner, seconds: float):
        self._runner = runner
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def run(self, step: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(self._in_time(step))

    async def _in_time(self, step: Coroutine[Any, Any, Result]) -> Result:
        try:
            async with asyncio.timeout(max(0.0, self._ends - time.monotonic())):
                return await step
        except TimeoutError as error:
            raise DeadlinePassed(f"no whole answer within {self._seconds:g} s") from error


class Download:
    """An answer whose body comes when it is iterated over, once."""

    def __init__(self, response: httpx.Response, steps: Steps, max_bytes: int):
        self.status_code = response.status_code
        self.headers = response.headers
        self._response = response
        self._steps = steps
        self._max_bytes = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        """Raises AnswerTooLarge, AnswerBroken and whatever else httpx calls a TransportError."""
        if int(self._announced() or 0) > self._max_bytes:
            raise AnswerTooLarge("the answer is too large", request=self._response.request)
        left = pieces(self._response, self._max_bytes)
        while some := self._steps.run(_some(left)):
            yield some

    def _announced(self) -> str | None:
        said = self.headers.get("Content-Length", "")
        return said if said.isdecimal() and said.isascii() else None


def redirected(response: httpx.Response) -> httpx.URL | None:
    """Where an answer says to look instead. Raises AddressRefused."""
    location = response.headers.get("Location")
    if response.status_code not in _REDIRECTS or location is None:
        return None
    asked = response.request.url
    try:
        url = asked.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise AddressRefused("it redirects to what is no URL") from error
    if asked.scheme == "https" and url.scheme != "https":
        raise AddressRefused("it redirects from https to something else")
    return url


async def _some(left: AsyncIterator[bytes]) -> bytes:
    """A step each chunk of the network's would be a step each 64 KiB."""
    found = bytearray()
    async for piece in left:
        found += piece
        if len(found) >= _PIECE:
            break
    return bytes(found)

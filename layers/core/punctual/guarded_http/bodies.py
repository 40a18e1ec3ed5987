"""Bodies of requests that are larger than memory: read piece by piece, in a thread, since reading blocks.

One is begun only once a connection stands, and never sent again, except as a new call whose body is a file that can
be read from its start (an answer that only asks for another proof: `punctual.providers.talking.exchange`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, BinaryIO

import httpx

from punctual.guarded_http.errors import BodyBroken
from punctual.guarded_http.threads import a_thread

_PIECE = 256 * 1024


def request_for(method: str, url: str, headers: Mapping[str, str], **content: Any) -> httpx.Request:
    """httpx's own; where `content` is a file that seeks, it may be sent again, from its start."""
    request = httpx.Request(method, url, headers=headers, **content)
    file: Any = content.get("content")
    if hasattr(file, "read") and hasattr(file, "seek"):
        request.stream = _File(file)
    return request


def send_off(request: httpx.Request) -> None:
    """Make its body ready to be sent, once. Raises BodyBroken where it was begun before and cannot be read again."""
    if isinstance(request.stream, _Streamed):
        request.stream.reopen()
    elif isinstance(request.stream, httpx.SyncByteStream) and not isinstance(request.stream, httpx.ByteStream):
        request.stream = _Streamed(request.stream, request.headers.get("Content-Length"))


class _File(httpx.SyncByteStream):
    def __init__(self, file: BinaryIO):
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece


class _Streamed(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, announced: str | None):
        self._stream = stream
        self._announced = int(announced) if announced else None
        self._is_begun = False

    def reopen(self) -> None:
        if self._is_begun and not isinstance(self._stream, _File):
            raise BodyBroken("a body that was begun is not sent again")
        self._is_begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Raises BodyBroken, and whatever reading raises that is no error of HTTP: as one, it would speak of this
        request's own connection."""
        if self._is_begun:
            raise BodyBroken("a body that was begun is not sent again")
        self._is_begun = True
        sent = 0
        async for piece in _read(self._stream):
            sent += len(piece)
            if self._announced is not None and sent > self._announced:
                raise BodyBroken("the body is longer than was announced")
            yield piece
        if self._announced is not None and sent < self._announced:
            raise BodyBroken("the body is shorter than was announced")


async def _read(stream: httpx.SyncByteStream) -> AsyncIterator[bytes]:
    with a_thread() as thread:
        pieces = iter(stream)
        while True:
            try:
                piece = await asyncio.get_running_loop().run_in_executor(thread, next, pieces, None)
            except httpx.RequestError as error:
                raise BodyBroken("the body could not be read") from error
            if piece is None:
                return
            yield piece

"""Bodies of answers: counted as they arrive, before decoding (a bomb is small on the wire) and after."""

import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx

from punctual.guarded_http.errors import AnswerBroken, AnswerTooLarge

MAX_ANSWER_BYTES = 4 * 1024 * 1024
_PIECE = 64 * 1024
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})


class Answer(httpx.Response):
    """What is nested without end is no JSON either."""

    def json(self, **kwargs: Any) -> Any:
        """Raises ValueError."""
        try:
            return super().json(**kwargs)
        except RecursionError as error:
            raise ValueError("the answer is nested too deeply") from error


async def whole(response: httpx.Response) -> httpx.Response:
    body = bytearray()
    async for piece in pieces(response, MAX_ANSWER_BYTES):
        body += piece
    headers = [(k, v) for k, v in response.headers.raw if k.lower() not in (b"content-encoding", b"content-length")]
    return Answer(response.status_code, headers=headers, content=bytes(body), request=response.request)


async def pieces(response: httpx.Response, max_bytes: int) -> AsyncIterator[bytes]:
    """The body, decoded, never more than a small piece at a time. Raises AnswerTooLarge, AnswerBroken."""
    arrived = decoded = 0
    decoder = _decoder(response)
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError("an answer that cannot be awaited")
    async for raw in response.stream:
        arrived += len(raw)
        if arrived > max_bytes:
            raise AnswerTooLarge("the answer is too large", request=response.request)
        for piece in decoder.pieces(raw) if decoder else (raw,):
            decoded += len(piece)
            if decoded > max_bytes:
                raise AnswerTooLarge("the answer is too large once decoded", request=response.request)
            yield piece
    if arrived and decoder and not decoder.is_complete:
        raise AnswerBroken("the answer does not decode", request=response.request)


def _decoder(response: httpx.Response) -> "_Unzipping | None":
    """We ask for no encoding; servers that encode nevertheless do it once, in one of the old ways."""
    said = response.headers.get("Content-Encoding", "").lower().split(",")
    known = [each.strip() for each in said if each.strip() in _ENCODINGS]
    if len(known) > 1:
        raise AnswerBroken("the answer is encoded more than once", request=response.request)
    return _Unzipping(response.request) if known else None


class _Unzipping:
    def __init__(self, request: httpx.Request):
        self._request = request
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by their first bytes

    @property
    def is_complete(self) -> bool:
        return self._zlib.eof

    def pieces(self, raw: bytes) -> Iterator[bytes]:
        try:
            piece = self._zlib.decompress(raw, _PIECE)
            while piece:
                yield piece
                piece = self._zlib.decompress(self._zlib.unconsumed_tail, _PIECE)
        except zlib.error as error:
            raise AnswerBroken("the answer does not decode", request=self._request) from error
        if self._zlib.unused_data:
            raise AnswerBroken("the answer goes on after its end", request=self._request)

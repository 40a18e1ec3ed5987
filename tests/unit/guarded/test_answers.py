"""Bodies of answers: we ask for no encoding, and count whatever comes before decoding it and after."""

import gzip
import tracemalloc
import zlib

import httpx
import pytest

from punctual.guarded_http import MAX_ANSWER_BYTES, AnswerBroken, AnswerTooLarge, GuardedHttp
from tests.unit.guarded.far_side import leading_to

PLAIN = b'{"a": 1}' * 50_000


def answered(body: bytes, encoding: str) -> httpx.Response:
    response = httpx.Response(200, headers={"Content-Encoding": encoding}, stream=httpx.ByteStream(body))
    http = GuardedHttp(transport=httpx.MockTransport(lambda _: response), resolve=leading_to("93.184.215.14"))
    return http.send(httpx.Request("GET", "https://named.example/"))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PLAIN)),
        ("X-GZIP", gzip.compress(PLAIN)),
        ("deflate", zlib.compress(PLAIN)),
        ("identity", PLAIN),
        ("identity, gzip", gzip.compress(PLAIN)),
        ("utf-8", PLAIN),
    ],
)
def test_an_encoded_answer_is_decoded_and_says_no_more_that_it_was(encoding: str, body: bytes) -> None:
    response = answered(body, encoding)
    assert response.content == PLAIN
    assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PLAIN)[:-9]),
        ("gzip", b"no gzip at all"),
        ("gzip", gzip.compress(PLAIN) + b"and more"),
        ("gzip, gzip", gzip.compress(gzip.compress(PLAIN))),
    ],
    ids=["cut off", "another", "trailing", "twice"],
)
def test_an_answer_that_does_not_decode_is_broken(encoding: str, body: bytes) -> None:
    with pytest.raises(AnswerBroken):
        answered(body, encoding)


def test_an_encoding_of_nothing_is_nothing() -> None:
    assert answered(b"", "gzip").content == b""


def test_a_bomb_never_takes_more_memory_than_an_answer_may() -> None:
    """Of one chunk that arrives, the whole content would be a thousand times as large."""
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(AnswerTooLarge):
        answered(bomb, "deflate")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_ANSWER_BYTES


def test_what_is_large_on_the_wire_is_too_large_though_it_decodes_to_nothing() -> None:
    """Empty blocks, without end: https://www.rfc-editor.org/rfc/rfc1951#section-3.2.4"""
    nothing = zlib.compress(b"")[:2] + b"\x00\x00\x00\xff\xff" * (MAX_ANSWER_BYTES // 5 + 1)
    with pytest.raises(AnswerTooLarge):
        answered(nothing, "deflate")

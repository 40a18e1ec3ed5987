"""Bodies that are larger than memory: sent as they are read, once, and never past the deadline."""

import hashlib
import io
import threading
import time
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from punctual.guarded_http import BodyBroken, DeadlinePassed, GuardedHttp, request_for
from punctual.providers.outcomes import RetryLater
from tests.unit.guarded.far_side import FarSide, answer, body_of, leading_to, serving

MEGABYTE = b"x" * 1024 * 1024
PUBLIC = ("93.184.215.14", "93.184.215.15")
HTTP = GuardedHttp(allow_private=True)


@pytest.fixture
def hashing() -> Iterator[FarSide]:
    """Answers the SHA-256 of what it was sent."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        digest = hashlib.sha256()
        body_of(handler, digest.update)
        answer(handler, body=digest.hexdigest().encode())

    with serving(respond) as side:
        yield side


def megabytes(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield MEGABYTE


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_an_iterator_is_sent_whole_and_never_held(hashing: FarSide) -> None:
    expected = hashlib.sha256()
    for some in megabytes(64):
        expected.update(some)
    headers = {"Content-Length": str(64 * len(MEGABYTE))}
    tracemalloc.start()
    response = HTTP.send(request_for("POST", hashing.url, headers, content=megabytes(64)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.text == expected.hexdigest()
    assert peak < 8 * len(MEGABYTE)
    assert hashing.headers[0]["Content-Length"] == str(64 * len(MEGABYTE))
    assert "Transfer-Encoding" not in hashing.headers[0]


def test_an_iterator_of_unknown_length_is_sent_in_chunks(hashing: FarSide) -> None:
    response = HTTP.send(request_for("POST", hashing.url, {}, content=iter([b"one", b"", b"two"])))
    assert response.text == sha256(b"onetwo")


def test_a_file_as_content_keeps_its_length(hashing: FarSide) -> None:
    response = HTTP.send(request_for("PUT", hashing.url, {}, content=io.BytesIO(MEGABYTE)))
    assert response.text == sha256(MEGABYTE)
    assert hashing.headers[0]["Content-Length"] == str(len(MEGABYTE))


def test_a_file_of_a_form_is_read_in_a_thread_and_keeps_its_length(hashing: FarSide) -> None:
    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            threads.add(threading.current_thread())
            return super().read(size)

    threads: set[threading.Thread] = set()
    request = request_for("POST", hashing.url, {}, files={"file": ("a.png", Watched(MEGABYTE), "image/png")})
    assert HTTP.send(request).status_code == 200
    assert int(hashing.headers[0]["Content-Length"]) > len(MEGABYTE)
    assert threads
    assert threading.current_thread() not in threads


def test_a_body_is_begun_only_once_a_connection_stands() -> None:
    begun: list[str] = []

    def body() -> Iterator[bytes]:
        begun.append("begun")
        yield b"all"

    class FirstUnreachable(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == PUBLIC[0]:
                raise httpx.ConnectError("unreachable", request=request)
            assert not begun
            return httpx.Response(200, content=await request.aread())

    http = GuardedHttp(transport=FirstUnreachable(), resolve=leading_to(*PUBLIC))
    assert http.send(request_for("POST", "https://named.example/", {}, content=body())).content == b"all"
    assert begun == ["begun"]


def test_what_a_body_says_of_its_own_connection_is_not_taken_for_this_ones() -> None:
    """A ConnectError would mean that nothing was sent, and that the next address may be tried."""
    begun: list[str] = []

    def body() -> Iterator[bytes]:
        begun.append("begun")
        yield b"some"
        raise httpx.ConnectError("the file's own store is unreachable")

    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    http = GuardedHttp(transport=transport, resolve=leading_to(*PUBLIC))
    with pytest.raises(BodyBroken, match="could not be read"):
        http.send(request_for("POST", "https://named.example/", {}, content=body()))
    assert begun == ["begun"]


def test_an_error_of_the_bodys_own_ends_the_call_and_its_connection(hashing: FarSide) -> None:
    def body() -> Iterator[bytes]:
        yield b"some"
        raise RetryLater("the file cannot be read now", code="store_unavailable")

    with pytest.raises(RetryLater, match="cannot be read"):
        HTTP.send(request_for("POST", hashing.url, {"Content-Length": "100"}, content=body()))


@pytest.mark.parametrize(("announced", "wrong"), [("2", "longer"), ("9", "shorter")])
def test_a_body_of_another_length_than_announced_is_broken_off(hashing: FarSide, announced: str, wrong: str) -> None:
    with pytest.raises(BodyBroken, match=wrong):
        HTTP.send(request_for("POST", hashing.url, {"Content-Length": announced}, content=iter([b"body"])))


@pytest.mark.parametrize("content", [{"content": iter([b"body"])}, {"files": {"file": io.BytesIO(b"body")}}])
def test_a_body_that_was_begun_is_not_sent_again(hashing: FarSide, content: dict[str, object]) -> None:
    request = request_for("POST", hashing.url, {}, **content)
    HTTP.send(request)
    with pytest.raises(BodyBroken, match="not sent again"):
        HTTP.send(request)
    assert hashing.connections == 1


def test_a_file_that_seeks_is_sent_again_from_its_start(hashing: FarSide) -> None:
    request = request_for("POST", hashing.url, {}, content=io.BytesIO(MEGABYTE))
    assert [HTTP.send(request).text for _ in range(2)] == [sha256(MEGABYTE)] * 2


def test_the_deadline_ends_a_call_whose_body_is_stuck(hashing: FarSide) -> None:
    """Nobody waits for the thread that reads, and the server sees the connection end."""
    go_on = threading.Event()

    def body() -> Iterator[bytes]:
        yield b"some"
        go_on.wait(30)
        yield b"more"

    began = time.monotonic()
    with pytest.raises(DeadlinePassed):
        HTTP.send(request_for("POST", hashing.url, {}, content=body()), seconds=0.3)
    assert time.monotonic() - began < 3
    go_on.set()


def test_the_deadline_ends_a_call_whose_body_nobody_takes() -> None:
    stop = threading.Event()
    ended: list[bool] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        stop.wait(10)
        try:
            while handler.rfile.read(65_536):
                pass
        except ConnectionError:
            pass
        ended.append(True)

    with serving(respond) as deaf:
        began = time.monotonic()
        with pytest.raises(DeadlinePassed):
            HTTP.send(request_for("POST", deaf.url, {}, content=megabytes(64)), seconds=0.5)
        assert time.monotonic() - began < 3
        stop.set()
        wait_for(lambda: bool(ended))


def test_an_answer_before_the_bodys_end_is_the_answer() -> None:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        answer(handler, status=413)
        handler.connection.shutdown(1)
        body_of(handler, len)

    with serving(respond) as refusing:
        headers = {"Content-Length": str(8 * len(MEGABYTE))}
        assert HTTP.send(request_for("POST", refusing.url, headers, content=megabytes(8))).status_code == 413


def wait_for(happened) -> None:
    ends = time.monotonic() + 5
    while not happened() and time.monotonic() < ends:
        time.sleep(0.01)
    assert happened()

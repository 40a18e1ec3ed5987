"""Files from hosts that users name: read as they come, bounded in size, time and redirects."""

import gzip
import hashlib
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from punctual.guarded_http import AddressRefused, AnswerTooLarge, DeadlinePassed, GuardedHttp
from tests.unit.guarded.far_side import FarSide, answer, leading_to, serving

MEGABYTE = b"x" * 1024 * 1024
HTTP = GuardedHttp(allow_private=True)
Respond = Callable[[BaseHTTPRequestHandler], None]


def read(url: str, http: GuardedHttp = HTTP, max_bytes: int = 10_000, seconds: float = 5.0, **more: float) -> bytes:
    with http.download(url, max_bytes=max_bytes, seconds=seconds, **more) as found:
        return b"".join(found)


@contextmanager
def sending(*pieces: bytes, pause: float = 0.0, **headers: str) -> Iterator[FarSide]:
    """Without a Content-Length: the body ends with the connection."""
    done = threading.Event()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(piece)
            handler.wfile.flush()
            done.wait(pause)

    with serving(respond) as side:
        yield side
        done.set()


def test_a_large_file_comes_whole_and_is_never_held() -> None:
    expected = hashlib.sha256(MEGABYTE * 32)
    with sending(*[MEGABYTE] * 32, Content_Length=str(32 * len(MEGABYTE))) as far:
        found = hashlib.sha256()
        tracemalloc.start()
        with HTTP.download(far.url, max_bytes=32 * len(MEGABYTE), seconds=20) as file:
            assert file.status_code == 200
            assert file.headers["Content-Length"] == str(32 * len(MEGABYTE))
            for piece in file:
                found.update(piece)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert found.digest() == expected.digest()
    assert peak < 8 * len(MEGABYTE)


def test_it_asks_for_no_encoding_and_says_nothing_of_anybody() -> None:
    with sending(b"file") as far:
        read(far.url)
    assert far.headers[0].keys() == {"Host", "Accept", "Accept-Encoding", "User-Agent"}
    assert far.headers[0]["Accept-Encoding"] == "identity"


def test_a_length_that_is_too_large_is_believed_before_anything_is_read() -> None:
    with sending(b"file", pause=10, Content_Length="10001") as far, pytest.raises(AnswerTooLarge):
        read(far.url, seconds=1)


def test_a_file_is_as_large_as_it_may_be_and_no_larger() -> None:
    with sending(b"x" * 9_999, b"x") as far:
        assert len(read(far.url)) == 10_000
    with sending(b"x" * 9_999, b"xx") as far, pytest.raises(AnswerTooLarge):
        read(far.url)


def test_an_encoded_file_is_counted_as_it_comes_and_as_it_becomes() -> None:
    with sending(gzip.compress(b"x" * 10_000), Content_Encoding="gzip") as far:
        assert read(far.url) == b"x" * 10_000
    with sending(gzip.compress(b"x" * 10_001), Content_Encoding="gzip") as far, pytest.raises(AnswerTooLarge):
        read(far.url)


def test_a_file_that_is_cut_off_is_none() -> None:
    with sending(b"half", Content_Length="8") as far, pytest.raises(httpx.RemoteProtocolError):
        read(far.url)


def test_a_file_that_only_drips_is_ended_by_the_deadline() -> None:
    with sending(*[b"x"] * 100, pause=0.05) as far, pytest.raises(DeadlinePassed):
        read(far.url, seconds=0.5)


def test_a_file_that_stops_coming_is_ended_before_the_deadline() -> None:
    began = time.monotonic()
    with sending(b"x", b"x", pause=5.0) as far, pytest.raises(httpx.ReadTimeout):
        read(far.url, seconds=60, idle_seconds=0.3)
    assert time.monotonic() - began < 3


def test_the_readers_own_time_counts() -> None:
    def read_slowly(url: str) -> None:
        with HTTP.download(url, max_bytes=10 * len(MEGABYTE), seconds=0.4) as file:
            for _ in file:
                time.sleep(0.3)

    with sending(*[MEGABYTE] * 4) as far, pytest.raises(DeadlinePassed):
        read_slowly(far.url)


def test_a_failure_is_told_by_its_status_and_its_body_need_not_be_read() -> None:
    with (
        serving(lambda handler: answer(handler, status=404, body=b"x" * 100_000)) as far,
        HTTP.download(far.url, max_bytes=10, seconds=5) as file,
    ):
        assert file.status_code == 404


def test_leaving_early_ends_the_connection() -> None:
    broken = threading.Event()

    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(MEGABYTE)
        except ConnectionError:
            broken.set()

    with serving(respond) as far:
        with HTTP.download(far.url, max_bytes=100 * len(MEGABYTE), seconds=20) as file:
            assert next(iter(file))
        assert broken.wait(5)


def redirects(count: int, status: int = 302) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        place = int(handler.path.removeprefix("/"))
        if place == count:
            answer(handler, body=b"file")
        else:
            answer(handler, status=status, body=b"x" * 100_000, Location=f"{place + 1}")

    return respond


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_as_many_redirects_are_followed_as_may_be(status: int) -> None:
    with serving(redirects(3, status)) as far:
        assert read(f"{far.url}/0") == b"file"
        assert [path for _, path in far.asked] == ["/0", "/1", "/2", "/3"]
    with serving(redirects(4, status)) as far, pytest.raises(httpx.TooManyRedirects):
        read(f"{far.url}/0")
    assert len(far.asked) == 4


def test_redirects_in_a_circle_end() -> None:
    circle = serving(lambda handler: answer(handler, status=302, Location=handler.path))
    with circle as far, pytest.raises(httpx.TooManyRedirects):
        read(f"{far.url}/round")
    assert far.connections == 4


@pytest.mark.parametrize(("status", "headers"), [(302, {}), (304, {"Location": "/x"}), (300, {"Location": "/x"})])
def test_what_is_no_redirect_is_the_answer(status: int, headers: dict[str, str]) -> None:
    with (
        serving(lambda handler: answer(handler, status=status, **headers)) as far,
        HTTP.download(far.url, max_bytes=10, seconds=5) as file,
    ):
        assert file.status_code == status


@pytest.mark.parametrize("allow_private", [True, False])
def test_a_redirect_from_https_to_http_is_refused_on_the_laptop_too(allow_private: bool) -> None:
    called: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        called.append(request.url.scheme)
        return httpx.Response(302, headers={"Location": "http://named.example/"})

    transport = httpx.MockTransport(respond)
    http = GuardedHttp(transport=transport, resolve=leading_to("93.184.215.14"), allow_private=allow_private)
    with pytest.raises(AddressRefused):
        read("https://named.example/", http)
    assert called == ["https"]


def test_the_connection_of_a_redirect_is_closed_before_it_is_followed_and_its_body_is_not_awaited() -> None:
    closed = threading.Event()
    was_closed: list[bool] = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/file":
            was_closed.append(closed.wait(2))
            answer(handler, body=b"file")
            return
        answer(handler, status=302, Location="/file", Content_Length="100")
        handler.rfile.read(1)
        closed.set()

    with serving(respond) as far:
        assert read(far.url) == b"file"
    assert was_closed == [True]

"""The one way out: where it may go, and that its deadline is real."""

import asyncio
import gzip
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from punctual.guarded_http import (
    MAX_ANSWER_BYTES,
    AddressRefused,
    AnswerTooLarge,
    DeadlinePassed,
    GuardedHttp,
    is_public,
)
from tests.template import ROOT

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:fbff:80ff:fffe",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_in_any_form_is_refused(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(AddressRefused):
        guarded([address]).send(get("https://named.example/"))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"])
def test_a_public_address_is_called(address: str) -> None:
    assert is_public(address)
    assert guarded([address]).send(get("https://named.example/")).status_code == 200


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused) as refused:
        guarded(["93.184.215.14", "127.0.0.1"]).send(get("https://named.example/"))
    assert "named" not in str(refused.value), "a user's address is none of the log's"


@pytest.mark.parametrize(
    "url",
    [
        "http://named.example/",
        "ftp://named.example/",
        "https://user:pass@named.example/",
        "https://named.example:8443/",
    ],
)
def test_a_url_of_another_form_is_refused_though_its_address_is_public(url: str) -> None:
    with pytest.raises(AddressRefused):
        guarded_with(no_network, ["93.184.215.14"]).send(get(url))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:10.0.0.1]", "localhost"])
def test_an_address_is_checked_however_it_is_written(host: str) -> None:
    with pytest.raises((AddressRefused, httpx.ConnectError)):
        GuardedHttp(transport=httpx.MockTransport(no_network)).send(get(f"https://{host}/"))


def test_an_answer_that_does_not_end_is_not_read_to_its_end() -> None:
    with pytest.raises(AnswerTooLarge):
        answering(httpx.Response(200, content=b"x" * (MAX_ANSWER_BYTES + 1))).send(get("https://named.example/"))


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_read_to_its_end() -> None:
    packed = gzip.compress(b"x" * (MAX_ANSWER_BYTES + 1))
    assert len(packed) < 10_000
    bomb = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(packed))
    with pytest.raises(AnswerTooLarge):
        answering(bomb).send(get("https://named.example/"))


def test_the_checked_address_is_the_one_that_is_connected_to_and_the_name_stays_in_host_and_tls() -> None:
    seen: list[httpx.Request] = []
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    GuardedHttp(transport=httpx.MockTransport(respond), resolve=rebinding).send(get("https://named.example/path"))
    assert str(seen[0].url) == "https://93.184.215.14/path"
    assert seen[0].headers["host"] == "named.example"
    assert seen[0].extensions["sni_hostname"] == "named.example"


def test_the_next_address_is_tried_where_connecting_failed() -> None:
    tried: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.host)
        if len(tried) == 1:
            raise httpx.ConnectError("unreachable", request=request)
        return httpx.Response(200)

    async def two(host: str, port: int) -> list[str]:
        return ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.14"]

    GuardedHttp(transport=httpx.MockTransport(respond), resolve=two).send(get("https://named.example/"))
    assert tried == ["2606:2800:21f:cb07:6820:80da:af6b:8b2c", "93.184.215.14"]


def test_the_next_address_is_not_tried_once_something_may_have_been_sent() -> None:
    tried: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.host)
        raise httpx.ReadError("broken off", request=request)

    with pytest.raises(httpx.ReadError):
        guarded_with(respond, ["93.184.215.14", "93.184.215.15"]).send(get("https://named.example/"))
    assert len(tried) == 1


@pytest.mark.parametrize("host", ["x" * 70 + ".example", "a..b.example"])
def test_a_name_that_cannot_be_looked_up_was_never_reached(host: str) -> None:
    with pytest.raises((httpx.ConnectError, AddressRefused)):
        GuardedHttp().send(get(f"https://{host}/"))


@pytest.fixture
def dripping() -> Iterator[int]:
    """A server that sends its headers one byte at a time, for twelve seconds; its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            try:
                for _ in range(240):
                    if done.is_set():
                        return
                    connection.sendall(b"H")
                    done.wait(0.05)
            except OSError:
                return

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    done.set()
    listener.close()
    thread.join(5)


def test_the_deadline_ends_a_call_whose_answer_only_drips(dripping: int) -> None:
    began = time.monotonic()
    with pytest.raises(httpx.TransportError):
        GuardedHttp(allow_private=True).send(get(f"http://127.0.0.1:{dripping}/"), seconds=1.0)
    assert time.monotonic() - began < 8


def test_a_transport_that_takes_too_long_is_cut_off_by_the_total_deadline() -> None:
    async def slow(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(30)
        return httpx.Response(200)

    http = GuardedHttp(transport=httpx.MockTransport(slow), resolve=resolver(["93.184.215.14"]))
    with pytest.raises(DeadlinePassed):
        http.send(get("https://named.example/"), seconds=0.05)


def get(url: str) -> httpx.Request:
    return httpx.Request("GET", url)


def resolver(addresses: list[str]):
    async def resolve(host: str, port: int) -> list[str]:
        return addresses

    return resolve


def guarded(addresses: list[str]) -> GuardedHttp:
    return guarded_with(lambda _: httpx.Response(200), addresses)


def guarded_with(respond, addresses: list[str]) -> GuardedHttp:
    return GuardedHttp(transport=httpx.MockTransport(respond), resolve=resolver(addresses))


def answering(response: httpx.Response) -> GuardedHttp:
    return guarded_with(lambda _: response, ["93.184.215.14"])


def no_network(request: httpx.Request) -> httpx.Response:
    raise AssertionError("nothing is to be sent here")


def test_once_ready_the_first_call_loads_nothing_more() -> None:
    """It may be the call on the second. In a process of its own: here everything is loaded."""
    code = """
import sys, contextlib, httpx
from punctual.guarded_http import GuardedHttp
GuardedHttp().get_ready()
before = set(sys.modules)
guarded = GuardedHttp(allow_private=True)
with contextlib.suppress(httpx.TransportError):
    guarded.send(httpx.Request("POST", "https://127.0.0.1:1/"), seconds=2)
print(sorted(set(sys.modules) - before))
"""
    core = str(ROOT / "layers/core")
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": core}, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"

"""The one way out: an HTTP client for hosts that users may name.

Public addresses only, every resolved address checked and the checked one connected to (so that a name cannot
answer differently the second time), no redirects, no proxies, no retries, a fresh connection for each call, a
ceiling on the answer's size, and a total deadline that really ends the call: it closes the socket.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from typing import Any, TypeAlias

import httpx

MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_ADDRESSES = 4
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")
_NOBODY = 1
"""A port that nothing listens on."""
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SERVER_WANTED = "Give the server's address, such as https://mastodon.social"

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]


class AddressRefused(Exception):
    """The URL is not one that Punctual will call: its scheme, its form, or an address it resolves to."""


class AnswerTooLarge(httpx.TransportError):
    """The answer passed `MAX_ANSWER_BYTES`; what it said is unknown."""


class AnswerBroken(httpx.TransportError):
    """The answer is not encoded as it says; what it said is unknown."""


class DeadlinePassed(httpx.TimeoutException):
    """The whole call took longer than it may; the socket was closed, how it ended is unknown."""


class Answer(httpx.Response):
    """What is nested without end is no JSON either."""

    def json(self, **kwargs: Any) -> Any:
        """Raises ValueError."""
        try:
            return super().json(**kwargs)
        except RecursionError as error:
            raise ValueError("the answer is nested too deeply") from error


class GuardedHttp:
    """Thread-safe. `transport` replaces the network in tests; `allow_private` is for the laptop."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve | None = None,
    ):
        self._allow_private = allow_private
        self._transport = transport
        self._resolve = resolve or _resolve

    def get_ready(self) -> None:
        """Load what the first call would load (200 ms of a processor), by one that nobody answers."""
        if self._transport:
            return
        nobody = httpx.Request("GET", f"https://localhost:{_NOBODY}/")

        async def call() -> None:
            await self._resolve("localhost", _NOBODY)
            await self._try_each(nobody, ["127.0.0.1"])

        with suppress(httpx.TransportError, OSError):
            asyncio.run(call())

    def send(self, request: httpx.Request, *, seconds: float = 15.0) -> httpx.Response:
        """The whole answer, read. Raises AddressRefused, or httpx.TransportError (of which ConnectError,
        ConnectTimeout and PoolTimeout mean that nothing was sent)."""
        return asyncio.run(self._send(request, seconds))

    async def _send(self, request: httpx.Request, seconds: float) -> httpx.Response:
        request.extensions["timeout"] = httpx.Timeout(seconds, connect=min(seconds, 5.0)).as_dict()
        self._check_form(request.url)
        started = False
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._addresses(request)
                started = True
                return await self._try_each(request, addresses)
        except TimeoutError as error:
            if not started:
                raise httpx.ConnectTimeout("the name lookup took too long", request=request) from error
            raise DeadlinePassed(f"no whole answer within {seconds:g} s", request=request) from error

    async def _try_each(self, request: httpx.Request, addresses: list[str]) -> httpx.Response:
        """The next address is tried only where connecting to one failed, that is, where nothing was sent."""
        for tried, address in enumerate(addresses, start=1):
            try:
                async with self._open() as transport:
                    return await _read(await transport.handle_async_request(_aimed(request, address)), request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if tried == len(addresses):
                    raise
        raise httpx.ConnectError("the host's name has no address", request=request)

    def _open(self) -> httpx.AsyncBaseTransport:
        return self._transport or httpx.AsyncHTTPTransport(verify=_tls(), retries=0, trust_env=False)

    async def _addresses(self, request: httpx.Request) -> list[str]:
        url = request.url
        try:
            found = await self._resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
        except (OSError, UnicodeError, OverflowError) as error:
            raise httpx.ConnectError("the host's name does not resolve", request=request) from error
        if not self._allow_private and not all(is_public(address) for address in found):
            raise AddressRefused(f"{url.host} resolves to an address that is not public")
        return list(dict.fromkeys(found))[:MAX_ADDRESSES]

    def _check_form(self, url: httpx.URL) -> None:
        if url.scheme != "https" and not (self._allow_private and url.scheme == "http"):
            raise AddressRefused("only https URLs are called")
        if url.userinfo:
            raise AddressRefused("a URL must not carry a user name or password")
        if not self._allow_private and url.port not in (None, 443):
            raise AddressRefused("only the standard https port is called")


def is_public(address: str) -> bool:
    """Whether the address is globally routable, also when it hides in an IPv6 form of an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip in _NAT64 or ip in _6TO4 or ip.teredo:
            return False
    return ip.is_global and not ip.is_multicast


def server_url(given: str) -> str:
    """What a person typed for a server (`mastodon.social`, `https://mastodon.social/about`) as its one origin: lower
    case, ASCII, no default port. Raises ValueError with a sentence for the person."""
    text = given.strip()
    try:
        url = httpx.URL(text if "://" in text else f"https://{text}")
    except httpx.InvalidURL as error:
        raise ValueError(_SERVER_WANTED) from error
    host = url.raw_host.decode().removesuffix(".")
    named = _HOST.fullmatch(host) or ":" in host  # or an IPv6 address, which httpx has checked
    if url.scheme not in ("https", "http") or not named or url.userinfo:
        raise ValueError(_SERVER_WANTED)
    return str(httpx.URL(scheme=url.scheme, host=host, port=url.port))


def _aimed(request: httpx.Request, address: str) -> httpx.Request:
    """The same request for one checked address; Host header and TLS name stay those of the URL."""
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    url = request.url.copy_with(host=address)
    return httpx.Request(request.method, url, headers=request.headers, content=request.content, extensions=extensions)


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def _read(response: httpx.Response, request: httpx.Request) -> httpx.Response:
    """The whole body, counted as it arrives: before decoding (a bomb is small on the wire) and after."""
    response.request = request
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise AnswerTooLarge("the answer is too large", request=request)
    except httpx.DecodingError as error:
        raise AnswerBroken("the answer does not decode", request=request) from error
    finally:
        await response.aclose()
    headers = [(k, v) for k, v in response.headers.raw if k.lower() not in (b"content-encoding", b"content-length")]
    return Answer(response.status_code, headers=headers, content=bytes(body), request=request)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)

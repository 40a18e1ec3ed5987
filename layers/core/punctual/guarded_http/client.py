"""Sending a request, and the whole answer; downloading a file."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import cache

import httpx

from punctual.guarded_http.addresses import Resolve, is_public
from punctual.guarded_http.addresses import resolve as addresses_of
from punctual.guarded_http.answers import whole
from punctual.guarded_http.bodies import send_off
from punctual.guarded_http.downloads import HEADERS, Download, Steps, redirected
from punctual.guarded_http.errors import AddressRefused, DeadlinePassed

MAX_ADDRESSES = 4
_NOBODY = 1
"""A port that nothing listens on."""


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
        self._resolve = resolve or addresses_of

    def get_ready(self) -> None:
        """Load what the first call would load (200 ms of a processor), by one that nobody answers."""
        if self._transport:
            return
        nobody = httpx.Request("GET", f"https://localhost:{_NOBODY}/")

        async def call() -> None:
            await self._resolve("localhost", _NOBODY)
            async with self._answering(nobody, ["127.0.0.1"]):
                """Nobody answers."""

        with suppress(httpx.TransportError, OSError):
            asyncio.run(call())

    def send(self, request: httpx.Request, *, seconds: float = 15.0) -> httpx.Response:
        """The whole answer, read. Raises AddressRefused, or httpx.TransportError (of which ConnectError,
        ConnectTimeout and PoolTimeout mean that nothing was sent)."""
        return asyncio.run(self._send(request, seconds))

    @contextmanager
    def download(
        self,
        url: str,
        *,
        max_bytes: int,
        seconds: float,
        idle_seconds: float = 20.0,
        max_redirects: int = 3,
    ) -> Iterator[Download]:
        """A GET without credentials, whatever its status: read when it is iterated over, closed at the end of `with`.

        Redirects are followed, each checked as the first URL is. `seconds` bounds all of it, the reader's own time
        too; `idle_seconds` the time in which nothing comes. Raises AddressRefused, httpx.TooManyRedirects or
        httpx.TransportError.
        """
        timeouts = httpx.Timeout(idle_seconds, connect=min(idle_seconds, 5.0)).as_dict()
        with asyncio.Runner() as runner:
            steps, held = Steps(runner, seconds), AsyncExitStack()
            try:
                response = steps.run(self._follow(url, max_redirects, timeouts, held))
                yield Download(response, steps, max_bytes)
            finally:
                runner.run(held.aclose())

    async def _follow(
        self, url: str | httpx.URL, max_redirects: int, timeouts: dict[str, float | None], held: AsyncExitStack
    ) -> httpx.Response:
        for _ in range(1 + max_redirects):
            try:
                request = httpx.Request("GET", url, headers=HEADERS, extensions={"timeout": timeouts})
            except (httpx.InvalidURL, UnicodeError) as error:  # of a name that says to be Punycode, and is not
                raise AddressRefused("it is no URL") from error
            self._check_form(request.url)
            answering = self._answering(request, await self._addresses(request))
            response = await held.enter_async_context(answering)
            further = redirected(response)
            if further is None:
                return response
            await held.aclose()
            url = further
        raise httpx.TooManyRedirects("it redirects too often", request=request)

    async def _send(self, request: httpx.Request, seconds: float) -> httpx.Response:
        request.extensions["timeout"] = httpx.Timeout(seconds, connect=min(seconds, 5.0)).as_dict()
        self._check_form(request.url)
        send_off(request)
        started = False
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._addresses(request)
                started = True
                async with self._answering(request, addresses) as response:
                    return await whole(response)
        except TimeoutError as error:
            if not started:
                raise httpx.ConnectTimeout("the name lookup took too long", request=request) from error
            raise DeadlinePassed(f"no whole answer within {seconds:g} s", request=request) from error

    @asynccontextmanager
    async def _answering(self, request: httpx.Request, addresses: list[str]) -> AsyncIterator[httpx.Response]:
        """The next address is tried only where connecting to one failed, that is, where nothing was sent."""
        for tried, address in enumerate(addresses, start=1):
            with _broken_tls(request):
                async with self._open() as transport:
                    try:
                        response = await transport.handle_async_request(_aimed(request, address))
                    except (httpx.ConnectError, httpx.ConnectTimeout):
                        if tried == len(addresses):
                            raise
                        continue
                    response.request = request
                    try:
                        yield response
                    finally:
                        await response.aclose()
                    return
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
            raise AddressRefused("its host's name resolves to an address that is not public")
        return list(dict.fromkeys(found))[:MAX_ADDRESSES]

    def _check_form(self, url: httpx.URL) -> None:
        if url.scheme != "https" and not (self._allow_private and url.scheme == "http"):
            raise AddressRefused("only https URLs are called")
        if url.userinfo:
            raise AddressRefused("a URL must not carry a user name or password")
        if not self._allow_private and url.port not in (None, 443):
            raise AddressRefused("only the standard https port is called")


def _aimed(request: httpx.Request, address: str) -> httpx.Request:
    """The same request for one checked address; Host header and TLS name stay those of the URL."""
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    url = request.url.copy_with(host=address)
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


@contextmanager
def _broken_tls(request: httpx.Request) -> Iterator[None]:
    """After the handshake httpcore lets it through as it is: under TLS 1.3 a server says only then that it wants a
    certificate of ours."""
    try:
        yield
    except ssl.SSLError as error:
        raise httpx.ReadError("the encrypted connection broke", request=request) from error


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)

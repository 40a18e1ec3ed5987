"""Which addresses are anybody's to call, and what a person means who types a server's name."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import httpx

from punctual.guarded_http.threads import a_thread

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SERVER_WANTED = "Give the server's address, such as https://mastodon.social"

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]


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


async def resolve(host: str, port: int) -> list[str]:
    with a_thread() as thread:
        asked = asyncio.get_running_loop().run_in_executor(thread, _look_up, host, port)
        return await asked


def _look_up(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

"""Which addresses are anybody's to call, and what a person means who types a server's name."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import httpx

from punctual.guarded_http.threads import a_thread

_IPV4_SPECIAL = [ipaddress.ip_network(each) for each in ("192.0.0.0/24", "192.88.99.0/24")]
_IPV6_GLOBAL = ipaddress.ip_network("2000::/3")
_IPV6_SPECIAL = [
    ipaddress.ip_network(each)
    for each in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")  # with Teredo, and 6to4
]
"""By hand, since Python's own table grew with its versions. https://www.iana.org/assignments/iana-ipv6-special-registry"""
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_SERVER_WANTED = "Give the server's address, such as https://mastodon.social"

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]


def is_public(address: str) -> bool:
    """Whether the address is globally routable unicast. An IPv4 address that hides in an IPv6 one is no such, but for
    the form that systems give to the address itself (`::ffff:192.0.2.1`), which counts as what it holds."""
    if "%" in address:  # one network's own
        return False
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not any(ip in each for each in _IPV4_SPECIAL)
    if ip.ipv4_mapped:
        return is_public(str(ip.ipv4_mapped))
    return ip.is_global and ip in _IPV6_GLOBAL and not any(ip in each for each in _IPV6_SPECIAL)


def server_url(given: str) -> str:
    """What a person typed for a server (`mastodon.social`, `https://mastodon.social/about`) as its one origin: lower
    case, ASCII, no default port. Raises ValueError with a sentence for the person."""
    text = given.strip()
    try:
        url = httpx.URL(text if "://" in text else f"https://{text}")
        shown = url.host
    except (httpx.InvalidURL, UnicodeError) as error:  # of a name that says to be Punycode, and is not
        raise ValueError(_SERVER_WANTED) from error
    host = url.raw_host.decode().removesuffix(".")
    named = _HOST.fullmatch(host) or ":" in shown  # or an IPv6 address, which httpx has checked
    if url.scheme not in ("https", "http") or not named or url.userinfo:
        raise ValueError(_SERVER_WANTED)
    return str(httpx.URL(scheme=url.scheme, host=host, port=url.port))


async def resolve(host: str, port: int) -> list[str]:
    with a_thread() as thread:
        asked = asyncio.get_running_loop().run_in_executor(thread, _look_up, host, port)
        return await asked


def _look_up(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

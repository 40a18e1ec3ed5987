"""Addresses that are nobody's to call, in every form that some software takes for them."""

import ipaddress
import socket
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote, unquote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

REFUSED = [
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]
"""https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, with multicast, what is
deprecated, and every block that holds an IPv4 address."""
_UNICAST = ipaddress.ip_network("2000::/3")
_FULLWIDTH = {ord(digit): chr(ord(digit) - ord("0") + ord("０")) for digit in "0123456789"}


def is_refused(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_refused(address.ipv4_mapped)
        if address not in _UNICAST:
            return True
    return any(address.version == each.version and address in each for each in REFUSED)


def forms(address: Address) -> Iterator[str]:
    """Hosts of URLs."""
    if isinstance(address, ipaddress.IPv4Address):
        yield from _of_ipv4(address)
        return
    for text in {str(address), address.exploded, address.exploded.upper()}:
        yield f"[{text}]"
        yield f"[{text}%25eth0]"


def _of_ipv4(address: ipaddress.IPv4Address) -> Iterator[str]:
    plain, number = str(address), int(address)
    a, b, c, d = address.packed
    yield from (plain, f"{plain}.", str(number), f"0x{number:x}", f"0X{number:08X}", f"0{number:o}")
    yield from (f"{a}.{number & 0xFFFFFF}", f"{a}.{b}.{c << 8 | d}", f"0x{a:x}.{number & 0xFFFFFF}")
    yield from (f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}", f"{a:03}.{b:03}.{c:03}.{d:03}")
    yield from (
        plain.translate(_FULLWIDTH),
        plain.replace(".", "。"),
        plain.replace(".", "．"),
        plain.replace(".", "｡"),
    )
    yield from (plain.replace(".", "%2e"), "".join(f"%{ord(each):02x}" for each in plain), quote(plain))
    tail = f"{number >> 16:x}:{number & 0xFFFF:x}"
    yield from (f"[::ffff:{plain}]", f"[::ffff:{tail}]", f"[::FFFF:{tail}]", f"[0:0:0:0:0:ffff:{tail}]")
    for prefix in ("::", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"):
        yield from (f"[{prefix}{plain}]", f"[{prefix}{tail}]")
    yield from (f"[2002:{tail}::]", f"[2001:0:{tail}::1]")


def lenient(host: str) -> list[str]:
    """As the most obliging resolver would read a host. Raises OSError."""
    text = unicodedata.normalize("NFKC", unquote(host)).replace("。", ".").rstrip(".").lower()
    if text in ("", "localhost", "metadata", "localhost.localdomain") or text.endswith(".localhost"):
        return ["127.0.0.1", "::1"]
    try:
        return [socket.inet_ntoa(socket.inet_aton(text))]
    except OSError:
        return [str(ipaddress.IPv6Address(text))] if ":" in text else []

"""A laptop's own address, as platforms take it: by its number, not by the name `localhost`."""

from urllib.parse import urlsplit

_LOOPBACK = "127.0.0.1"


def is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in ("localhost", _LOOPBACK, "::1")


def on_loopback(url: str) -> str:
    """For `Provider.own_url`: https://datatracker.ietf.org/doc/html/rfc8252#section-8.3"""
    parts = urlsplit(url)
    if not is_loopback(url) or parts.hostname != "localhost":
        return url
    return parts._replace(netloc=parts.netloc.replace("localhost", _LOOPBACK, 1)).geturl()

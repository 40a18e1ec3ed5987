"""Which URLs a webhook may have, by their form. Where the host's name leads is looked at whenever one is called."""

import re

import httpx

from punctual.guarded_http import is_public
from punctual.problems import Fault

_PRINTED = re.compile("[!-~]{1,2000}")


def faults(url: str, *, allow_private: bool, param: str = "/url") -> list[Fault]:
    """None for a URL that may be asked for."""
    wrong = _wrong(url, allow_private)
    return [Fault(param=param, rule="webhook.url", message=wrong)] if wrong else []


def _wrong(url: str, allow_private: bool) -> str | None:
    if not _PRINTED.fullmatch(url):
        return "Give a URL of at most 2,000 printable ASCII characters."
    try:
        given = httpx.URL(url)
        host = given.host
    except (httpx.InvalidURL, UnicodeError):  # of a name that says to be Punycode, and is not
        return "This cannot be read as a URL."
    if given.scheme != "https" and not (allow_private and given.scheme == "http"):
        return "Events are sent to https URLs only."
    if not host:
        return "The URL names no host."
    if given.userinfo:
        return "The URL must not hold a user name or password: requests are signed instead."
    if not allow_private and given.port not in (None, 443):
        return "Events are sent to the standard https port only."
    if not allow_private and _is_private(host):
        return "Events are sent to public addresses only."
    return None


def _is_private(host: str) -> bool:
    """Of an address; a name may lead anywhere."""
    try:
        return not is_public(host)
    except ValueError:
        return False

"""What token endpoints answer, in all the shapes that platforms give it."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

_LONGEST = timedelta(days=36_500)
_BETWEEN_SCOPES = re.compile(r"[\s,]+")


def fields(response: httpx.Response) -> dict[str, Any]:
    """The answer's members; some platforms wrap them in `data`, and that in a list. Empty: it cannot be read.

    https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login
    """
    try:
        found = response.json()
    except ValueError:
        return {}
    inner = found.get("data") if isinstance(found, dict) and "access_token" not in found else None
    wrapped = found if inner is None else inner
    if isinstance(wrapped, list):
        wrapped = wrapped[0] if wrapped else None
    if isinstance(wrapped, dict) and wrapped:
        return wrapped
    return found if isinstance(found, dict) else {}


def token(value: Any) -> str | None:
    """RFC 6749 appendix A.12: printable ASCII. Anything else could not be sent in a header."""
    return value if isinstance(value, str) and value and value.isascii() and value.isprintable() else None


def lifetime(value: Any) -> timedelta | None:
    """Seconds, as a number or as text. None where the answer says no life that could be counted on.

    0 is no life either: platforms say it of tokens that do not end. If it does end, the platform's 401 says so.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds) or not 0 < seconds <= _LONGEST.total_seconds():
        return None
    return timedelta(seconds=seconds)


def renewable_for(given: Mapping[str, Any]) -> timedelta | None:
    """How long the refresh token is good for: not in the RFC, so each platform has a name for it."""
    return lifetime(given.get("refresh_token_expires_in")) or lifetime(given.get("refresh_expires_in"))


def scopes(value: Any) -> tuple[str, ...] | None:
    """A text with spaces or commas, or a list; None where the answer does not say."""
    if isinstance(value, str):
        return tuple(scope for scope in _BETWEEN_SCOPES.split(value) if scope)
    if isinstance(value, list):
        return tuple(str(scope) for scope in value)
    return None

"""When X takes the next call: https://docs.x.com/x-api/fundamentals/rate-limits

Each endpoint has windows of its own, of 15 minutes and of a day: the ends of the latter stand in headers that only
https://github.com/plhery/node-twitter-api-v2/blob/902b701/src/client-mixins/request-handler.helper.ts names.
"""

import re
from collections.abc import Iterator
from datetime import datetime

import httpx

_WINDOWS = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
_NUMBER = re.compile(r"[0-9]{1,10}")
"""Till the year 2286: what is longer is no time."""


def is_of_posting(response: httpx.Response) -> bool:
    return response.request.method == "POST" and response.request.url.path == "/2/tweets"


def wait(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds until the windows that are used up end."""
    ends = [end for left, end in _windows(headers) if left == "0"]
    return max(0.0, max(ends) - now.timestamp()) if ends else None


def window(headers: httpx.Headers, now: datetime) -> float | None:
    """Seconds until the short window ends, whatever is left in it."""
    end = _end(headers, _WINDOWS[0])
    return None if end is None else max(0.0, end - now.timestamp())


def _windows(headers: httpx.Headers) -> Iterator[tuple[str | None, int]]:
    for name in _WINDOWS:
        if (end := _end(headers, name)) is not None:
            yield headers.get(f"{name}-remaining"), end


def _end(headers: httpx.Headers, name: str) -> int | None:
    given = headers.get(f"{name}-reset", "")
    return int(given) if _NUMBER.fullmatch(given) else None

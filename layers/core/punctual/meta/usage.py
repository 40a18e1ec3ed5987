"""How much of its limits an app or a page has used, as Graph tells with every answer.

https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

APP, BUSINESS = "X-App-Usage", "X-Business-Use-Case-Usage"
_PARTS = ("call_count", "total_cputime", "total_time")
"""Each a percentage of what is allowed."""
_UNTOLD_SECONDS = 300.0
"""Ours: limits are counted over the last hour, and the header of an app does not say when there is room again."""


def wait(headers: httpx.Headers) -> float | None:
    """Seconds until the next call is taken, where these say that none is now."""
    return max((_wait(each) for each in _usages(headers) if _is_used_up(each)), default=None)


def _usages(headers: httpx.Headers) -> Iterator[Mapping[str, Any]]:
    """Of the app; and of each business, one for each of its use cases."""
    businesses = _read(headers.get(BUSINESS))
    lists = [each for each in businesses.values() if isinstance(each, list)]
    every = [_read(headers.get(APP)), *(usage for each in lists for usage in each)]
    yield from (usage for usage in every if isinstance(usage, dict))


def _is_used_up(usage: Mapping[str, Any]) -> bool:
    return any(_number(usage.get(part)) >= 100 for part in _PARTS) or _told(usage) > 0


def _wait(usage: Mapping[str, Any]) -> float:
    return _told(usage) or _UNTOLD_SECONDS


def _told(usage: Mapping[str, Any]) -> float:
    return 60 * _number(usage.get("estimated_time_to_regain_access"))


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < 10**9 else 0.0


def _read(header: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(header or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

"""How often each call may be made: by each account in a quarter of an hour, by the app in a day.

https://docs.x.com/x-api/fundamentals/rate-limits. The names of a day's headers are not in the documents; clients read
them: https://github.com/plhery/node-twitter-api-v2/blob/902b701/src/client-mixins/request-handler.helper.ts#L208
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from tests.contract.x.side_answers import problem

QUARTER, DAY = timedelta(minutes=15), timedelta(hours=24)


@dataclass
class Allowed:
    """`user_day`: what an account may do in a day; the documents tell of none, some plans have one."""

    user: int
    app_day: int | None = None
    user_day: int | None = None


@dataclass
class Window:
    ends_at: datetime
    used: int = 0


class Limits:
    """`allowed` may be changed by a test, by operation."""

    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.windows: dict[tuple[str, str, str], Window] = {}
        self.allowed = {
            "me": Allowed(75),
            "publish": Allowed(100, 10_000),
            "delete": Allowed(50),
            "show": Allowed(900),
            "list": Allowed(900),
            "upload": Allowed(500, 50_000),
            "upload_status": Allowed(1_000, 100_000),
            "upload_begin": Allowed(1_875, 180_000),
            "upload_part": Allowed(1_875, 180_000),
            "upload_finish": Allowed(1_875, 180_000),
            "alt_text": Allowed(500, 50_000),
        }

    def _kinds(self, operation: str, user: str) -> list[tuple[str, str, int, timedelta]]:
        allowed = self.allowed[operation]
        kinds = [("x-rate-limit", user, allowed.user, QUARTER)]
        if allowed.app_day is not None:
            kinds.append(("x-app-limit-24hour", "", allowed.app_day, DAY))
        if allowed.user_day is not None:
            kinds.append(("x-user-limit-24hour", user, allowed.user_day, DAY))
        return kinds

    def _window(self, name: str, operation: str, whose: str, lasts: timedelta) -> Window:
        key = (name, operation, whose)
        if key not in self.windows or self.windows[key].ends_at <= self.now():
            self.windows[key] = Window((self.now() + lasts).replace(microsecond=0))
        return self.windows[key]

    def refusal(self, operation: str, user: str) -> httpx.Response | None:
        """Counts the call, unless it is one too many."""
        kinds = self._kinds(operation, user)
        windows = [(self._window(name, operation, whose, lasts), most) for name, whose, most, lasts in kinds]
        full = [number for number, (window, most) in enumerate(windows) if window.used >= most]
        if full:
            return too_many_today() if full[0] else too_many()
        for window, _ in windows:
            window.used += 1
        return None

    def headers(self, operation: str, user: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, whose, most, lasts in self._kinds(operation, user):
            window = self._window(name, operation, whose, lasts)
            found[f"{name}-limit"] = str(most)
            found[f"{name}-remaining"] = str(max(0, most - window.used))
            found[f"{name}-reset"] = str(int(window.ends_at.timestamp()))
        return found


def too_many() -> httpx.Response:
    return httpx.Response(429, json={"errors": [{"code": 88, "message": "Rate limit exceeded"}]})


def too_many_today() -> httpx.Response:
    return problem(429, "Too Many Requests", "Too Many Requests", kind="rate-limit-exceeded")

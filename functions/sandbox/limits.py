"""What an account may not do for now: a rate limit that is remembered, and a cap on a day's posts.

Posts are counted before one is written: two calls at once may both pass below the cap.
"""

from datetime import datetime, timedelta

from punctual.clock import to_text
from punctual.tables import Key
from sandbox import posts
from sandbox.errors import Refusal
from sandbox.grants import Holder
from sandbox.network import Call

_DAY = timedelta(days=1)
_CALLS = 25


def check(call: Call, holder: Holder) -> None:
    """The first thing that every call meets that would make something."""
    limited = call.table.get(_key(holder))
    if limited:
        refuse(call.seconds_until(limited["until"]))


def begin(call: Call, holder: Holder, seconds: int) -> None:
    until = call.now() + timedelta(seconds=seconds)
    call.table.put({**_key(holder), "until": to_text(until), "expires_at": int((until + _DAY).timestamp())})


def use_up(call: Call, holder: Holder, seconds: int) -> None:
    """This call was the last for now, and its answer says so."""
    begin(call, holder, seconds)
    left = {"RateLimit-Limit": _CALLS, "RateLimit-Remaining": 0, "RateLimit-Reset": seconds}
    call.headers.update({name: str(value) for name, value in left.items()})


def refuse(seconds: int) -> None:
    if seconds:
        raise Refusal(429, "rate_limited", "Too many requests.", {"Retry-After": str(seconds)})


def check_day(call: Call, holder: Holder) -> None:
    """A query of at most as many posts as the cap allows."""
    if holder.daily_posts is None:
        return
    since = to_text(call.now() - _DAY)
    counted = posts.latest(call.table, holder.account.id, after=since, most=holder.daily_posts)
    if len(counted) == holder.daily_posts:
        leaves_at = datetime.fromisoformat(counted[-1].arrived_at) + _DAY
        message = f"This account makes at most {holder.daily_posts} posts in 24 hours."
        raise Refusal(429, "daily_limit", message, {"Retry-After": str(call.seconds_until(to_text(leaves_at)))})


def _key(holder: Holder) -> Key:
    return {"pk": f"limit#{holder.account.id}", "sk": "limit"}

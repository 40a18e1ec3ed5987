"""How much of a day's posts an account has made, by whatever app: Instagram and Threads tell it alike.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/content_publishing_limit
https://developers.facebook.com/documentation/threads/overview#rate-limiting
"""

from dataclasses import dataclass

from punctual.meta.graph import GraphProvider
from punctual.meta.meanings import FULL_SECONDS
from punctual.providers.base import Account, Cap, Grant
from punctual.providers.outcomes import Rejected, RetryLater


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an account is asked for, and by which fields it answers; `what` is counted."""

    path: str
    usage: str = "quota_usage"
    config: str = "config"
    what: str = "posts"


@dataclass(frozen=True, kw_only=True)
class Quota:
    used: int
    total: int
    seconds: int


def read(provider: GraphProvider, asked: Asked, grant: Grant) -> Quota | None:
    """None: it says nothing of it. Raises ProviderError."""
    found = provider.read(asked.path, grant, fields=f"{asked.usage},{asked.config}").get("data")
    row = found[0] if isinstance(found, list) and found else None
    limit = row.get(asked.config) if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(limit, dict):
        return None
    told = (row.get(asked.usage), limit.get("quota_total"), limit.get("quota_duration"))
    used, total, seconds = (each if type(each) is int and 0 <= each < 10**9 else None for each in told)
    return Quota(used=used or 0, total=total, seconds=seconds) if total and seconds else None


def check_room(provider: GraphProvider, asked: Asked, grant: Grant) -> None:
    """Before anything is made: others may post for this account too. Where it is not told, the post tries its luck.
    Raises RetryLater, or Reconnect."""
    try:
        quota = read(provider, asked, grant)
    except (Rejected, RetryLater):
        return
    if quota and quota.used >= quota.total:
        name, hours = provider.spec.name, quota.seconds // 3600
        sentence = f"{name} takes {quota.total} {asked.what} of this account in {hours} h; they are made."
        raise RetryLater(sentence, code="cap_reached", retry_after=FULL_SECONDS)


def limits(quota: Quota | None) -> dict[str, int]:
    """For `Account.limits`."""
    return {"quota_total": quota.total, "quota_seconds": quota.seconds} if quota else {}


def caps(account: Account, otherwise: tuple[Cap, ...] = ()) -> tuple[Cap, ...]:
    """As the account was told when it was connected."""
    total, seconds = (account.limits.get(name, 0) for name in ("quota_total", "quota_seconds"))
    return (Cap(posts=total, seconds=seconds),) if total and seconds else otherwise

"""How much of a day's posts, or replies, the account has made, by whatever app.

https://developers.facebook.com/documentation/threads/overview#rate-limiting
"""

from dataclasses import dataclass

from punctual.meta.graph import GraphProvider
from punctual.providers.base import Account, Cap, Grant
from punctual.providers.outcomes import Rejected, RetryLater
from punctual.threads_api.codes import FULL_SECONDS

POSTS = Cap(posts=250, seconds=24 * 60 * 60)


@dataclass(frozen=True, kw_only=True)
class Quota:
    used: int
    total: int
    seconds: int


def read(provider: GraphProvider, account_id: str, grant: Grant, *, replies: bool) -> Quota | None:
    """Of posts and of replies apart: one that the token may not see makes of the whole answer an error. None: it says
    nothing of them. Raises ProviderError."""
    usage, config = ("reply_quota_usage", "reply_config") if replies else ("quota_usage", "config")
    found = provider.read(f"{account_id}/threads_publishing_limit", grant, fields=f"{usage},{config}").get("data")
    row = found[0] if isinstance(found, list) and found else None
    limit = row.get(config) if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(limit, dict):
        return None
    told = (row.get(usage), limit.get("quota_total"), limit.get("quota_duration"))
    used, total, seconds = (each if type(each) is int and 0 <= each < 10**9 else None for each in told)
    return Quota(used=used or 0, total=total, seconds=seconds) if total and seconds else None


def check_room(provider: GraphProvider, account_id: str, grant: Grant, *, replies: bool) -> None:
    """Before anything is made: others may post for this account too. Where it is not told, the post tries its luck.
    Raises RetryLater, or Reconnect."""
    try:
        quota = read(provider, account_id, grant, replies=replies)
    except (Rejected, RetryLater):
        return
    if quota and quota.used >= quota.total:
        what = "replies" if replies else "posts"
        hours = quota.seconds // 3600
        sentence = f"{provider.spec.name} takes {quota.total} {what} of this account in {hours} h; they are made."
        raise RetryLater(sentence, code="cap_reached", retry_after=FULL_SECONDS)


def limits(quota: Quota | None) -> dict[str, int]:
    """For `Account.limits`."""
    return {"quota_total": quota.total, "quota_seconds": quota.seconds} if quota else {}


def caps(account: Account) -> tuple[Cap, ...]:
    """Of posts, as the account was told when it was connected; replies have a quota of their own."""
    total, seconds = (account.limits.get(name, 0) for name in ("quota_total", "quota_seconds"))
    return (Cap(posts=total, seconds=seconds),) if total and seconds else (POSTS,)

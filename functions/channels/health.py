"""A channel's health, as it is answered."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from edge.answers import ChannelId, Time
from punctual.channels import ChannelStatus
from punctual.clock import to_text
from punctual.grants.stored import StoredGrant
from punctual.health import Health, Verdict
from punctual.quotas import Usage
from punctual.risks import RISKS


class RefreshError(TypedDict):
    code: str
    at: Time


class GrantHealth(TypedDict):
    """What the platform gave us to act with."""

    expires_at: Time | None
    """Of the access token. Null: it has no end."""
    ends_at: Time | None
    """When a person must have connected the channel again. Null: it is kept alive."""
    refreshable: bool
    """Whether it is renewed without a person."""
    scopes: list[str]
    missing_scopes: list[str]
    """Of those that are needed."""
    last_refreshed_at: Time | None
    next_refresh_at: Time | None
    failing_since: Time | None
    """Since when no refresh succeeds."""
    last_error: RefreshError | None
    """Of the refresh that failed last, while none has succeeded since."""


class QuotaUse(TypedDict):
    """At most `posts` in any `seconds`."""

    posts: int
    seconds: int
    used: Annotated[int, Field(ge=0)]


class ChannelProblem(TypedDict):
    code: str
    message: str
    remediation: str
    """What to do."""


class ChannelHealth(TypedDict):
    channel_id: ChannelId
    verdict: Verdict
    """`broken`: posts are held. `attention`: they go out, and a person should look. As Punctual knows: no platform is
    asked."""
    status: ChannelStatus
    status_reason: str | None
    """The code of what ended the connection."""
    status_changed_at: Time | None
    grant: GrantHealth | None
    limited_until: Time | None
    """Until then the platform takes no more from this account."""
    quota: list[QuotaUse]
    last_published_at: Time | None
    """Of the last 100 posts."""
    problems: list[ChannelProblem]


def health_answer(found: Health) -> ChannelHealth:
    channel = found.channel
    return {
        "channel_id": channel.id,
        "verdict": found.verdict,
        "status": channel.status,
        "status_reason": channel.status_reason,
        "status_changed_at": _time(channel.status_changed_at),
        "grant": _grant(found.grant) if found.grant and not found.grant.dead else None,
        "limited_until": _time(found.limited_until),
        "quota": [_quota(used) for used in found.quota],
        "last_published_at": _time(found.last_published_at),
        "problems": [
            {"code": each.code, "message": each.message, "remediation": RISKS[each.code]}
            for each in {problem.code: problem for problem in found.problems}.values()
        ],
    }


def _grant(stored: StoredGrant) -> GrantHealth:
    error = stored.last_error
    return {
        "expires_at": _time(stored.life.expires_at),
        "ends_at": _time(stored.life.ends_at),
        "refreshable": stored.life.renew_at is not None,
        "scopes": list(stored.scopes),
        "missing_scopes": list(stored.missing_scopes),
        "last_refreshed_at": _time(stored.refreshed_at),
        "next_refresh_at": _time(stored.life.renew_at),
        "failing_since": _time(stored.failing_since),
        "last_error": {"code": error["code"], "at": error["at"]} if error else None,
    }


def _quota(used: Usage) -> QuotaUse:
    return {"posts": used.cap.posts, "seconds": used.cap.seconds, "used": used.used}


def _time(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None

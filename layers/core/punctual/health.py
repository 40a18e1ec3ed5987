"""How a channel is: what it can do now, what will end and when, and what a person should do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from punctual.channels import Channel
from punctual.clock import Now, to_text
from punctual.deliveries import Deliveries
from punctual.grants.grants import Grants
from punctual.grants.stored import StoredGrant
from punctual.providers import Providers, UnknownProvider
from punctual.quotas import Before, Usage, usage
from punctual.risks import STOPS, VERSION_WARNING, Risk, of_channel, of_quota, of_version
from punctual.states import DeliveryStatus

_LOOKED_AT = 100
_LIVE = frozenset({DeliveryStatus.COMPLETED, DeliveryStatus.PARTIAL})
Verdict: TypeAlias = Literal["healthy", "attention", "broken"]


@dataclass(frozen=True, kw_only=True)
class Health:
    channel: Channel
    grant: StoredGrant | None
    """None: it was ended, or there never was one."""
    quota: Sequence[Usage]
    limited_until: datetime | None
    last_published_at: datetime | None
    problems: Sequence[Risk]

    @property
    def verdict(self) -> Verdict:
        if any(problem.code in STOPS for problem in self.problems):
            return "broken"
        return "attention" if self.problems else "healthy"


class Examining:
    """Reads the grant's item, and opens nothing in it."""

    def __init__(self, grants: Grants, deliveries: Deliveries, providers: Providers, now: Now):
        self._grants = grants
        self._deliveries = deliveries
        self._providers = providers
        self._now = now

    def examine(self, channel: Channel) -> Health:
        now = self._now()
        quota = self._quota(channel, now)
        problems = [*of_channel(channel, now), *_soon(channel), *self._of_version(channel, now + VERSION_WARNING)]
        problems += [risk for used in quota for risk in of_quota(used)]
        until = channel.limited_until
        return Health(
            channel=channel,
            grant=self._grants.get(channel.grant_id) if channel.grant_id else None,
            quota=quota,
            limited_until=until if until and until > now else None,
            last_published_at=self._last_published(channel, now),
            problems=problems,
        )

    def _last_published(self, channel: Channel, now: datetime) -> datetime | None:
        rows, _ = self._deliveries.of_channel(channel.id, ("0", f"{to_text(now)}#~"), _LOOKED_AT, forward=False)
        found = [row["completed_at"] for row in rows if row["status"] in _LIVE and "completed_at" in row]
        return datetime.fromisoformat(max(found)) if found else None

    def _of_version(self, channel: Channel, at: datetime) -> list[Risk]:
        try:
            return list(of_version(self._providers.get(channel.provider), at))
        except UnknownProvider:
            return []

    def _quota(self, channel: Channel, now: datetime) -> list[Usage]:
        try:
            caps = self._providers.get(channel.provider).caps(channel.account)
        except UnknownProvider:
            return []
        before = Before(channel_id=channel.id, post_id="", due_at=now)
        return [usage(self._deliveries, cap, before, now) for cap in caps]


def _soon(channel: Channel) -> list[Risk]:
    """What was warned of already, while it still works."""
    found = []
    if channel.status == "active" and channel.token_expiring_since and channel.grant_ends_at:
        message = f"This channel must be connected again before {to_text(channel.grant_ends_at)}."
        found.append(Risk(code="grant_ends", message=message))
    if channel.status == "active" and channel.refresh_failing_since:
        message = f"The connection could not be renewed since {to_text(channel.refresh_failing_since)}."
        found.append(Risk(code="refresh_failing", message=message))
    return found

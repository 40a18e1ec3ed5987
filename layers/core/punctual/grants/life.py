"""How long a grant lives: when we renew it, when a person is warned of its end, and when it is over.

A grant that cannot be renewed (no refresh token, or the platform's last day for it has come) is used up to its very
end; nobody asks the platform to renew it, for the answer would be taken for its death.
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from punctual.clock import Moment
from punctual.providers.base import Grant, Provider

WARN_BEFORE = timedelta(days=7)
"""What `ExpiryWarningDays` says where nobody set it."""
_LAST_WARNING = timedelta(days=1)
_LATEST = timedelta(minutes=2)
_DISPERSED = 0.05
_SLACK = timedelta(minutes=10)
"""Ends told in seconds from now differ a little from answer to answer; one that moves farther slides on."""

Task: TypeAlias = Literal["renew", "warn", "end"]


@dataclass(frozen=True, kw_only=True)
class Life:
    begun_at: Moment
    """When `ends_at` became what it is."""
    expires_at: Moment | None = None
    """Of the access token."""
    renewable_until: Moment | None = None
    renew_at: Moment | None = None
    """None: there is no way to, or no need."""
    ends_at: Moment | None = None
    """When a person must have consented again; None: we can keep it alive."""
    warnings: int = 0
    """Given so far, of two."""
    expiring_since: Moment | None = None
    """When the first was given."""

    def first_warning_at(self, before: timedelta) -> datetime | None:
        """Not before half of its life has passed, so that a short one does not begin with it."""
        return self.ends_at - min(before, (self.ends_at - self.begun_at) / 2) if self.ends_at else None

    def last_warning_at(self) -> datetime | None:
        return self.ends_at - min(_LAST_WARNING, (self.ends_at - self.begun_at) / 10) if self.ends_at else None

    def warning_due(self, now: datetime, before: timedelta) -> int:
        """Which one, 1 or 2; 0: none."""
        first, last = self.first_warning_at(before), self.last_warning_at()
        if last and last <= now and self.warnings < 2:
            return 2
        return 1 if first and first <= now and self.warnings < 1 else 0

    def task(self, now: datetime, before: timedelta) -> Task | None:
        """What its clock is there for, now."""
        if self.is_over(now):
            return "end"
        if self.warning_due(now, before):
            return "warn"
        return "renew" if self.renew_at and self.renew_at <= now else None

    def is_over(self, now: datetime) -> bool:
        return self.renew_at is None and self.expires_at is not None and self.expires_at <= now

    def next_at(self, before: timedelta) -> datetime | None:
        """When there is something to do for it again."""
        clocks = [
            self.renew_at,
            self.expires_at if self.renew_at is None else None,
            self.first_warning_at(before) if self.warnings < 1 else None,
            self.last_warning_at() if self.warnings < 2 else None,
        ]
        return min((each for each in clocks if each), default=None)

    def warned(self, warning: int, now: datetime) -> "Life":
        return replace(self, warnings=warning, expiring_since=self.expiring_since or now)

    def lasts_past(self, moment: datetime) -> bool:
        return self.expires_at is None or self.expires_at > moment

    def stranded(self, now: datetime) -> "Life":
        """The way to renew it is lost, and what it has left is the access token."""
        return replace(self, begun_at=now, renew_at=None, ends_at=self.expires_at, warnings=1, expiring_since=now)

    def put_off(self, renew_at: datetime) -> "Life":
        """To be renewed later; what then cannot be renewed any more lives as long as its access token."""
        if self.renewable_until and self.renewable_until <= renew_at:
            return replace(self, renew_at=None, ends_at=self.expires_at)
        return replace(self, renew_at=renew_at)


def life_of(grant: Grant, provider: Provider, now: datetime, before: timedelta, previous: Life | None = None) -> Life:
    """Of a grant that the platform gave just now; `previous` is that of the one it renews."""
    fresh = Life(
        begun_at=now,
        expires_at=grant.expires_at,
        renewable_until=grant.renewable_until,
        renew_at=_renew_at(grant, provider, now, before),
        ends_at=end_of(grant, provider, previous),
    )
    return _going_on(fresh, previous) if previous else fresh


def refresh_time(expires_at: datetime, now: datetime) -> datetime:
    """At 80 % of its life, and two minutes before its end at the latest, with jitter so that crowds disperse."""
    life = (expires_at - now).total_seconds()
    ahead = max(life * random.uniform(0.2, 0.25), _LATEST.total_seconds())  # noqa: S311 - jitter
    return max(now, expires_at - timedelta(seconds=ahead))


def _renew_at(grant: Grant, provider: Provider, now: datetime, before: timedelta) -> datetime | None:
    """As planned; and where renewing ends before that, once more just before the first warning would be due: what the
    platform gives then lives on from that day."""
    if grant.expires_at is None or not provider.can_refresh(grant):
        return None
    ruled = provider.refresh_at(grant, now)
    planned = _a_little_later(ruled, grant.expires_at) if ruled else refresh_time(grant.expires_at, now)
    until = grant.renewable_until
    if until is None:
        return planned
    last_chance = until - min(before + _LAST_WARNING, (until - now) / 2)
    is_gain = last_chance - now >= (grant.expires_at - now) / 10
    if planned > last_chance and is_gain:
        return last_chance
    return planned if planned < until else None


def _a_little_later(ruled: datetime, expires_at: datetime) -> datetime:
    """Crowds disperse here too; never before the platform takes it, and else not in a token's last minutes."""
    at = ruled + (expires_at - ruled) * random.uniform(0, _DISPERSED)  # noqa: S311 - jitter
    return max(ruled, min(at, expires_at - _LATEST))


def end_of(grant: Grant, provider: Provider, previous: Life | None = None) -> datetime | None:
    """When a person must have consented again; None: we can keep it alive, as one that slides on when it is renewed."""
    until, expires_at = grant.renewable_until, grant.expires_at
    if expires_at is None or not provider.can_refresh(grant):
        return expires_at
    slides = previous and previous.renewable_until and until and until > previous.renewable_until + _SLACK
    return max(until, expires_at) if until and not slides else None


def _going_on(fresh: Life, previous: Life) -> Life:
    """Where the end hardly moved, its warnings were given."""
    if fresh.ends_at is None or previous.ends_at is None:
        return fresh
    moved = abs(fresh.ends_at - previous.ends_at)
    if moved > max(_SLACK, (previous.ends_at - previous.begun_at) / 10):
        return fresh
    return replace(
        fresh,
        begun_at=previous.begun_at,
        ends_at=fresh.ends_at if moved > _SLACK else previous.ends_at,
        warnings=previous.warnings,
        expiring_since=previous.expiring_since,
    )

"""Keeping grants fresh. One worker at a time refreshes a grant, and stores the new one before anyone uses it.

A transient failure never ends a connection; only what the provider calls dead does.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from punctual.alerts import Alerts
from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.grants.grants import SHARDS, GrantMoved, Grants
from punctual.grants.stored import DueGrant, StoredGrant
from punctual.providers import Providers
from punctual.providers.base import Grant
from punctual.providers.outcomes import Reconnect, RetryLater
from punctual.renewing import Renewing
from punctual.turns import Turns

log = logging.getLogger(__name__)

_ENOUGH = timedelta(seconds=5)
"""How long a token must still last to be worth a call."""
_BUSY_SECONDS = 3.0
_LOOKS, _LOOK_SECONDS = 12, 0.25
_CONNECTING = timedelta(minutes=2)
"""Longer than any function that connects may run, from the grant that it stores to the last channel that names it."""


@dataclass(frozen=True, kw_only=True)
class Fresh:
    """A grant to act with: its id, and the version of its tokens."""

    id: str
    version: int
    grant: Grant


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """One run of the refresher, counted."""

    refreshed: int = 0
    postponed: int = 0
    dead: int = 0
    warned: int = 0
    """Whose end is near: a person must consent again."""
    skipped: int = 0
    interrupted: int = 0
    """Of all these, those that an earlier worker left in the middle of a refresh."""
    failed: int = 0
    """Met a fault of ours or of AWS; put off, and logged as an error."""

    def __add__(self, other: "Refreshed") -> "Refreshed":
        names = [field.name for field in fields(self)]
        return Refreshed(**{name: getattr(self, name) + getattr(other, name) for name in names})


class Refreshing:
    """`alerts` is for the sweep, which tells a person what anyone found."""

    def __init__(
        self,
        grants: Grants,
        channels: Channels,
        providers: Providers,
        now: Now,
        alerts: Alerts | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._grants = grants
        self._channels = channels
        self._providers = providers
        self._now = now
        self._alerts = alerts
        self._sleep = sleep
        self._renewing = Renewing(grants, providers, now, sleep)

    def fresh(self, channel: Channel, until: datetime) -> Fresh:
        """A grant good past `until`, refreshed if it has to be; where that cannot be had now, or never, one that is
        good at this moment. Raises Reconnect or RetryLater."""
        stored = self._get(channel)
        if stored.life.lasts_past(until):
            return self._opened(stored)
        if stored.life.renew_at is None:
            return self._to_its_end(stored)
        if self._is_good(stored) and stored.failures:
            return self._opened(stored)  # the sweep keeps trying; a post must not wait for another failure
        try:
            return self._refresh(stored)
        except RetryLater as error:
            if self._is_good(stored):
                return self._opened(stored)
            if error.code == "refresh_running":
                return self._awaited(stored)
            raise

    def renew(self, channel: Channel, refused: Fresh | None) -> Fresh:
        """For a grant whose access token was refused although it had not expired. Raises as `fresh` does."""
        stored = self._get(channel)
        if refused and (stored.id, stored.version) != (refused.id, refused.version):
            return self._opened(stored)
        try:
            return self._refresh(stored)
        except RetryLater as error:
            if error.code == "refresh_running":
                return self._awaited(stored)
            raise

    def bury(self, refused: Fresh, code: str) -> None:
        """The provider called this grant dead, with these very tokens; `code` is what it said."""
        stored = self._grants.get(refused.id)
        if stored and stored.version == refused.version:
            self._bury(stored, code)

    def end(self, stored: StoredGrant) -> None:
        """The provider said by itself that this grant is dead. Nothing changes where it was refreshed since."""
        self._bury(stored, code="deauthorized")

    def sweep(self, limit: int, until: datetime | None = None) -> Refreshed:
        """What is due, at most `limit` grants a shard, by one worker; no grant is begun after `until`."""
        return self.take_turns(self.turns(limit), until)

    def turns(self, limit: int) -> Turns[DueGrant]:
        """What is due, to be shared by workers."""
        return Turns((due.provider, due) for shard in range(SHARDS) for due in self._grants.due(shard, limit))

    def take_turns(self, turns: Turns[DueGrant], until: datetime | None = None) -> Refreshed:
        """One worker's part, until nothing is left or `until`.

        A worker that is stopped between the provider's answer and our write loses a rotating token for good.
        """
        counts: Counter[str] = Counter()
        while until is None or self._now() <= until:
            with turns.take() as due:
                if due is None:
                    break
                counts[self._sweep_one(due.id, counts)] += 1
        return Refreshed(**counts)

    def _sweep_one(self, grant_id: str, counts: Counter[str]) -> str:
        try:
            return self._look_after(grant_id, counts)
        except GrantMoved:
            return "skipped"
        except Reconnect:
            return "dead"
        except RetryLater as error:
            return "skipped" if error.code == "refresh_running" else "postponed"
        except Exception as fault:  # noqa: BLE001 - the outermost loop: one grant's fault must not stop the others
            log.error("refresh failed", extra={"grant_id": grant_id, "fault": type(fault).__name__})
            return "failed"

    def _look_after(self, grant_id: str, counts: Counter[str]) -> str:
        """Nearly always it is to be refreshed: so it is leased unread, and only a lease that fails tells more."""
        try:
            leased = self._grants.lease_due(grant_id)
        except GrantMoved as moved:
            if moved.current is None or moved.current.is_leased(self._now()):
                return "skipped"
            return self._see_to(moved.current)
        counts["interrupted"] += leased.took_over
        if self._forgets(leased):
            return "skipped"
        self._renewed(leased)
        return "refreshed"

    def _see_to(self, stored: StoredGrant) -> str:
        """What its clock is there for. What the step before left untold comes first."""
        if self._forgets(stored):
            return "skipped"
        if stored.untold:
            self._settle(stored)
            return "skipped"
        match self._grants.task(stored):
            case "renew":
                self._refresh(stored)
                return "refreshed"
            case "warn":
                self._settle(self._grants.warn(stored))
                return "warned"
            case "end":
                raise self._expired(stored)
        self._grants.reset_clock(stored)
        return "skipped"

    def _forgets(self, stored: StoredGrant) -> bool:
        """Who connects and dies midway leaves a grant that no channel names. If the same login is stored again, two
        grants hold one refresh token, and with platforms that take it once the second to use it would end both.

        Asked before its first refresh only, to spare the others the read."""
        if stored.version > 1 or self._now() - stored.created_at < _CONNECTING:
            return False
        try:
            if self._is_named(stored):
                return False
            self._grants.drop(stored)
        except (ClientError, BotoCoreError):
            return False
        log.warning("nobody's grant forgotten", extra={"grant_id": stored.id, "provider": stored.provider})
        return True

    def _is_named(self, stored: StoredGrant) -> bool:
        found = (self._channels.get(stored.workspace_id, each) for each in stored.channel_ids)
        return any(channel and channel.grant_id == stored.id for channel in found)

    def _get(self, channel: Channel) -> StoredGrant:
        stored = self._grants.get(channel.grant_id) if channel.grant_id else None
        if stored is None or stored.dead:
            reason = (stored and stored.ended_by) or "grant_dead"
            self._channels.require_reconnect(channel.workspace_id, channel.id, channel.grant_id, reason)
            raise Reconnect("This channel must be reconnected.", code="grant_dead")
        return stored

    def _opened(self, stored: StoredGrant) -> Fresh:
        grant, _ = self._grants.open(stored)
        return Fresh(id=stored.id, version=stored.version, grant=grant)

    def _is_good(self, stored: StoredGrant) -> bool:
        return stored.life.lasts_past(self._now() + _ENOUGH)

    def _to_its_end(self, stored: StoredGrant) -> Fresh:
        if stored.life.is_over(self._now()):
            raise self._expired(stored)
        return self._opened(stored)

    def _awaited(self, stored: StoredGrant) -> Fresh:
        """What comes of another worker's refresh, which takes a second or so; a post may be due at this very moment."""
        for _ in range(_LOOKS):
            self._sleep(_LOOK_SECONDS)
            current = self._grants.get(stored.id)
            if current is None or current.dead:
                raise Reconnect("This channel must be reconnected.", code="grant_dead")
            if current.version > stored.version:
                return self._opened(current)
            if current.lease is None:
                break
        raise _busy()

    def _refresh(self, stored: StoredGrant) -> Fresh:
        try:
            leased = self._grants.lease(stored)
        except GrantMoved as error:
            raise _busy() from error
        return self._renewed(leased)

    def _renewed(self, leased: StoredGrant) -> Fresh:
        try:
            current, grant = self._renewing.run(leased)
        except Reconnect as error:
            self._bury(leased, error.code)
            raise
        except GrantMoved as error:
            raise _busy() from error
        return Fresh(id=current.id, version=current.version, grant=grant)

    def _bury(self, stored: StoredGrant, code: str) -> None:
        """Its channels know at once; a person hears of it by the next sweep."""
        with suppress(GrantMoved):
            self._tell(self._grants.bury(stored, code))

    def _expired(self, stored: StoredGrant) -> Reconnect:
        """Nobody ended it: its time is over."""
        ended = Reconnect("This connection has reached its end, and cannot be renewed.", code="grant_expired")
        self._bury(stored, ended.code)
        return ended

    def _settle(self, stored: StoredGrant) -> None:
        """Tell whoever must hear of it: the channels, and where it ends also a person. Raises GrantMoved where it
        changed meanwhile; it is still due then.

        Who dies before the last line tells again: of a mail about an end, two are better than none.
        """
        self._tell(stored)
        if self._alerts and stored.untold in ("warning", "end"):
            self._alerts.send(stored, self._providers.get(stored.provider).spec)
        self._grants.told(stored)

    def _tell(self, stored: StoredGrant) -> None:
        for channel_id in stored.channel_ids:
            if not stored.dead:
                self._channels.repeat(stored.workspace_id, channel_id, stored.id, stored.facts)
                continue
            reason = stored.ended_by or "grant_dead"
            self._channels.require_reconnect(stored.workspace_id, channel_id, stored.id, reason)
            log.warning("channel must be reconnected", extra={"channel_id": channel_id, "provider": stored.provider})


def _busy() -> RetryLater:
    return RetryLater("This connection is being renewed.", code="refresh_running", retry_after=_BUSY_SECONDS)

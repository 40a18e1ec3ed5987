"""Keeping grants fresh. One worker at a time refreshes a grant, and stores the new one before anyone uses it.

A transient failure never ends a connection; only what the provider calls dead does.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from punctual.alerts import Alerts
from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.grants import SHARDS, GrantMoved, Grants, StoredGrant
from punctual.providers import Providers
from punctual.providers.base import Grant
from punctual.providers.outcomes import ProviderError, Reconnect, RetryLater

log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 30
_LONGEST_RETRY_SECONDS = 1800
_BUSY_SECONDS = 3.0


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
    failed: int = 0
    """Met a fault of ours or of AWS; put off, and logged as an error."""


class Refreshing:
    """`alerts` is for the sweep, which tells a person what anyone found."""

    def __init__(
        self, grants: Grants, channels: Channels, providers: Providers, now: Now, alerts: Alerts | None = None
    ):
        self._grants = grants
        self._channels = channels
        self._providers = providers
        self._now = now
        self._alerts = alerts

    def fresh(self, channel: Channel, until: datetime) -> Fresh:
        """A grant good past `until`, refreshed if it has to be; one that nobody can renew as long as it lasts. Raises
        Reconnect or RetryLater."""
        stored = self._get(channel)
        if stored.expires_at is None or stored.expires_at > until:
            return self._opened(stored)
        if stored.life.renew_at is not None:
            return self._refresh(stored)
        if stored.life.is_over(self._now()):
            raise self._expired(stored)
        return self._opened(stored)

    def renew(self, channel: Channel, refused: Fresh | None) -> Fresh:
        """For a grant whose access token was refused although it had not expired. Raises as `fresh` does."""
        stored = self._get(channel)
        is_newer = refused and (stored.id, stored.version) != (refused.id, refused.version)
        return self._opened(stored) if is_newer else self._refresh(stored)

    def bury(self, refused: Fresh, code: str) -> None:
        """The provider called this grant dead, with these very tokens; `code` is what it said."""
        stored = self._grants.get(refused.id)
        if stored and stored.version == refused.version:
            self._bury(stored, code)

    def sweep(self, limit: int, until: datetime | None = None) -> Refreshed:
        """Refresh what is due, at most `limit` grants a shard; no refresh is begun after `until`.

        A worker that is stopped between the provider's answer and our write loses a rotating token for good.
        """
        counts = dict.fromkeys(("refreshed", "postponed", "dead", "warned", "skipped", "failed"), 0)
        for shard in range(SHARDS):
            for due in self._grants.due(shard, limit):
                if until and self._now() > until:
                    return Refreshed(**counts)
                counts[self._sweep_one(due.id)] += 1
        return Refreshed(**counts)

    def _sweep_one(self, grant_id: str) -> str:
        stored = self._grants.get(grant_id)
        if stored is None:
            return "skipped"
        try:
            return self._see_to(stored)
        except GrantMoved:
            return "skipped"
        except Reconnect:
            return "dead"
        except RetryLater as error:
            return "skipped" if error.code == "refresh_running" else "postponed"
        except Exception as fault:  # noqa: BLE001 - the outermost loop: one grant's fault must not stop the others
            log.error("refresh failed", extra={"grant_id": grant_id, "fault": type(fault).__name__})
            return "failed"

    def _see_to(self, stored: StoredGrant) -> str:
        """What its clock is there for. What the step before left untold comes first."""
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

    def _refresh(self, stored: StoredGrant) -> Fresh:
        try:
            leased = self._grants.lease(stored)
        except GrantMoved as error:
            raise _busy() from error
        try:
            return self._renewed(leased)
        except Reconnect as error:
            self._bury(leased, error.code)
            raise
        except ProviderError as error:
            self._postpone(leased, error)
            raise RetryLater(error.sentence, code="refresh_failed", status=error.status) from error
        except GrantMoved as error:
            raise _busy() from error
        except Exception as fault:
            self._postpone(leased, fault)
            raise

    def _renewed(self, leased: StoredGrant) -> Fresh:
        provider = self._providers.get(leased.provider)
        grant, app = self._grants.open(leased)
        sealer = self._grants.sealer(leased)
        renewed = provider.refresh(grant, app)
        current = self._grants.renew(
            leased,
            sealer,
            renewed,
            app,
            missing_scopes=provider.missing_scopes(renewed),
            renew_at=provider.refresh_at(renewed, self._now()),
        )
        return Fresh(id=current.id, version=current.version, grant=renewed)

    def _postpone(self, leased: StoredGrant, fault: Exception) -> None:
        wait = min(_FIRST_RETRY_SECONDS * 2**leased.failures, _LONGEST_RETRY_SECONDS)
        asked = fault.retry_after if isinstance(fault, RetryLater) else None
        code = fault.code if isinstance(fault, ProviderError) else type(fault).__name__
        log.warning("refresh postponed", extra={"grant_id": leased.id, "code": code})
        try:
            self._grants.postpone(leased, max(wait, asked or 0), code)
        except GrantMoved:
            log.info("grant replaced meanwhile", extra={"grant_id": leased.id})

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

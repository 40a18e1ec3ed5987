"""Keeping grants fresh. One worker at a time refreshes a grant, and stores the new one before anyone uses it.

A transient failure never ends a connection; only what the provider calls dead does.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

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
    skipped: int = 0
    failed: int = 0
    """Met a fault of ours or of AWS; put off, and logged as an error."""


class Refreshing:
    def __init__(self, grants: Grants, channels: Channels, providers: Providers, now: Now):
        self._grants = grants
        self._channels = channels
        self._providers = providers
        self._now = now

    def fresh(self, channel: Channel, until: datetime) -> Fresh:
        """A grant good past `until`, refreshed if it has to be. Raises Reconnect or RetryLater."""
        stored = self._get(channel)
        if stored.expires_at is None or stored.expires_at > until:
            return self._opened(stored)
        return self._refresh(stored)

    def renew(self, channel: Channel, refused: Fresh | None) -> Fresh:
        """For a grant whose access token was refused although it had not expired. Raises as `fresh` does."""
        stored = self._get(channel)
        is_newer = refused and (stored.id, stored.version) != (refused.id, refused.version)
        return self._opened(stored) if is_newer else self._refresh(stored)

    def bury(self, refused: Fresh) -> None:
        """The provider called this grant dead, with these very tokens."""
        stored = self._grants.get(refused.id)
        if stored and stored.version == refused.version:
            self._bury(stored)

    def sweep(self, limit: int, until: datetime | None = None) -> Refreshed:
        """Refresh what is due, at most `limit` grants a shard; no refresh is begun after `until`.

        A worker that is stopped between the provider's answer and our write loses a rotating token for good.
        """
        counts = dict.fromkeys(("refreshed", "postponed", "dead", "skipped", "failed"), 0)
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
        if stored.dead:
            self._tell(stored)
            return "skipped"
        try:
            self._refresh(stored)
        except Reconnect:
            return "dead"
        except RetryLater as error:
            return "skipped" if error.code == "refresh_running" else "postponed"
        except Exception as fault:  # noqa: BLE001 - the outermost loop: one grant's fault must not stop the others
            log.error("refresh failed", extra={"grant_id": grant_id, "fault": type(fault).__name__})
            return "failed"
        return "refreshed"

    def _get(self, channel: Channel) -> StoredGrant:
        stored = self._grants.get(channel.grant_id) if channel.grant_id else None
        if stored is None or stored.dead:
            self._channels.require_reconnect(channel.workspace_id, channel.id, channel.grant_id)
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
        except Reconnect:
            self._bury(leased)
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
        current = self._grants.renew(leased, sealer, renewed, app)
        return Fresh(id=current.id, version=current.version, grant=renewed)

    def _postpone(self, leased: StoredGrant, fault: Exception) -> None:
        wait = min(_FIRST_RETRY_SECONDS * 2**leased.failures, _LONGEST_RETRY_SECONDS)
        asked = fault.retry_after if isinstance(fault, RetryLater) else None
        code = fault.code if isinstance(fault, ProviderError) else type(fault).__name__
        log.warning("refresh postponed", extra={"grant_id": leased.id, "code": code})
        try:
            self._grants.postpone(leased, max(wait, asked or 0))
        except GrantMoved:
            log.info("grant replaced meanwhile", extra={"grant_id": leased.id})

    def _bury(self, stored: StoredGrant) -> None:
        try:
            self._grants.bury(stored)
        except GrantMoved:
            return
        self._tell(stored)

    def _tell(self, dead: StoredGrant) -> None:
        """All channels of a dead grant."""
        for channel_id in dead.channel_ids:
            self._channels.require_reconnect(dead.workspace_id, channel_id, dead.id)
            log.warning("channel must be reconnected", extra={"channel_id": channel_id, "provider": dead.provider})
        self._grants.mourned(dead)


def _busy() -> RetryLater:
    return RetryLater("This connection is being renewed.", code="refresh_running", retry_after=_BUSY_SECONDS)

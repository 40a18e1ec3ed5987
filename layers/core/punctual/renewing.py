"""One refresh, under its lease: everything made ready, the provider asked, its answer stored before anyone uses it.

Between that answer and that write a crash loses a rotating token for good. So nothing stands between them but the
write itself, which is tried for as long as the lease lasts; and where nobody knows how a refresh ended, because its
worker died or the answer never came, what is best depends on the platform: see `Spec.reuse_ends_grant`.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from punctual.clock import Now
from punctual.grants.grants import GrantMoved, Grants, StoredGrant
from punctual.patience import patiently
from punctual.providers import Providers
from punctual.providers.base import App, Grant, Provider
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, RetryLater
from punctual.sealing import Sealer

log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 30.0
_LONGEST_RETRY_SECONDS = 1800.0
_LONGEST_WAIT_ASKED = 3600.0
_TRIES_LEFT = 8
"""At least so many in the time that a token still has, or one a minute, since the sweep comes no oftener."""
_SOON_SECONDS = 5.0
_SOON_TRIES = 2
"""Platforms that forgive a refresh token used twice do so for a while: seconds with most, two hours with Bluesky."""
_QUICK = timedelta(seconds=2)
_PAUSE_SECONDS = 1.0
_LAST_SECOND = timedelta(seconds=1)
_LAST_MOMENT = timedelta(minutes=8)
"""Before a token's end: then what may have been lost is found out, with time left for some tries that fail."""
_PATIENCE_TO_PUT_OFF = timedelta(seconds=5)
_UNANSWERED = frozenset({"broken_off", "unreadable_answer"})
_INTERRUPTED = "interrupted"


class Stranded(RetryLater):
    """It cannot be refreshed any more; its access token may do for a while."""

    def __init__(self, error: ProviderError):
        super().__init__(error.sentence, code="refresh_failed", status=error.status)


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    leased: StoredGrant
    provider: Provider
    grant: Grant
    app: App | None
    sealer: Sealer


class Renewing:
    def __init__(self, grants: Grants, providers: Providers, now: Now, sleep: Callable[[float], None] = time.sleep):
        self._grants = grants
        self._providers = providers
        self._now = now
        self._sleep = sleep

    def run(self, leased: StoredGrant) -> tuple[StoredGrant, Grant]:
        """The grant as it is now. Raises Reconnect where the provider calls it dead, RetryLater where it is put off,
        and GrantMoved where a person consented meanwhile; of what AWS refuses, botocore's errors."""
        attempt = None
        try:
            attempt = self._begin(leased)
            if leased.took_over and self._spares(attempt):
                raise RetryLater("Nobody knows how the last renewal of this connection ended.", code=_INTERRUPTED)
            renewed = self._ask(attempt, is_unsure=leased.interrupted_at is not None)
        except (Reconnect, Stranded):
            raise
        except ProviderError as error:
            self._put_off(leased, error, spares=attempt is not None and self._spares(attempt))
            raise RetryLater(error.sentence, code="refresh_failed", status=error.status) from error
        except Exception as fault:
            self._put_off(leased, fault)
            raise
        return self._keep(attempt, renewed), renewed

    def _begin(self, leased: StoredGrant) -> _Attempt:
        """All that can fail on our side fails here, before the platform is asked."""
        provider = self._providers.get(leased.provider)
        if leased.took_over:
            log.warning("refresh interrupted", extra={"grant_id": leased.id, "provider": leased.provider})
        grant, app = self._grants.open(leased)
        if not provider.can_refresh(grant):
            raise Reconnect(f"{provider.spec.name} gave no way to renew this connection.", code="no_refresh_token")
        return _Attempt(leased=leased, provider=provider, grant=grant, app=app, sealer=self._grants.sealer(leased))

    def _ask(self, attempt: _Attempt, is_unsure: bool) -> Grant:
        """Once more at once, where the first answer broke off and the platform may forgive a second call."""
        begun_at = self._now()
        try:
            return attempt.provider.refresh(attempt.grant, attempt.app)
        except Reconnect as error:
            if is_unsure and self._has_time(attempt.leased):
                self._strand(attempt.leased, error)
            raise
        except ProviderError as error:
            is_quick = self._now() - begun_at <= _QUICK
            if not _is_unanswered(error) or is_unsure or not is_quick or self._spares(attempt):
                raise
        self._sleep(_PAUSE_SECONDS)
        return self._ask(attempt, is_unsure=True)

    def _keep(self, attempt: _Attempt, renewed: Grant) -> StoredGrant:
        leased = attempt.leased
        until = (leased.leased_until or self._now()) - _LAST_SECOND

        def stored() -> StoredGrant:
            return self._grants.renew(leased, attempt.sealer, renewed, attempt.app, attempt.provider)

        try:
            return patiently(stored, until=until, now=self._now, sleep=self._sleep)
        except GrantMoved:
            log.warning("renewed grant dropped", extra={"grant_id": leased.id, "provider": leased.provider})
            raise
        except (ClientError, BotoCoreError):
            log.error("renewed grant not stored", extra={"grant_id": leased.id, "provider": leased.provider})
            raise

    def _strand(self, leased: StoredGrant, error: Reconnect) -> None:
        """The refresh token is used up, by a call whose answer nobody has; that says nothing of the access token."""
        self._grants.strand(leased)
        log.error("renewal lost", extra={"grant_id": leased.id, "provider": leased.provider})
        raise Stranded(error) from error

    def _put_off(self, leased: StoredGrant, fault: Exception, *, spares: bool = False) -> None:
        code = fault.code if isinstance(fault, ProviderError) else type(fault).__name__
        is_unanswered = _is_unanswered(fault)
        seconds = self._wait(leased, fault, spares)
        log.warning("refresh postponed", extra={"grant_id": leased.id, "code": code, "seconds": round(seconds)})

        def postponed() -> None:
            self._grants.postpone(leased, seconds, code, interrupted=is_unanswered)

        try:
            patiently(postponed, until=self._now() + _PATIENCE_TO_PUT_OFF, now=self._now, sleep=self._sleep)
        except GrantMoved:
            log.info("grant replaced meanwhile", extra={"grant_id": leased.id})

    def _wait(self, leased: StoredGrant, fault: Exception, spares: bool) -> float:
        """Ever longer, but an eighth of the time that is left at most; never less than the platform asked for."""
        if _is_unanswered(fault):
            if spares:
                return max(0.0, self._left(leased) - _LAST_MOMENT.total_seconds())
            if leased.failures < _SOON_TRIES:
                return _SOON_SECONDS
        wait = min(_FIRST_RETRY_SECONDS * 2 ** min(leased.failures, 10), _LONGEST_RETRY_SECONDS)
        wait *= random.uniform(0.8, 1.2)  # noqa: S311 - jitter
        left = self._left(leased)
        if left > 0:
            wait = min(wait, max(left / _TRIES_LEFT, _SOON_SECONDS))
        asked = fault.retry_after if isinstance(fault, RetryLater) else None
        return max(wait, min(asked or 0.0, _LONGEST_WAIT_ASKED))

    def _spares(self, attempt: _Attempt) -> bool:
        """Whether asking a second time may end an access token that is still good."""
        return attempt.provider.reuse_ends_grant(attempt.grant) and self._has_time(attempt.leased)

    def _has_time(self, leased: StoredGrant) -> bool:
        return leased.life.lasts_past(self._now() + _LAST_MOMENT)

    def _left(self, leased: StoredGrant) -> float:
        """Seconds."""
        expires_at: datetime | None = leased.life.expires_at
        return (expires_at - self._now()).total_seconds() if expires_at else _LONGEST_WAIT_ASKED * 24


def _is_unanswered(fault: Exception) -> bool:
    if isinstance(fault, RetryLater) and fault.code in (_INTERRUPTED, *_UNANSWERED):
        return True
    return isinstance(fault, OutcomeUnknown)

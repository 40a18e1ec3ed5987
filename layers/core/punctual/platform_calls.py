"""Calls that a request makes at once to a channel's platform, with its grant; what fails there is a problem of it."""

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import TypeVar

from punctual.channels import Channel
from punctual.clock import Now
from punctual.problems import Conflict, NotFound, Unavailable
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Grant, Provider
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Reconnect, RetryLater, Unauthorized
from punctual.refreshing import Refreshing

_GRANT_LASTS = timedelta(seconds=30)

Answer = TypeVar("Answer")


class PlatformCalls:
    def __init__(self, refreshing: Refreshing, providers: Providers, now: Now):
        self._refreshing = refreshing
        self._providers = providers
        self._now = now

    def provider(self, channel: Channel) -> Provider:
        try:
            return self._providers.get(channel.provider)
        except UnknownProvider as error:
            raise NotFound("unknown_provider", "This channel's provider is not available any more.") from error

    def make(self, channel: Channel, call: Callable[[Provider, Grant], Answer]) -> Answer:
        """`call` may be made twice: after a plain 401 with a grant that was renewed. Raises Problem."""
        try:
            return self._make(channel, call)
        except Reconnect as error:
            raise _ended() from error
        except (RetryLater, Processing, OutcomeUnknown) as error:
            seconds = getattr(error, "retry_after", None)
            retry_after = ceil(seconds) if seconds else None
            raise Unavailable("platform_unavailable", error.sentence, retry_after=retry_after) from error
        except ProviderError as error:
            raise Conflict("platform_refused", error.sentence, more=_told(error)) from error

    def _make(self, channel: Channel, call: Callable[[Provider, Grant], Answer]) -> Answer:
        provider = self.provider(channel)
        fresh = self._refreshing.fresh(channel, self._now() + _GRANT_LASTS)
        try:
            return call(provider, fresh.grant)
        except Unauthorized:
            fresh = self._refreshing.renew(channel, fresh)
            try:
                return call(provider, fresh.grant)
            except Reconnect as error:
                self._refreshing.bury(fresh, error.code)
                raise
        except Reconnect as error:
            self._refreshing.bury(fresh, error.code)
            raise


def _told(error: ProviderError) -> dict[str, str]:
    return {"platform_code": error.platform_code} if error.platform_code else {}


def _ended() -> Conflict:
    return Conflict("reconnect_required", "The platform ended this channel's connection.")

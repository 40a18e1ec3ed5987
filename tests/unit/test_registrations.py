"""Providers as requests name them."""

from dataclasses import replace
from typing import Any

import pytest

from punctual.apps.finding import PlatformApps
from punctual.clock import now
from punctual.connecting.registrations import Registrations
from punctual.guarded_http import GuardedHttp
from punctual.problems import BadRequest
from punctual.providers import Providers
from punctual.providers.base import Provider
from punctual.providers.bluesky import Bluesky


class PasswordsOnly(Bluesky):
    spec = replace(Bluesky.spec, connect=("credentials",))


class OneProvider(Providers):
    def get(self, provider_id: str) -> Provider:
        return PasswordsOnly(self._http, self._now)


def test_a_provider_without_oauth_is_not_started() -> None:
    nothing: Any = None
    registrations = Registrations(PlatformApps(nothing, nothing), OneProvider(GuardedHttp(), now, sandbox=False))

    with pytest.raises(BadRequest) as refused:
        registrations.oauth("bluesky")

    assert refused.value.code == "wrong_connection"


def test_there_is_one_of_each_provider() -> None:
    """It remembers what its platform told it for the next call."""
    providers = Providers(GuardedHttp(), now, sandbox=False)

    assert providers.get("bluesky") is providers.get("bluesky")

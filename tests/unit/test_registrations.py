"""Providers as requests name them."""

from dataclasses import replace
from typing import Any

import pytest

from punctual.apps.finding import PlatformApps
from punctual.apps.registered import RegisteredApps
from punctual.clock import now
from punctual.connecting.registrations import Registrations
from punctual.guarded_http import GuardedHttp
from punctual.problems import BadRequest
from punctual.providers import Providers
from punctual.providers.base import App, Provider
from punctual.providers.bluesky import Bluesky
from punctual.sealing import Vault
from punctual.tables import Table
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.template import create_tables


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


def test_only_a_registration_with_one_server_is_forgotten_on_that_servers_word() -> None:
    """Every Bluesky connection lives by one key of ours; a Mastodon server's registration is its own."""
    table = Table(MemoryDynamoDB(), "GrantsTable")
    create_tables(table.client)
    apps = PlatformApps(table, Vault(MemoryKms("key"), "key"))
    providers = Providers(GuardedHttp(), now, sandbox=False)
    registrations = Registrations(apps, providers)
    registered = RegisteredApps(table, Vault(MemoryKms("key"), "key"))
    for name, server, left in (("bluesky", "https://pds.example", True), ("mastodon", "https://social.example", False)):
        provider = providers.get(name)
        where = provider.registered_at(server)
        registered.keep(name, where, "https://back.example", App(client_id="ours", public={"key": "told"}))
        registrations.forget(provider, server, "https://back.example")
        assert (registered.public(name, where, "https://back.example") is not None) == left

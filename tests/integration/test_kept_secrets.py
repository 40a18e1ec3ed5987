"""What a provider keeps from start to callback: sealed, given back, paid for only where there is any."""

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from boto3.dynamodb.conditions import Key

from punctual.providers.base import Beginning, Callback, Consent, Login
from punctual.providers.sandbox import Sandbox
from tests.integration.counting import Bill, Counted
from tests.integration.world import World

SECRET = secrets.token_hex(400_000)
"""More than an item holds, even compressed."""


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, str]]:
    """The sandbox as a platform that needs a key of one's own for each connection: what it was given of it."""
    found: list[Mapping[str, str]] = []
    authorization_url, authenticate = Sandbox.authorization_url, Sandbox.authenticate

    def begin(self: Sandbox, fields: Any, own_url: str) -> Beginning:
        return Beginning(server=self.server(fields, own_url), kept={"key": SECRET})

    def asked(self: Sandbox, consent: Consent) -> str:
        found.append(consent.kept)
        return authorization_url(self, consent)

    def called_back(self: Sandbox, callback: Callback) -> Login:
        found.append(callback.kept)
        return authenticate(self, callback)

    monkeypatch.setattr(Sandbox, "begin", begin)
    monkeypatch.setattr(Sandbox, "authorization_url", asked)
    monkeypatch.setattr(Sandbox, "authenticate", called_back)
    return found


def test_what_is_kept_is_there_whenever_the_page_is_opened_and_at_the_callback(
    world: World, given: list[Mapping[str, str]]
) -> None:
    ticket = world.ticket(world.start())
    world.connecting.authorize("sandbox", ticket, None)
    sending = world.connecting.authorize("sandbox", ticket, None)
    query = world.agreed(sending.url)
    assert world.connecting.callback("sandbox", query, sending.browser).error is None
    assert given == [{"key": SECRET}] * 3


def test_it_is_stored_sealed_in_as_many_items_as_it_takes(world: World, given: list[Mapping[str, str]]) -> None:
    query, _ = world.consented()
    connection_id = query["state"].partition(".")[0]
    items = list(world.grants_table.every(Key("pk").eq(connection_id)))
    assert [item["sk"] for item in items] == ["connection", "kept#000", "kept#001"]
    assert SECRET[:40] not in repr(items)


def test_what_keeps_nothing_costs_no_call_to_kms() -> None:
    bill = Bill()
    world = World(wrap=partial(Counted, bill=bill))
    world.connect("ada")  # registers our app
    before = bill.calls["kms.generate_data_key"]
    world.consented("bob")
    assert bill.calls["kms.generate_data_key"] == before

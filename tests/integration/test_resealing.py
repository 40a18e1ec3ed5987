"""Grants sealed anew: under another key, or with other data keys, while their owners go on using them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr

from punctual.apps.registered import RegisteredApps
from punctual.channels import Channel
from punctual.grants.grants import Grants
from punctual.providers.base import App, Grant
from punctual.resealing import Resealed, Resealing
from punctual.sealing import SealBroken, Vault
from punctual.tables import Table
from tests.integration.workers import meanwhile, once
from tests.integration.world import World
from tests.memory.faults import Faulty

NEW = "another key"
OUR_APP = 1
"""The registration with the sandbox, which is sealed as well."""
APP = App(client_id="ours", client_secret=SecretStr("the app's own"))


@pytest.fixture
def still(aws: None) -> World:
    return World()


def vault(world: World, *retired: str) -> Vault:
    """Of the stack once its parameter names the new key."""
    return Vault(world.kms, NEW, retired)


def reseal(world: World, *retired: str, everything: bool = False, client: Any = None, **more: Any) -> Resealed:
    table = Table(client or world.dynamodb, world.names["GrantsTable"], world.clock.sleep)
    until = world.clock.now() + timedelta(minutes=5)
    return Resealing(table, vault(world, *retired), world.clock.now).run(until, everything=everything, **more)


def opened(world: World, channel: Channel, *retired: str) -> Grant:
    """As a function of the changed stack opens it."""
    grants = Grants(world.table("GrantsTable"), vault(world, *retired), world.clock.now)
    stored = grants.get(channel.grant_id or "")
    assert stored
    return grants.open(stored)[0]


def updates_grant(name: str, given: Mapping[str, Any]) -> bool:
    return name == "update_item" and given["Key"]["sk"] == "grant"


def test_what_a_retired_key_sealed_opens_until_it_is_sealed_anew_and_without_it_ever_after(still: World) -> None:
    channels = [still.connect(name) for name in ("ada", "bob", "cyd")]
    before = [still.grants.open(still.grant(channel))[0] for channel in channels]
    apps = RegisteredApps(still.table("GrantsTable"), still.vault)
    apps.keep("mastodon", "https://social.example", "https://back", APP)
    with pytest.raises(SealBroken):
        opened(still, channels[0])
    assert [opened(still, channel, "key") for channel in channels] == before
    assert reseal(still, "key") == Resealed(resealed=3 + 2)
    assert [opened(still, channel) for channel in channels] == before
    anew = RegisteredApps(still.table("GrantsTable"), vault(still))
    assert anew.get("mastodon", "https://social.example", "https://back") == APP
    assert reseal(still, "key") == Resealed(current=3 + 2)


def test_everything_is_sealed_with_data_keys_of_its_own_anew_if_asked(still: World) -> None:
    channel = still.connect()
    reseal(still, "key")
    first = still.grant(channel).sealed
    assert reseal(still) == Resealed(current=1 + OUR_APP)
    assert reseal(still, everything=True) == Resealed(resealed=1 + OUR_APP)
    second = still.grant(channel).sealed
    assert (first.key, first.box) != (second.key, second.box)
    assert opened(still, channel)


def test_a_refresh_at_the_same_moment_is_not_undone(still: World) -> None:
    channel = still.connect(lifetime="300")
    still.clock.run(minutes=4)
    refreshed: list[Grant] = []

    def refresh() -> None:
        refreshed.append(still.refreshing.fresh(channel, still.clock.now() + timedelta(minutes=10)).grant)

    client = Faulty(still.dynamodb, once(updates_grant, meanwhile(refresh)))
    assert reseal(still, "key", client=client) == Resealed(moved=1, resealed=OUR_APP)
    assert still.grants.open(still.grant(channel))[0] == refreshed[0]
    assert reseal(still, "key") == Resealed(resealed=1, current=OUR_APP)
    assert opened(still, channel).refresh_token == refreshed[0].refresh_token


def test_a_refresh_under_way_stores_its_grant_although_it_is_sealed_anew_meanwhile(still: World) -> None:
    channel = still.connect(lifetime="300")
    leased = still.grants.lease(still.grant(channel))
    sealer = still.grants.sealer(leased)
    grant, app = still.grants.open(leased)
    assert reseal(still, "key").resealed == 1 + OUR_APP
    assert still.grants.renew(leased, sealer, grant, app, still.providers.get("sandbox")).version == 2
    assert still.grants.open(still.grant(channel))[0].access_token == grant.access_token


def test_what_cannot_be_opened_is_counted_and_stops_nothing_else(still: World) -> None:
    channel, other = still.connect("ada"), still.connect("bob")
    sealed = still.table("GrantsTable").get({"pk": channel.grant_id, "sk": "grant"})
    still.table("GrantsTable").put({**sealed, "sealed_box": b"x" * 40})
    assert reseal(still, "key") == Resealed(resealed=1 + OUR_APP, failed=1)
    assert opened(still, other)
    assert reseal(still) == Resealed(current=1 + OUR_APP, failed=1), "the key that sealed it is not named"


def test_a_value_on_another_items_place_is_sealed_for_its_own_and_stays_shut(still: World) -> None:
    one, two = still.connect("ada"), still.connect("bob")
    table = still.table("GrantsTable")
    stolen = table.get({"pk": one.grant_id, "sk": "grant"})
    table.put({**stolen, "pk": two.grant_id})
    reseal(still, "key")
    with pytest.raises((ClientError, SealBroken)):
        opened(still, two)


def test_it_goes_on_where_its_time_ended(still: World) -> None:
    for place in range(120):
        still.connect(f"ada{place}")
    table, now = still.table("GrantsTable"), still.clock.now

    def slowly(seconds: float) -> Resealing:
        def passes() -> Any:
            still.clock.sleep(seconds)
            return now()

        return Resealing(table, vault(still, "key"), passes)

    found, rounds = slowly(40).run(now() + timedelta(seconds=30), everything=False), 1
    assert found.after
    total = found.resealed
    while found.after:
        found = slowly(40).run(now() + timedelta(seconds=30), dict(found.after), everything=False)
        total, rounds = total + found.resealed, rounds + 1
    assert total == 120 + OUR_APP
    assert rounds > 2


def test_neither_a_seal_nor_what_holds_it_shows_ciphertext(still: World) -> None:
    stored = still.grant(still.connect())
    for part in (stored.sealed.box, stored.sealed.key):
        assert repr(part)[2:-1] not in repr(stored)

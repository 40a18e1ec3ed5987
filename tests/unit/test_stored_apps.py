"""Registrations at rest: every field comes back, secrets are sealed only, and to their own item."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import SecretStr

from punctual.apps import stored as stored_apps
from punctual.apps.registered import RegisteredApps
from punctual.apps.workspace import WorkspaceApps
from punctual.providers.base import App
from punctual.resealing import Resealing
from punctual.sealing import Vault
from punctual.stored import Unreadable
from punctual.tables import Table
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.template import create_tables

AT = datetime(2026, 11, 22, tzinfo=UTC)


def sample(name: str, kind: Any) -> Any:
    """A value of a field's type: one that is added to App is tested by existing."""
    if "SecretStr" in str(kind):
        return SecretStr(f"hush-{name}")
    return {"jwks": f"plain-{name}"} if "Mapping" in str(kind) else f"plain-{name}"


FULL = App(**{each.name: sample(each.name, each.type) for each in fields(App)})


@pytest.fixture
def table() -> Table:
    client = MemoryDynamoDB()
    create_tables(client)
    return Table(client, "GrantsTable")


@pytest.fixture
def vault() -> Vault:
    return Vault(MemoryKms("key"), "key")


@pytest.mark.parametrize("app", [FULL, App(client_id="a")], ids=["all fields", "one field"])
def test_every_field_comes_back(app: App) -> None:
    assert stored_apps.from_plain(stored_apps.to_plain(app)) == app


def test_what_was_stored_before_a_field_was_known_has_its_default() -> None:
    assert stored_apps.from_plain({"client_id": "a", "client_secret": None}) == App(client_id="a")


def test_what_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(Unreadable) as raised:
        stored_apps.from_plain({"client_id": {"hush": 1}, "client_secret": ["hush"]})
    assert "hush" not in str(raised.value)
    assert "client_id" in str(raised.value)


def test_secrets_show_in_no_repr_and_in_no_item_and_the_public_part_needs_no_key(table: Table, vault: Vault) -> None:
    RegisteredApps(table, vault).keep("x", "https://x.example", "https://us.example/cb", FULL)
    WorkspaceApps(table, vault).put("ws_1", "x", FULL, AT)
    stored = table.client.scan(TableName="GrantsTable")["Items"]
    assert len(stored) == 2
    assert "hush" not in f"{stored} {FULL!r}"
    nobodys = Vault(None, "no key")
    found = RegisteredApps(table, nobodys).public("x", "https://x.example", "https://us.example/cb")
    assert found == FULL.public
    assert RegisteredApps(table, nobodys).public("x", "https://y.example", "https://us.example/cb") is None


def test_an_app_that_was_copied_to_another_workspace_or_provider_stays_shut(table: Table, vault: Vault) -> None:
    apps = WorkspaceApps(table, vault)
    apps.put("ws_1", "x", FULL, AT)
    assert apps.find("ws_1", "x") == FULL
    item = table.get({"pk": "ws_1", "sk": "app#x"})
    assert item
    for workspace_id, provider in (("ws_2", "x"), ("ws_1", "y")):
        table.put({**item, "pk": workspace_id, "sk": f"app#{provider}"})
        with pytest.raises(ClientError):
            apps.find(workspace_id, provider)


def test_an_app_opens_after_it_was_sealed_anew_under_another_key(table: Table) -> None:
    kms = MemoryKms("old", "new")
    WorkspaceApps(table, Vault(kms, "old")).put("ws_1", "x", FULL, AT)
    RegisteredApps(table, Vault(kms, "old")).keep("x", "s", "r", FULL)
    moved = Resealing(table, Vault(kms, "new", ["old"]), lambda: AT).run(AT, everything=False)
    assert (moved.resealed, moved.failed) == (2, 0)
    assert WorkspaceApps(table, Vault(kms, "new")).find("ws_1", "x") == FULL
    assert RegisteredApps(table, Vault(kms, "new")).get("x", "s", "r") == FULL


def test_of_two_registrations_at_once_both_use_the_first(table: Table, vault: Vault) -> None:
    apps = RegisteredApps(table, vault)
    first, second = App(client_id="first"), App(client_id="second")
    assert apps.keep("x", "s", "r", first) == first
    assert apps.keep("x", "s", "r", second) == first
    apps.drop("x", "s", "r")
    assert apps.get("x", "s", "r") is None

"""Registrations as they are stored: all of one sealed, its public part in plain beside that."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import SecretStr

from punctual.providers.base import App
from punctual.sealing import Context, Sealed, Vault
from punctual.stored import Stored
from punctual.tables import Item

_APP = Stored(App)


def to_plain(app: App) -> dict[str, Any]:
    """As JSON takes it, with its secrets in clear: only ever to be sealed."""
    return {each.name: _clear(getattr(app, each.name)) for each in fields(app)}


def from_plain(plain: dict[str, Any]) -> App:
    """What was sealed before a field was known has its default. Raises Unreadable."""
    return _APP.read(plain)


def sealed(vault: Vault, context: Context, app: App) -> Item:
    """The attributes of an item that keeps it."""
    found = vault.sealer(context).seal(json.dumps(to_plain(app)).encode())
    return {**found.attributes(), "public": dict(app.public) or None}


def opened(vault: Vault, context: Context, item: Item) -> App:
    return from_plain(json.loads(vault.open(Sealed.of(item), context)))


def _clear(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return {name: _clear(inner) for name, inner in value.items()} if isinstance(value, Mapping) else value

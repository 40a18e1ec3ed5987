"""Registrations that Punctual made itself, with servers that let programs register (each Mastodon instance)."""

from collections.abc import Mapping

from boto3.dynamodb.conditions import Attr

from punctual.apps import stored as stored_apps
from punctual.providers.base import App
from punctual.sealing import Vault
from punctual.tables import ConditionFailed, Table


class RegisteredApps:
    def __init__(self, table: Table, vault: Vault):
        self._table = table
        self._vault = vault

    def get(self, provider: str, server: str, redirect_uri: str) -> App | None:
        name = _name(provider, server, redirect_uri)
        item = self._table.get({"pk": name, "sk": "app"})
        return stored_apps.opened(self._vault, {"app": name}, item) if item else None

    def public(self, provider: str, server: str, redirect_uri: str) -> Mapping[str, str] | None:
        """`App.public`, for whoever may not use the key; None: nothing is registered there."""
        item = self._table.get({"pk": _name(provider, server, redirect_uri), "sk": "app"})
        return item.get("public", {}) if item else None

    def keep(self, provider: str, server: str, redirect_uri: str, app: App) -> App:
        """The stored registration: ours, or the one that was quicker."""
        name = _name(provider, server, redirect_uri)
        item = {"pk": name, "sk": "app", **stored_apps.sealed(self._vault, {"app": name}, app)}
        try:
            self._table.put(item, Attr("pk").not_exists())
        except ConditionFailed:
            return self.get(provider, server, redirect_uri) or app
        return app

    def drop(self, provider: str, server: str, redirect_uri: str) -> None:
        """The server knows this registration no more; the next connection registers anew."""
        self._table.delete({"pk": _name(provider, server, redirect_uri), "sk": "app"})


def _name(provider: str, server: str, redirect_uri: str) -> str:
    """A registration is good for one redirect URI: a stack that moves to another address registers anew."""
    return f"app#{provider}#{server}#{redirect_uri}"

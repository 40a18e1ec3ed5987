"""Our registrations with servers that let programs register (each Mastodon instance), kept sealed, one a server."""

import json

from boto3.dynamodb.conditions import Attr
from pydantic import SecretStr

from punctual.providers.base import App
from punctual.sealing import Sealed, Vault
from punctual.tables import ConditionFailed, Table


class PlatformApps:
    def __init__(self, table: Table, vault: Vault):
        self._table = table
        self._vault = vault

    def get(self, provider: str, server: str, redirect_uri: str) -> App | None:
        name = _name(provider, server, redirect_uri)
        item = self._table.get({"pk": name, "sk": "app"})
        if not item:
            return None
        sealed = Sealed(bytes(item["sealed_key"]), bytes(item["sealed_box"]))
        plain = json.loads(self._vault.open(sealed, {"app": name}))
        secret = plain["client_secret"]
        return App(client_id=plain["client_id"], client_secret=SecretStr(secret) if secret else None)

    def keep(self, provider: str, server: str, redirect_uri: str, app: App) -> App:
        """The stored registration: ours, or the one that was quicker."""
        name = _name(provider, server, redirect_uri)
        secret = app.client_secret.get_secret_value() if app.client_secret else None
        plain = json.dumps({"client_id": app.client_id, "client_secret": secret}).encode()
        sealed = self._vault.sealer({"app": name}).seal(plain)
        item = {"pk": name, "sk": "app", "sealed_key": sealed.key, "sealed_box": sealed.box}
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

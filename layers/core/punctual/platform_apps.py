"""Our registrations with servers that let programs register (each Mastodon instance), kept sealed, one a server."""

import json
from collections.abc import Mapping

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
        return read_app(json.loads(self._vault.open(sealed, {"app": name})))

    def keep(self, provider: str, server: str, redirect_uri: str, app: App) -> App:
        """The stored registration: ours, or the one that was quicker."""
        name = _name(provider, server, redirect_uri)
        sealed = self._vault.sealer({"app": name}).seal(json.dumps(plain_app(app)).encode())
        item = {"pk": name, "sk": "app", "sealed_key": sealed.key, "sealed_box": sealed.box}
        try:
            self._table.put(item, Attr("pk").not_exists())
        except ConditionFailed:
            return self.get(provider, server, redirect_uri) or app
        return app

    def drop(self, provider: str, server: str, redirect_uri: str) -> None:
        """The server knows this registration no more; the next connection registers anew."""
        self._table.delete({"pk": _name(provider, server, redirect_uri), "sk": "app"})


def plain_app(app: App) -> dict[str, str | None]:
    """With its secrets, to be sealed."""
    secrets = {"client_secret": app.client_secret, "private_key": app.private_key}
    return {
        "client_id": app.client_id,
        **{name: one.get_secret_value() if one else None for name, one in secrets.items()},
    }


def read_app(plain: Mapping[str, str | None]) -> App:
    secrets = {name: SecretStr(one) for name in ("client_secret", "private_key") if (one := plain.get(name))}
    return App(client_id=plain["client_id"] or "", **secrets)


def _name(provider: str, server: str, redirect_uri: str) -> str:
    """A registration is good for one redirect URI: a stack that moves to another address registers anew."""
    return f"app#{provider}#{server}#{redirect_uri}"

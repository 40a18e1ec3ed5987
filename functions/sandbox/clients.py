"""OAuth clients: an open, public one, and apps that anybody may register, each with a secret and one redirect URI."""

import secrets
from datetime import datetime, timedelta

from punctual.tables import Key, Table
from sandbox import grants
from sandbox.errors import OAuthRefusal, Refusal

OPEN = "punctual"
_KEPT = timedelta(days=365)


def register(table: Table, redirect_uri: str, at: datetime) -> dict[str, str]:
    """Its id and its secret, which is stored as a hash only."""
    client_id, secret = f"app-{secrets.token_hex(8)}", secrets.token_urlsafe(32)
    kept = {"redirect_uri": redirect_uri, "secret": grants.digest(secret), "expires_at": int((at + _KEPT).timestamp())}
    table.put({**_key(client_id), **kept})
    return {"client_id": client_id, "client_secret": secret}


def check_redirect(table: Table, client_id: str, redirect_uri: str) -> None:
    """The open client goes anywhere, an app only where it said."""
    if client_id == OPEN:
        return
    app = table.get(_key(client_id))
    if not app:
        raise Refusal(400, "invalid_client", f'client_id must be "{OPEN}", or that of an app registered here.')
    if app["redirect_uri"] != redirect_uri:
        raise Refusal(400, "invalid_redirect_uri", "redirect_uri is not the one that the app was registered with.")


def authenticated(table: Table, form: dict[str, str]) -> str:
    """The id of the client that a form proves to come from."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret")
    app = table.get(_key(client_id)) if client_id and client_id != OPEN else None
    proven = app and secret and secrets.compare_digest(grants.digest(secret), str(app["secret"]))
    if not proven and (client_id != OPEN or secret is not None):
        raise OAuthRefusal(401, "invalid_client", "The client is unknown, or its secret is wrong.")
    return client_id


def _key(client_id: str) -> Key:
    return {"pk": f"app#{client_id}", "sk": "app"}

"""Four apps, one for each way to prove oneself, and the provider that each is for."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from joserfc import jwk
from pydantic import SecretStr

from punctual.clock import Now
from punctual.connecting import callback_url
from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Account, App, Fields, Grant, Provider, Spec, answer
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.terms import TokenAuth

OWN_URL = "https://punctual.example"
METHODS: Mapping[str, TokenAuth] = {
    "basic": "client_secret_basic",
    "post": "client_secret_post",
    "public": "none",
    "signed": "private_key_jwt",
}
SECRET = SecretStr("a secret: with %20 & + / = in it, and long enough")


class Server(Fields):
    server: str


class Oidc(OAuth2Provider):
    spec = Spec(
        id="oidc",
        name="Oidc",
        docs_url="https://github.com/panva/node-oidc-provider",
        connect=("oauth",),
        connect_fields=Server,
        max_text=500,
        counted_in="characters",
        authorize_url="{server}/auth",
        token_url="{server}/token",
        revoke_url="{server}/token/revocation",
        scopes=("openid", "read", "write"),
        optional_scopes=("stats",),
        reuse_ends_grant=True,
    )

    def server(self, fields: Server, own_url: str) -> str:
        return fields.server

    def issuer(self, server: str) -> str | None:
        return server

    def register_app(self, server: str, redirect_uri: str) -> App | None:
        return apps()[self.spec.id]

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        me = answer(self.call("GET", f"{grant.server}/me", grant=grant))
        return (Account(id=me["sub"], handle=f"@{me['sub']}", server=grant.server),)


class OidcProviders(Providers):
    """A registry of one provider for each app."""

    def __init__(self, now: Now):
        super().__init__(GuardedHttp(allow_private=True), now, sandbox=False)

    def ids(self) -> list[str]:
        return list(METHODS)

    def get(self, provider_id: str) -> Provider:
        if provider_id not in METHODS:
            raise UnknownProvider(provider_id)
        return provider_class(provider_id)(self._http, self._now)


@cache
def provider_class(name: str) -> type[Oidc]:
    spec = replace(Oidc.spec, id=name, name=name.title(), token_auth=METHODS[name])
    return type(name.title(), (Oidc,), {"spec": spec})


@cache
def apps() -> Mapping[str, App]:
    """The id of each holds what has to be encoded."""
    key = jwk.ECKey.generate_key("P-256", {"kid": "key-1", "alg": "ES256", "use": "sig"})
    ours = SecretStr(json.dumps(key.as_dict(private=True)))
    return {
        "basic": App(client_id="basic: app", client_secret=SECRET),
        "post": App(client_id="post: app", client_secret=SECRET),
        "public": App(client_id="public: app"),
        "signed": App(client_id="signed: app", private_key=ours),
    }


def registrations() -> list[dict[str, Any]]:
    """What the server knows of them."""
    return [_registration(name, app) for name, app in apps().items()]


def _registration(name: str, app: App) -> dict[str, Any]:
    known: dict[str, Any] = {
        "client_id": app.client_id,
        "token_endpoint_auth_method": METHODS[name],
        "redirect_uris": [callback_url(OWN_URL, name)],
    }
    if app.client_secret:
        known["client_secret"] = app.client_secret.get_secret_value()
    if app.private_key:
        public = jwk.import_key(json.loads(app.private_key.get_secret_value())).as_dict(private=False)
        known["jwks"] = {"keys": [public]}
    return known

"""What a test does between opening the consent page and publishing, as the project's own callers do it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, App, Callback, Consent, Grant, Outgoing, Published
from punctual.providers.mastodon import Mastodon, Server, Settings
from tests.contract.mastodon.far_side import FarSide, s256

REDIRECT_URI = "https://punctual.example/v1/oauth/mastodon/callback"
VERIFIER = "a-verifier-that-is-at-least-forty-three-characters-long"


@dataclass(frozen=True)
class Session:
    """One connected account."""

    provider: Mastodon
    app: App
    grant: Grant
    account: Account

    def post(self, text: str = "Hello", *, sent_at: datetime | None = None, **changed: Any) -> Outgoing:
        fields: dict[str, Any] = {
            "delivery_id": "dlv_1",
            "key": "dlv_1-1-1",
            "text": text,
            "settings": Settings(),
            "due_at": self.provider.now(),
            "account": self.account,
            "first_sent_at": sent_at,
        }
        return Outgoing(**{**fields, **changed})

    def publish(self, text: str = "Hello", **changed: Any) -> Published:
        return self.provider.publish(self.post(text, **changed), self.grant)

    def find(self, text: str = "Hello", **changed: Any) -> Published | None:
        return self.provider.find(self.post(text, **changed), self.grant)


def connect(provider: Mastodon, side: FarSide) -> Session:
    server = provider.server(Server(server=side.origin), "https://punctual.example")
    app = provider.register_app(server, REDIRECT_URI)
    query = side.consent(provider.authorization_url(consent(app, server)))
    login = provider.authenticate(callback(app, server, query["code"]))
    return Session(provider, app, login.grant, login.accounts[0])


def consent(app: App, server: str) -> Consent:
    return Consent(app=app, redirect_uri=REDIRECT_URI, state="state-1", code_challenge=s256(VERIFIER), server=server)


def callback(app: App, server: str, code: str, verifier: str = VERIFIER) -> Callback:
    return Callback(app=app, redirect_uri=REDIRECT_URI, code=code, code_verifier=SecretStr(verifier), server=server)


def http_to(answer: Callable[[httpx.Request], httpx.Response]) -> GuardedHttp:
    """The project's own client, with the far side where the network would be."""
    return GuardedHttp(transport=httpx.MockTransport(answer), resolve=_public_address)


async def _public_address(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

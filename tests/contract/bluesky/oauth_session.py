"""An account that connects by consent, at the small AT Protocol of `oauth_far_side`."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import App, Beginning, Callback, Consent, Login, Outgoing
from punctual.providers.bluesky import Bluesky
from tests.contract.bluesky.oauth_far_side import HOME, OAuthFarSide
from tests.contract.bluesky.session import Clock, outgoing, prepare, public

REDIRECT_URI = "https://punctual.example/v1/oauth/bluesky/callback"
LOOPBACK_URI = "http://127.0.0.1:4566/v1/oauth/bluesky/callback"
VERIFIER = "a-verifier-of-the-length-that-the-rfc-asks-for-at-least"


@dataclass
class OAuthSession:
    redirect_uri: str = REDIRECT_URI
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.far_side = OAuthFarSide(self.clock)
        self.provider = self.restarted()
        self.app: App = self.provider.register_app("", self.redirect_uri)
        if self.app.private_key:
            document = self.provider.client_metadata(self.redirect_uri, self.app.public)
            self.far_side.clients[self.app.client_id] = json.loads(json.dumps(document))

    def restarted(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> Bluesky:
        """As in a process that has seen no server before."""
        http = GuardedHttp(transport=httpx.MockTransport(answer or self.far_side.answer), resolve=public)
        return Bluesky(http, self.clock)

    def begin(self, **fields: Any) -> Beginning:
        given = self.provider.spec.connect_fields(**{"server": HOME, **fields})
        return self.provider.begin(given, "https://punctual.example")

    def page(self, begun: Beginning) -> str:
        consent = Consent(
            app=self.app,
            redirect_uri=self.redirect_uri,
            state="the-state",
            code_challenge=create_s256_code_challenge(VERIFIER),
            server=begun.server,
            kept=begun.kept,
        )
        return self.provider.authorization_url(consent)

    def finish(self, begun: Beginning, query: dict[str, str], **changed: Any) -> Login:
        about: dict[str, Any] = {
            "app": self.app,
            "redirect_uri": self.redirect_uri,
            "code": query["code"],
            "code_verifier": SecretStr(VERIFIER),
            "server": begun.server,
            "kept": begun.kept,
        }
        return self.provider.authenticate(Callback(**{**about, **changed}))

    def login(self, **fields: Any) -> Login:
        begun = self.begin(**fields)
        return self.finish(begun, self.far_side.consent(self.page(begun)))

    def prepared(self, text: str, login: Login) -> Outgoing:
        return prepare(self.provider, outgoing(text, login.accounts[0]), login.grant)

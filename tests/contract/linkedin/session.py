"""One connected account of either kind, as the project's own callers use a provider."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.linkedin_api.network import LinkedInProvider
from punctual.providers import provider_class
from punctual.providers.base import Account, App, Callback, Consent, Grant, Outgoing, Published
from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.raw_caller import Clock
from tests.kept import Kept

VERIFIER = "a-verifier-that-is-at-least-forty-three-characters-long"


@dataclass
class Session:
    provider: LinkedInProvider
    side: LinkedInSide
    clock: Clock
    app: App
    grant: Grant
    account: Account
    kept: dict[str, Any] = field(default_factory=dict)

    def post(self, text: str = "Hello", settings: dict[str, Any] | None = None, **changed: Any) -> Outgoing:
        about: dict[str, Any] = {
            "delivery_id": "dlv_1",
            "key": "dlv_1.0.1",
            "text": text,
            "settings": self.provider.spec.settings.model_validate(settings or {}),
            "due_at": self.clock(),
            "account": self.account,
            "first_sent_at": self.clock(),
        }
        return Outgoing(**{**about, **changed})

    def prepared(self, post: Outgoing) -> Outgoing:
        kept = dict(post.prepared)
        self.provider.prepare(post, self.grant, Kept(kept))
        return replace(post, prepared=kept)

    def publish(self, text: str = "Hello", settings: dict[str, Any] | None = None, **changed: Any) -> Published:
        return self.provider.publish(self.prepared(self.post(text, settings, **changed)), self.grant)

    def find(self, post: Outgoing) -> Published | None:
        """As it is called: without media."""
        return self.provider.find(replace(post, media=()), self.grant)

    def comment(self, on: Published, text: str = "First") -> Outgoing:
        return self.post(text, kind="comment", part=1, root=on, parent=on)


def connect(name: str, *, side: LinkedInSide | None = None, clock: Clock | None = None, **fields: str) -> Session:
    clock = clock or Clock()
    side = side or LinkedInSide(clock)
    provider: Any = provider_class(name)(http_to(side.answer), clock)
    redirect_uri = side.redirect_uri = f"https://punctual.example/v1/oauth/{name}/callback"
    app = provider.app(provider.spec.app_fields.model_validate({**side.app, **fields}))
    asked = Consent(app=app, redirect_uri=redirect_uri, state="state-1", code_challenge="challenge")
    query = side.consent(provider.authorization_url(asked))
    back = Callback(app=app, redirect_uri=redirect_uri, code=query["code"], code_verifier=SecretStr(VERIFIER))
    login = provider.authenticate(back)
    clock.advance(seconds=timedelta(minutes=1).total_seconds())
    return Session(provider, side, clock, app, login.grant, login.accounts[0])


def http_to(answer: Callable[[httpx.Request], httpx.Response]) -> GuardedHttp:
    """The project's own client sends to a checked address; the far side goes by the host's name."""

    def named(request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(host=request.headers["Host"])
        return answer(httpx.Request(request.method, url, headers=request.headers, content=request.content))

    return GuardedHttp(transport=httpx.MockTransport(named), resolve=_public_address)


async def _public_address(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

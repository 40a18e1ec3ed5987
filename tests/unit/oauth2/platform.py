"""A platform that answers what a test wants, and notes what it was sent; its providers differ in their Spec alone."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, App, Callback, Consent, Grant, Spec
from punctual.providers.oauth2 import OAuth2Provider

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SERVER = "https://platform.example"
REDIRECT = "https://punctual.example/v1/oauth/plain/callback"
APP = App(client_id="an app", client_secret=SecretStr("a:secret&more"))
TOKENS = {"access_token": "access-1", "token_type": "Bearer", "refresh_token": "refresh-1", "expires_in": 3600}


class Plain(OAuth2Provider):
    """As the RFCs have it. Only tokens a day old may be refreshed, as on Threads; `all` holds every scope."""

    spec = Spec(
        id="plain",
        name="Plain",
        docs_url="https://platform.example/docs",
        connect=("oauth",),
        max_text=500,
        counted_in="characters",
        authorize_url="{server}/authorize?flow=web",
        token_url="{server}/token",
        revoke_url="{server}/revoke",
        scopes=("read", "write"),
        optional_scopes=("stats",),
    )

    def accounts(self, grant: Grant) -> tuple[Account, ...]:
        return (Account(id="1", handle="@one", server=grant.server),)

    def covers(self, granted: Collection[str], needed: str) -> bool:
        return super().covers(granted, needed) or "all" in granted

    def refresh_at(self, grant: Grant, obtained_at: datetime) -> datetime | None:
        return obtained_at + timedelta(days=1)


@dataclass
class Far:
    """`answer` is what the token endpoint says next."""

    answer: Any = field(default_factory=lambda: TOKENS)
    status: int = 200
    sent: list[httpx.Request] = field(default_factory=list)

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if isinstance(self.answer, str):
            return httpx.Response(self.status, text=self.answer)
        return httpx.Response(self.status, json=self.answer)

    def provider(self, kind: type[Plain] = Plain, **facts: Any) -> Plain:
        made = type("Made", (kind,), {"spec": replace(kind.spec, **facts)})
        return made(GuardedHttp(transport=httpx.MockTransport(self.respond), resolve=somewhere_public), lambda: NOW)

    @property
    def url(self) -> str:
        """By name: the request itself goes to the address that was checked."""
        return f"https://{self.sent[-1].headers['Host']}{self.sent[-1].url.raw_path.decode()}"

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.sent[-1].content.decode(), keep_blank_values=True))


async def somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def consent(app: App = APP) -> Consent:
    return Consent(app=app, redirect_uri=REDIRECT, state="state-1", code_challenge="challenge-1", server=SERVER)


def callback(app: App = APP) -> Callback:
    return Callback(app=app, redirect_uri=REDIRECT, code="code-1", code_verifier=SecretStr("verifier-1"), server=SERVER)


def grant(**changed: Any) -> Grant:
    given: dict[str, Any] = {
        "access_token": SecretStr("access-0"),
        "refresh_token": SecretStr("refresh-0"),
        "scopes": ("read", "write"),
        "server": SERVER,
        "extra": {"kept": "along"},
        "renewable_until": NOW + timedelta(days=9),
    }
    return Grant(**{**given, **changed})

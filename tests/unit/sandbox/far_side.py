"""The far side, built whole on moto with a clock that tests move, and everything that talks to it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import App, Callback, Consent, Login, Outgoing
from punctual.providers.outcomes import Processing
from punctual.providers.sandbox import PROVIDER, Sandbox, Settings
from punctual.tables import Table
from sandbox.app import answer
from sandbox.codes import challenge
from sandbox.network import Network
from sandbox.storage import Bucket
from tests.memory.s3 import MemoryS3
from tests.sandbox_bridge import callback_query, consent, loopback, sandbox_transport

BASE = "https://punctual.example"
REDIRECT = "https://punctual.example/v1/oauth/sandbox/callback"
VERIFIER = "v" * 43
PROTECTIONS = ("key", "chosen_id", "handle", "duplicate_rejection", "search", "none")


@dataclass
class Clock:
    at: datetime = datetime(2026, 11, 22, 16, 0, 0, 123000, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Far:
    """The far side, its clock, a browser that reaches it, and the provider that talks to it."""

    network: Network
    clock: Clock
    browser: httpx.Client
    provider: Sandbox
    app: App = field(default_factory=partial(App, client_id="punctual"))
    server: str = f"{BASE}/sandbox"

    def asked(self, **changed: Any) -> str:
        given = {"app": self.app, "redirect_uri": REDIRECT, "state": "s-1", "code_challenge": challenge(VERIFIER)}
        return self.provider.authorization_url(Consent(**{**given, "server": self.server, **changed}))

    def code(self, **typed: str) -> str:
        return callback_query(consent(self.browser, self.asked(), **typed))["code"]

    def redeem(self, code: str, **changed: Any) -> Login:
        given = {"app": self.app, "redirect_uri": REDIRECT, "code_verifier": SecretStr(VERIFIER), "server": self.server}
        return self.provider.authenticate(Callback(**{**given, "code": code, **changed}))

    def login(self, **typed: str) -> Login:
        return self.redeem(self.code(**typed))

    def post(self, login: Login, text: str, protection: str = "key", **more: Any) -> Outgoing:
        """A delivery as `publish` would see it now, prepared."""
        return self.prepared(self.draft(login, text, protection, **more), login)

    def draft(self, login: Login, text: str, protection: str = "key", **more: Any) -> Outgoing:
        now = self.clock.now()
        given = {"delivery_id": "dlv_1", "key": "dlv_1-0-1", "due_at": now, "first_sent_at": now}
        written = {"text": text, "settings": Settings(protection=protection), "account": login.accounts[0]}
        return Outgoing(**{**given, **written, **more})

    def prepared(self, post: Outgoing, login: Login) -> Outgoing:
        kept = Kept(dict(post.prepared))
        self.provider.prepare(post, login.grant, kept)
        return replace(post, prepared=kept.results)

    def accepted(self, post: Outgoing, login: Login) -> tuple[Outgoing, float | None]:
        """The delivery after a publishing call that was only accepted, and how long it is to wait."""
        try:
            found = self.provider.publish(post, login.grant)
        except Processing as working:
            return replace(post, prepared={**post.prepared, **working.kept}), working.retry_after
        raise AssertionError(f"published at once: {found}")

    def timeline(self, **asked: Any) -> list[dict[str, str]]:
        answer = self.browser.get(f"{self.server}/api/timeline", params=asked)
        return answer.raise_for_status().json()["posts"]

    def texts(self) -> list[str]:
        return [post["text"] for post in self.timeline()]


@dataclass
class Kept:
    """A `Keep` that remembers."""

    results: dict[str, Any] = field(default_factory=dict)

    def __call__(self, **results: Any) -> None:
        self.results |= results

    def yield_if_late(self, seconds: float | None = None) -> None:
        pass


def api(
    far: Far,
    login: Login,
    method: str,
    path: str,
    *,
    protection: str = "search",
    text: str = "Hello",
    more: dict[str, Any] | None = None,
    **headers: str,
) -> httpx.Response:
    """A call as any client would make it; `more` is what its body holds beside text and protection."""
    sent = {**bearer(login), **headers}
    body = None if method == "GET" else {"text": text, "protection": protection, **(more or {})}
    return far.browser.request(method, f"{far.server}/api{path}", headers=sent, json=body)


def bearer(login: Login) -> dict[str, str]:
    return {"Authorization": f"Bearer {login.grant.access_token.get_secret_value()}"}


def error(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


def far_side(table: Table, *, public_url: str = BASE, served: str = BASE, stage: str = "$default") -> Far:
    clock = Clock()
    storage = Bucket(MemoryS3("bucket"), "bucket")
    network = Network(table=table, now=clock.now, sleep=clock.sleep, public_url=public_url, storage=storage)
    transport = sandbox_transport(partial(answer, on=network), served, clock=clock.now, stage=stage)
    http = GuardedHttp(transport=transport, resolve=loopback, allow_private=True)
    return Far(network, clock, httpx.Client(transport=transport), PROVIDER(http, clock.now))


def table(resource: Any) -> Table:
    """A new, empty table of the sandbox."""
    name = f"sandbox-{len(list(resource.tables.all()))}"
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    resource.create_table(
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return Table(resource.meta.client, name)

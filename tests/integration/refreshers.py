"""Refreshers with parts of their own: clients that fail or die, a platform that answers otherwise."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from punctual.channels import Channels
from punctual.grants.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.providers import Providers
from punctual.providers.sandbox import Sandbox
from punctual.refreshing import Refreshing
from punctual.sealing import Vault
from punctual.tables import Table
from tests.integration.world import World
from tests.sandbox_bridge import loopback

Around = Callable[[httpx.Request, Callable[[], httpx.Response]], httpx.Response]
"""What becomes of a call to the token endpoint; the second argument carries it out."""


def plain(_: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
    return call()


class Place(World):
    """A world where nothing runs by itself, and whose KMS can be had."""

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {}
        super().__init__(wrap=self.clients.setdefault)


def refresher(
    world: Place,
    around: Around = plain,
    *,
    wrap: Callable[[Any], Any] = lambda client: client,
    sleep: Callable[[float], None] | None = None,
) -> Refreshing:
    """`wrap` is put around the AWS clients."""

    def respond(request: httpx.Request) -> httpx.Response:
        def call() -> httpx.Response:
            found: httpx.Response = world.transport.handle_request(request)
            return found

        return around(request, call) if request.url.path.endswith("/oauth/token") else call()

    now, sleep = world.clock.now, sleep or world.clock.sleep
    dynamodb, kms = wrap(world.dynamodb), wrap(world.clients["kms"])
    providers = Providers(
        GuardedHttp(transport=httpx.MockTransport(respond), resolve=loopback, allow_private=True), now, sandbox=True
    )
    channels = Channels(Table(dynamodb, world.names["WorkTable"], sleep), now)
    grants = Grants(Table(dynamodb, world.names["GrantsTable"], sleep), Vault(kms, "key"), now)
    return Refreshing(grants, channels, providers, now, sleep=sleep)


def forgiving(monkeypatch: pytest.MonkeyPatch) -> Around:
    """A platform on which a refresh token that comes again gets the same answer again, as Bluesky's sessions do."""
    monkeypatch.setattr(Sandbox, "spec", replace(Sandbox.spec, reuse_ends_grant=False))
    given: dict[bytes, httpx.Response] = {}

    def around(request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
        form = request.read()
        if form not in given:
            given[form] = call()
        said = given[form]
        return httpx.Response(said.status_code, content=said.content, headers={"Content-Type": "application/json"})

    return around


def cut(request: httpx.Request, call: Callable[[], httpx.Response]) -> httpx.Response:
    """Carried out, and nobody hears of it."""
    call()
    raise httpx.ReadError("the connection was reset", request=request)

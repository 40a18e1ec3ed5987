"""Workers that die: at the nth thing they do to the outside, just before it or just after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import httpx

from punctual.attempts import Attempts
from punctual.buckets import Buckets
from punctual.channels import Channels
from punctual.deliveries import Deliveries
from punctual.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.messages import Queue
from punctual.pauses import Pauses
from punctual.posts import Posts
from punctual.providers import Providers
from punctual.publishing import Publishing
from punctual.refreshing import Refreshing
from punctual.tables import Table
from tests.integration.moved_clock import Killed
from tests.integration.world import World
from tests.sandbox_bridge import loopback

When = Literal["before", "after"]


@dataclass
class Fate:
    """Dies once, `when` the call number `at` is made; counts all of them."""

    at: int
    when: When
    calls: int = 0
    died_in: str = ""

    def meet(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls += 1
        is_mine = self.calls == self.at
        if is_mine and self.when == "before":
            self._die(name)
        found = call()
        if is_mine:
            self._die(name)
        return found

    def _die(self, name: str) -> None:
        self.died_in = name
        raise Killed(name)


class Fated:
    """A client whose calls meet the fate."""

    def __init__(self, client: Any, fate: Fate):
        self._client = client
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        return lambda **given: self._fate.meet(name, lambda: method(**given))


def fated_worker(world: World, fate: Fate) -> Publishing:
    now = world.clock.now
    dynamodb = Fated(world.dynamodb, fate)
    work = Table(dynamodb, world.names["WorkTable"])
    deliveries = Deliveries(work)
    channels = Channels(work, now)
    send = httpx.MockTransport(lambda request: fate.meet("http", lambda: world.transport.handle_request(request)))
    providers = Providers(GuardedHttp(transport=send, resolve=loopback, allow_private=True), now, sandbox=True)
    grants = Grants(Table(dynamodb, world.names["GrantsTable"]), world.vault, now)
    return world.worker(
        posts=Posts(work, deliveries, now),
        deliveries=deliveries,
        attempts=Attempts(work, now),
        channels=channels,
        pauses=Pauses(work, now),
        buckets=Buckets(work),
        refreshing=Refreshing(grants, channels, providers, now),
        providers=providers,
        queue=Queue(Fated(world.sqs, fate), "queue"),
    )

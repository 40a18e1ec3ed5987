"""Workers that die: at the nth thing they do to the outside, just before it or just after it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from punctual.publishing import Publishing
from tests.integration.moved_clock import Killed
from tests.integration.workers import worker
from tests.integration.world import World

When = Literal["before", "after"]


@dataclass
class Fate:
    """Dies once, `when` the call number `at` is made; counts all of them."""

    at: int
    when: When
    calls: int = 0
    died_in: str = ""
    names: list[str] = field(default_factory=list)
    """Of the calls, in their order."""

    def meet(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls += 1
        self.names.append(name)
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
    def respond(request: httpx.Request) -> httpx.Response:
        found: httpx.Response = fate.meet("http", lambda: world.transport.handle_request(request))
        return found

    return worker(
        world,
        dynamodb=Fated(world.dynamodb, fate),
        sqs=Fated(world.sqs, fate),
        s3=Fated(world.files.s3, fate),
        respond=respond,
    )

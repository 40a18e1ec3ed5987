"""HTTP between our processes and the sandbox: requests in flight reach it whatever becomes of those who sent them."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import httpx
from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

from sandbox.app import answer, app
from sandbox.network import Network
from tests.chaos.clients import Reach
from tests.chaos.ledger import Shown, name_of
from tests.chaos.stage import Process, Signal
from tests.integration.moved_clock import Killed
from tests.memory.stored_tables import StoredTable
from tests.sandbox_bridge import to_event, to_response

_PATIENCE = 20.0
_LANDS_SECONDS, _AT_ONCE_SECONDS = 70, 6
"""How late a request may land, within the settling time; what the text asks for may take the rest of it."""


class Wires:
    """`table` is the sandbox's own; nothing of the weather reaches it."""

    def __init__(self, reach: Reach, network: Network):
        self._reach = reach
        self._stage = reach.stage
        self._far = Process("sandbox", is_far=True)
        self._network = network
        self._served = httpx.URL(network.public_url)
        self.in_flight: dict[str, int] = {}
        """Requests on their way, by whatever their sender worked on."""

    def send(self, request: httpx.Request) -> httpx.Response:
        """From one of our processes."""
        reach, rng = self._reach, self._reach.weather.rng
        kind = reach.pick("http")
        if kind:
            reach.ledger.note(f"fault: http {kind} in {request.method} {request.url.path}")
            reach.ledger.mark_mine("fault")
        if kind == "unreachable":
            self._stage.sleep(rng.uniform(0, 5))
            raise httpx.ConnectError("unreachable", request=request)
        if kind == "die_before":
            raise Killed(kind)
        there, back = rng.uniform(0.01, 0.06), rng.uniform(0.01, 0.06)
        if kind == "slow_there":
            there = rng.uniform(1, _AT_ONCE_SECONDS if _has_script(request) else _LANDS_SECONDS)
        if kind == "slow_back":
            back = rng.uniform(1, 45)
        return self._answered(request, kind, there, back)

    def directly(self, request: httpx.Request) -> httpx.Response:
        """From a person's browser."""
        return to_response(answer(to_event(request, self._served, self._stage.now()), None, on=self._network))

    def _answered(self, request: httpx.Request, kind: str | None, there: float, back: float) -> httpx.Response:
        flight = Signal()
        patience = request.extensions.get("timeout", {}).get("read") or _PATIENCE
        never_arrives = kind in ("request_lost", "gateway_before", "limited") or (
            kind == "garbage" and self._reach.weather.rng.random() < 0.5
        )
        if not never_arrives:
            about = self._stage.current.about if self._stage.current else ""
            self.in_flight[about] = self.in_flight.get(about, 0) + 1
            self._stage.plan(there, partial(self._land, request, flight, back, about), self._far, about)
        elif kind != "request_lost":
            self._stage.set(flight, None)
        if kind == "die_after":
            self._stage.sleep(there)
            raise Killed(kind)
        came = self._stage.wait(flight, patience)
        if kind == "answer_lost":
            self._stage.sleep(max(0.0, patience - there - back))
        if not came or kind == "answer_lost":
            raise httpx.ReadTimeout("no answer", request=request)
        return self._spoilt(request, kind, flight.value)

    def _land(self, request: httpx.Request, flight: Signal, back: float, about: str) -> None:
        at = self._stage.now()
        found = to_response(answer(to_event(request, self._served, at), None, on=self._network))
        self.in_flight[about] -= 1
        if about:
            self._reach.ledger.note(f"sandbox: {request.method} {request.url.path[12:]} -> {found.status_code}", about)
        self._stage.sleep(back)
        self._stage.set(flight, found)

    def _spoilt(self, request: httpx.Request, kind: str | None, found: httpx.Response) -> httpx.Response:
        match kind:
            case "cut":
                raise httpx.ReadError("cut", request=request)
            case "gateway_before" | "gateway_after":
                return httpx.Response(502, text="<html>Bad gateway</html>")
            case "limited":
                seconds = self._reach.weather.rng.randint(1, 30)
                return httpx.Response(429, headers={"Retry-After": str(seconds)}, json={"error": "rate_limited"})
            case "garbage":
                return httpx.Response(200, text="<html>Welcome</html>")
        return found


def _has_script(request: httpx.Request) -> bool:
    return b"[sandbox:" in request.content or "/containers" in request.url.path


def sleeping(sleep: Callable[[float], None]) -> Callable[[float], None]:
    """For the sandbox's function: while one of its calls sleeps, others come, and Powertools keeps only one in mind."""

    def slept(seconds: float) -> None:
        event, context = BaseRouter.current_event, dict(app.context)
        sleep(seconds)
        BaseRouter.current_event = event
        app.context.clear()
        app.context.update(context)

    return slept


def watch(table: StoredTable, seen: Callable[[Shown], None]) -> None:
    """Tells `seen` of every post that the sandbox takes."""
    write = table.write

    def watched(key: tuple[Any, ...], row: Any) -> None:
        write(key, row)
        if key[0] == "timeline" and row:
            seen(_shown(row.item))

    table.write = watched  # type: ignore[method-assign]


def _shown(item: dict[str, Any]) -> Shown:
    return Shown(
        id=item["id"],
        handle=item["handle"],
        name=name_of(item["text"]),
        text=item["text"],
        arrived_at=datetime.fromisoformat(item["arrived_at"]),
        visible_from=datetime.fromisoformat(item["visible_from"]),
        in_reply_to=item.get("in_reply_to"),
    )

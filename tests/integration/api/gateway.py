"""What API Gateway's HTTP API does between a client and the functions, routes and authorizer from template.yaml."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from tests.document.holding import committed
from tests.integration.api.stack import FUNCTIONS
from tests.sandbox_bridge import to_event, to_response
from tests.template import template

Invoke = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True, kw_only=True)
class Route:
    function: str
    method: str
    path: str
    is_open: bool

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    def match(self, method: str, path: str) -> dict[str, str] | None:
        pattern = re.sub(
            r"\\\{(\w+)(\\\+)?\\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(self.path)
        )
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found and self.method in (method, "ANY") else None

    @property
    def vagueness(self) -> tuple[bool, int, bool]:
        """The most specific route wins."""
        return "+}" in self.path, self.path.count("{"), self.method == "ANY"

    def example(self, text: str = "none") -> str:
        return re.sub(r"\{\w+\+?\}", text, self.path)


def routes() -> list[Route]:
    found = []
    for function, resource in FUNCTIONS.items():
        for event in resource["Properties"].get("Events", {}).values():
            if event["Type"] == "HttpApi":
                given = event["Properties"]
                is_open = given.get("Auth", {}).get("Authorizer") == "NONE"
                found.append(
                    Route(function=function, method=given["Method"].upper(), path=given["Path"], is_open=is_open)
                )
    return sorted(found, key=lambda route: route.vagueness)


class Gateway:
    """`answer` is an `httpx.MockTransport` handler. Authorizers' answers are not cached here.

    `sends_cookies_array`: API Gateway does; the laptop's emulator leaves the Cookie header where it was.
    """

    def __init__(self, base_url: str, invoke: Invoke, now: Callable[[], datetime]):
        self.served = httpx.URL(base_url)
        self.sends_cookies_array = True
        self._invoke = invoke
        self._now = now
        self._routes = routes()

    def answer(self, request: httpx.Request) -> httpx.Response:
        event = to_event(request, self.served, self._now())
        for route in self._routes:
            matched = route.match(request.method, event["rawPath"])
            if matched is not None:
                return _held(route, self._serve(route, matched, event))
        return _own(404, "Not Found")

    def _serve(self, route: Route, matched: dict[str, str], event: dict[str, Any]) -> httpx.Response:
        event["routeKey"] = event["requestContext"]["routeKey"] = route.key
        if matched:
            event["pathParameters"] = matched
        if not self.sends_cookies_array and "cookies" in event:
            event["headers"]["cookie"] = "; ".join(event.pop("cookies"))
        if not route.is_open:
            refusal = self._authorize(event)
            if refusal:
                return refusal
        return to_response(json.loads(json.dumps(self._invoke(route.function, event))))

    def _authorize(self, event: dict[str, Any]) -> httpx.Response | None:
        """How API Gateway refuses, if it does; else the event knows its caller."""
        auth = template()["Resources"]["Api"]["Properties"]["Auth"]
        given = auth["Authorizers"][auth["DefaultAuthorizer"]]
        sources = [event["headers"].get(header.lower()) for header in given["Identity"]["Headers"]]
        if not all(sources):
            return _own(401, "Unauthorized")
        asked = {**json.loads(json.dumps(event)), "type": "REQUEST", "identitySource": sources}
        said = self._invoke(given["FunctionArn"]["Fn::GetAtt"][0], asked)
        if not said["isAuthorized"]:
            return _own(403, "Forbidden")
        event["requestContext"]["authorizer"] = {"lambda": said.get("context", {})}
        return None


def _own(status: int, message: str) -> httpx.Response:
    return httpx.Response(status, json={"message": message})


def _held(route: Route, answer: httpx.Response) -> httpx.Response:
    """No answer but a documented one; the sandbox is a far side, and documents nothing."""
    if route.function != "SandboxFunction":
        assert committed().violations(route.method, route.path, answer) == [], route.key
    return answer

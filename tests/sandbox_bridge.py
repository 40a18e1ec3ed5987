"""The sandbox's function behind a transport: what API Gateway does between a client and a handler, for tests.

    http = GuardedHttp(transport=sandbox_transport(handler, BASE), resolve=loopback, allow_private=True)
    browser = httpx.Client(transport=sandbox_transport(handler, BASE))

`handler` takes an event and a context: `sandbox.app.handler`, or `functools.partial(sandbox.app.answer, on=network)`.
"""

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from punctual.clock import now

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

_TEXT = ("text/", "application/json", "application/xml", "application/javascript")


def sandbox_transport(
    handler: Handler, base_url: str, *, clock: Callable[[], datetime] = now, stage: str = "$default"
) -> httpx.MockTransport:
    """Serves `base_url` (its path prefix is not part of rawPath); no other host answers.

    Time that passes on `clock` while the handler works counts against the request's own read timeout, so that a
    handler which sleeps on a moved clock is late for its caller without anybody waiting. Calls take turns: a
    Lambda worker has one at a time. An exception of the handler reaches the test.
    """
    served = httpx.URL(base_url)
    turn = Lock()

    def respond(request: httpx.Request) -> httpx.Response:
        if request.headers["host"] != served.netloc.decode():
            raise httpx.ConnectError("only the sandbox answers here", request=request)
        with turn:
            started_at = clock()
            answer = handler(to_event(request, served, started_at, stage), None)
            passed = (clock() - started_at).total_seconds()
        patience = request.extensions.get("timeout", {}).get("read")
        if patience is not None and passed > patience:
            raise httpx.ReadTimeout("the function took longer than the caller waits", request=request)
        return to_response(answer)

    return httpx.MockTransport(respond)


def to_event(request: httpx.Request, served: httpx.URL, at: datetime, stage: str = "$default") -> dict[str, Any]:
    """A payload of format 2.0. Bodies that are no text in UTF-8 come in base64; forms are not text."""
    path = request.url.path.removeprefix(served.path.rstrip("/"))
    raw_path = path if stage == "$default" else f"/{stage}{path}"
    query = request.url.query.decode()
    body = request.read()
    is_text = request.headers.get("content-type", "").startswith(_TEXT) and _is_utf8(body)
    joined: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    http = {"method": request.method, "path": raw_path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /sandbox/{proxy+}",
        "rawPath": raw_path,
        "rawQueryString": query,
        "headers": {name.lower(): value for name, value in request.headers.items() if name.lower() != "cookie"},
        "requestContext": {
            "domainName": served.netloc.decode(),
            "http": {**http, "userAgent": request.headers.get("user-agent", "")},
            "requestId": "request",
            "stage": stage,
            "timeEpoch": int(at.timestamp() * 1000),
        },
        "isBase64Encoded": bool(body) and not is_text,
    }
    if joined:
        event["queryStringParameters"] = joined
    if request.headers.get("cookie"):
        event["cookies"] = request.headers["cookie"].split("; ")
    if body:
        event["body"] = body.decode() if is_text else base64.b64encode(body).decode()
    return json.loads(json.dumps(event))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def to_response(answer: dict[str, Any]) -> httpx.Response:
    body = answer.get("body") or ""
    headers = [(name, str(value)) for name, value in (answer.get("headers") or {}).items()]
    headers += [("Set-Cookie", cookie) for cookie in answer.get("cookies") or []]
    content = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    return httpx.Response(answer["statusCode"], headers=headers, content=content)


async def loopback(host: str, port: int) -> list[str]:
    """What GuardedHttp may resolve every name to: the bridge goes by the Host header."""
    return ["127.0.0.1"]


def form(page: str) -> tuple[str, dict[str, str]]:
    """Where a page's form goes, and what it holds before anyone types."""
    action = re.search(r'<form method="post" action="([^"]*)"', page)
    assert action, "the page has no form"
    fields = {}
    for tag in re.findall(r"<input [^>]*>", page):
        given = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        fields[given["name"]] = unescape(given.get("value", ""))
    return unescape(action[1]), fields


def consent(browser: httpx.Client, authorization_url: str, *, decision: str = "allow", **typed: str) -> httpx.Response:
    """What a person does at the consent page; the answer is the redirect back, not followed."""
    page = browser.get(authorization_url).raise_for_status()
    action, fields = form(page.text)
    return browser.post(page.url.join(action), data={**fields, **typed, "decision": decision})


def callback_query(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 303, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))

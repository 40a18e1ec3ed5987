"""What this Punctual can do: providers, the caller's own key, health, the docs page."""

from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from catalogue.answers import provider_answer, workspace_answer
from edge import clients, http, parts
from edge.environment import UsesProviders
from edge.logs import logger
from punctual import VERSION, clock
from punctual.connecting import known_provider
from punctual.pauses import Pauses
from punctual.providers import Providers
from punctual.tables import Table
from punctual.workspaces import Workspaces

log = logger("catalogue")
app = http.resolver(log)


class CatalogueEnvironment(UsesProviders):
    work_table: str
    public_url: str = ""


@cache
def environment() -> CatalogueEnvironment:
    return CatalogueEnvironment.read()


@cache
def providers() -> Providers:
    return parts.providers(environment())


def table() -> Table:
    return clients.table(environment().work_table)


@cache
def pauses() -> Pauses:
    return Pauses(table(), clock.now)


@app.get("/v1/providers")
def list_providers() -> Response[str]:
    http.caller(app, "read")
    found = [provider_answer(providers().get(name), _own_url()) for name in providers().ids()]
    return http.answer(200, {"data": found, "next_cursor": None})


@app.get("/v1/providers/<provider>")
def get(provider: str) -> Response[str]:
    http.caller(app, "read")
    return http.answer(200, provider_answer(known_provider(providers(), provider), _own_url()))


@app.get("/v1/me")
def me() -> Response[str]:
    caller = http.caller(app, "read")
    workspace = Workspaces(table(), clock.now).get(caller.workspace_id)
    key = {"id": caller.key_id, "scopes": sorted(caller.scopes)}
    stack = {"paused": pauses().stack_is_paused()}
    return http.answer(200, {"workspace": workspace_answer(caller.workspace_id, workspace), "key": key, "stack": stack})


@app.get("/v1/health")
def health() -> Response[str]:
    return http.answer(200, {"status": "ok", "version": VERSION})


@app.get("/docs")
def docs() -> Response[str]:
    page = (Path(__file__).parent / "docs.html").read_text()
    return Response(status_code=200, content_type="text/html; charset=utf-8", body=page.replace("{{url}}", _own_url()))


def _own_url() -> str:
    return http.own_url(app, environment().public_url)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

"""What this Punctual can do: providers, the caller's own key, health, the docs page."""

from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from catalogue.answers import provider_answer, workspace_answer
from edge import clients, http, parts, serving
from edge.environment import UsesProviders
from edge.logs import logger
from edge.operations import Call, Operations
from punctual import VERSION, clock
from punctual.connecting import known_provider
from punctual.pauses import Pauses
from punctual.providers import Providers
from punctual.tables import Table
from punctual.workspaces import Workspaces

operations = Operations("Catalogue")


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


@operations.route("GET /v1/providers", name="list_providers", scope="read", answers={200: dict})
def list_providers(call: Call) -> Response[str]:
    """List the platforms that this Punctual can post to."""
    found = [provider_answer(providers().get(name), _own_url(call)) for name in providers().ids()]
    return http.answer(200, {"data": found, "next_cursor": None})


@operations.route("GET /v1/providers/{provider}", name="get_provider", scope="read", answers={200: dict})
def get(call: Call, provider: str) -> Response[str]:
    """Look at a platform: its limits, its settings, how to connect."""
    return http.answer(200, provider_answer(known_provider(providers(), provider), _own_url(call)))


@operations.route("GET /v1/me", name="get_me", scope="read", answers={200: dict})
def me(call: Call) -> Response[str]:
    """See whose key this is, and whether publishing is paused."""
    workspace = Workspaces(table(), clock.now).get(call.workspace_id)
    key = {"id": call.caller.key_id, "scopes": sorted(call.caller.scopes)}
    stack = {"paused": pauses().stack_is_paused()}
    return http.answer(200, {"workspace": workspace_answer(call.workspace_id, workspace), "key": key, "stack": stack})


@operations.route("GET /v1/health", name="get_health", scope=None, answers={200: dict})
def health(call: Call) -> Response[str]:
    """See whether the API answers, and its version."""
    return http.answer(200, {"status": "ok", "version": VERSION})


@operations.route("GET /docs", name="get_docs", scope=None, answers={200: None})
def docs(call: Call) -> Response[str]:
    """This document, to read and to try."""
    page = (Path(__file__).parent / "docs.html").read_text()
    html = page.replace("{{url}}", _own_url(call))
    return Response(status_code=200, content_type="text/html; charset=utf-8", body=html)


def _own_url(call: Call) -> str:
    return call.own_url(environment().public_url)


app = serving.resolver(logger("catalogue"), operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

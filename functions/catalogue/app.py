"""What this Punctual can do: providers, the caller's own key, health; and the document of all that."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response

from catalogue import document
from catalogue.answers import (
    HealthAnswer,
    MeAnswer,
    ProviderAnswer,
    ProviderPage,
    key_answer,
    person_answer,
    provider_answer,
    workspace_answer,
)
from edge import clients, http, parts, serving
from edge.environment import UsesProviders
from edge.logs import logger
from edge.operations import HTML, Call, Media, Operations
from punctual import VERSION, clock
from punctual.connecting import known_provider
from punctual.pauses import Pauses
from punctual.problems import NotFound
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


@operations.route("GET /v1/providers", name="list_providers", scope="read", answers={200: ProviderPage})
def list_providers(call: Call) -> Response[str]:
    """List the platforms that this Punctual can post to."""
    found = [provider_answer(providers().get(name), _own_url(call)) for name in providers().ids()]
    page: ProviderPage = {"data": found, "next_cursor": None}
    return http.answer(200, page)


@operations.route(
    "GET /v1/providers/{provider}",
    name="get_provider",
    scope="read",
    answers={200: ProviderAnswer},
    problems=("unknown_provider",),
)
def get(call: Call, provider: str) -> Response[str]:
    """Look at a platform: its limits, its settings, how to connect."""
    return http.answer(200, provider_answer(known_provider(providers(), provider), _own_url(call)))


@operations.route("GET /v1/me", name="get_me", scope="read", answers={200: MeAnswer})
def me(call: Call) -> Response[str]:
    """See whose key or token this is, and whether publishing is paused."""
    workspace = Workspaces(table(), clock.now).get(call.workspace_id)
    found: MeAnswer = {
        "workspace": workspace_answer(call.workspace_id, workspace),
        "key": key_answer(call.caller),
        "person": person_answer(call.caller),
        "stack": {"paused": pauses().stack_is_paused()},
    }
    return http.answer(200, found)


@operations.route("GET /v1/health", name="get_health", scope=None, answers={200: HealthAnswer})
def health(call: Call) -> Response[str]:
    """See whether the API answers, and its version."""
    found: HealthAnswer = {"status": "ok", "version": VERSION}
    return http.answer(200, found)


@operations.route("GET /v1/openapi.json", name="get_openapi", scope=None, answers={200: dict[str, Any]})
def openapi(call: Call) -> Response[str]:
    """Get this document, with the address of this deployment."""
    return http.answer(200, document.served_at(_own_url(call)))


@operations.route("GET /docs", name="get_docs", scope=None, answers={200: HTML})
def docs(call: Call) -> Response[str]:
    """Read this document in a browser, and try it."""
    return document.page(_own_url(call))


@operations.route("GET /docs/errors", name="get_error_docs", scope=None, answers={200: HTML})
def docs_of_errors(call: Call) -> Response[Any]:
    """Read what every code of an error means; the `type` of a problem leads there."""
    return document.errors()


@operations.route(
    "GET /docs/{asset}",
    name="get_docs_asset",
    scope=None,
    answers={200: Media("text/css", "text/javascript")},
    problems=("not_found",),
)
def docs_asset(call: Call, asset: str) -> Response[Any]:
    """Get a script or a style of that page."""
    found = document.asset(asset, zipped="gzip" in (call.header("Accept-Encoding") or ""))
    if found is None:
        raise NotFound("not_found", "The page has no such part.")
    return found


def _own_url(call: Call) -> str:
    return call.own_url(environment().public_url)


app = serving.resolver(logger("catalogue"), operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

"""/v1/workspace/apps: a workspace's own apps at platforms. Written, never read again."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import TypedDict

from edge import clients, http, parts
from edge.answers import Time
from edge.operations import Call, Operations
from oauth.deployment import environment, own_url, providers
from punctual import clock
from punctual.apps.workspace import WorkspaceApp, WorkspaceApps
from punctual.clock import to_text
from punctual.connecting import callback_url, known_provider
from punctual.problems import BadRequest, Invalid, NotFound
from punctual.providers.base import App, Provider
from punctual.validation import faults

operations = Operations("Apps")


class AppFields(BaseModel):
    """What `connect.oauth.app_fields` of `GET /v1/providers/{provider}` names; usually an id and a secret."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})


class AppAnswer(TypedDict):
    """An app of the workspace's own, without its secrets."""

    provider: str
    client_id: str
    redirect_uri: str
    """To register with the platform."""
    updated_at: Time


class AppPage(TypedDict):
    data: list[AppAnswer]
    next_cursor: None


class DeletedApp(TypedDict):
    provider: str
    deleted: bool


@cache
def apps() -> WorkspaceApps:
    return WorkspaceApps(clients.table(environment().grants_table), parts.vault(environment()))


@operations.route("GET /v1/workspace/apps", name="list_apps", scope="read", answers={200: AppPage})
def list_apps(call: Call) -> Response[str]:
    """List the apps that the workspace has set itself, without their secrets."""
    page: AppPage = {"data": [_answer(call, each) for each in apps().all(call.workspace_id)], "next_cursor": None}
    return http.answer(200, page)


@operations.route(
    "PUT /v1/workspace/apps/{provider}",
    name="put_app",
    scope="admin",
    body=AppFields,
    answers={200: AppAnswer},
    problems=("unknown_provider", "app_not_taken"),
)
def put(call: Call, provider: str) -> Response[str]:
    """Bring an app of your own: accounts that the workspace connects from now on consent to it.

    It goes before the stack's own app. Secrets are stored encrypted, and nothing shows them again. Putting replaces all
    of the app that was there before; accounts that were connected with that keep using it until they are connected
    again, also if only the secret was changed.
    """
    app = _app(known_provider(providers(), provider), call.json)
    return http.answer(200, _answer(call, apps().put(call.workspace_id, provider, app, clock.now())))


@operations.route(
    "DELETE /v1/workspace/apps/{provider}",
    name="delete_app",
    scope="admin",
    answers={200: DeletedApp},
    problems=("not_found",),
)
def delete(call: Call, provider: str) -> Response[str]:
    """Forget an app of the workspace's own: what is connected from now on uses the stack's.

    Accounts that are connected keep working: what was consented to keeps the app that it was consented for. To end that
    too, disconnect them, or delete the app at the platform.
    """
    if not apps().delete(call.workspace_id, provider):
        raise NotFound("not_found", "The workspace has no app of its own at such a provider.")
    deleted: DeletedApp = {"provider": provider, "deleted": True}
    return http.answer(200, deleted)


def _app(provider: Provider, given: dict[str, Any]) -> App:
    model = provider.spec.app_fields
    if model is None:
        raise BadRequest("app_not_taken", f"{provider.spec.name} takes no app: there is nothing to set.")
    try:
        return provider.app(model.model_validate(given))
    except ValidationError as error:
        raise Invalid(faults(error)) from None


def _answer(call: Call, app: WorkspaceApp) -> AppAnswer:
    own = own_url(call)
    reached_at = providers().get(app.provider).own_url(own) if app.provider in providers().ids() else own
    return {
        "provider": app.provider,
        "client_id": app.client_id,
        "redirect_uri": callback_url(reached_at, app.provider),
        "updated_at": to_text(app.updated_at),
    }

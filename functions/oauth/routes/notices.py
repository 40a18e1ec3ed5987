"""What platforms call: a person removed the app, or wants deleted what is held of them. Signed by the platform."""

from functools import cache

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from edge import clients, connections, http, parts
from edge.operations import HTML, Call, Operations
from oauth.deployment import environment, own_url
from oauth.pages import departure_page, problem_page, shown
from punctual import clock
from punctual.departing import Departing
from punctual.departures import Departures
from punctual.problems import Problem

operations = Operations("Connecting")

_NOTICES = ("unknown_provider", "notice_unreadable", "notice_unsigned", "app_unreadable", "app_unusable")


class NoticeForm(BaseModel):
    """As the platform sends it; Meta's platforms send one member."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    signed_request: str = ""


class DeletionAnswer(TypedDict):
    """As Meta wants it."""

    url: str
    """Where a person sees that it is done."""
    confirmation_code: str


@cache
def departing() -> Departing:
    env = environment()
    table = clients.table(env.grants_table)
    return Departing(
        table=table,
        grants=parts.grants(env),
        channels=parts.channels(env.work_table),
        refreshing=parts.refreshing(env),
        departures=Departures(table, clock.now),
        apps=connections.deployment_apps(env.apps_path),
        providers=parts.providers(env),
    )


@operations.route(
    "POST /v1/oauth/{provider}/deauthorize",
    name="deauthorize_login",
    scope=None,
    form=NoticeForm,
    answers={204: None},
    problems=_NOTICES,
)
def deauthorize(call: Call, provider: str) -> Response[str]:
    """Hear from a platform that a person removed the app.

    The address to register there; not for clients. Channels of that login must be connected again, in every workspace.
    """
    departing().deauthorize(provider, call.fields())
    return Response(status_code=204)


@operations.route(
    "POST /v1/oauth/{provider}/data-deletion",
    name="delete_login_data",
    scope=None,
    form=NoticeForm,
    answers={200: DeletionAnswer},
    problems=_NOTICES,
)
def delete_data(call: Call, provider: str) -> Response[str]:
    """Hear from a platform that a person wants their data deleted.

    The address to register there; not for clients. Grants and channels of that login go, in every workspace.
    """
    code = departing().delete_data(provider, call.fields())
    url = f"{own_url(call)}/v1/oauth/{provider}/data-deletion/{code}"
    answer: DeletionAnswer = {"url": url, "confirmation_code": code}
    return http.answer(200, answer)


@operations.route(
    "GET /v1/oauth/{provider}/data-deletion/{code}",
    name="show_data_deletion",
    scope=None,
    answers={200: HTML, 404: HTML},
)
def show(_: Call, provider: str, code: str) -> Response[str]:
    """See whether a person's data is deleted; a page, not a call for programs."""
    try:
        status, page = 200, departure_page(departing().departure(provider, code))
    except Problem as problem:
        status, page = problem.status, problem_page(problem)
    return shown(status, page)

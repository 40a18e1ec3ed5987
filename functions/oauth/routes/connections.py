"""Connections, as a program that starts them sees them."""

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from edge import http
from edge.operations import Call, Operations
from oauth.answers import ConnectionAnswer, StartedAnswer, connection_answer
from oauth.deployment import connecting, own_url
from punctual.clock import to_text

operations = Operations("Connecting")


class Start(BaseModel):
    """Beside `return_url`, what `connect.fields` of `GET /v1/providers/{provider}` names."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    return_url: str | None = None
    """Where the person's browser ends; registered for the workspace. Null: a page of ours."""


@operations.route(
    "POST /v1/oauth/{provider}/start",
    name="start_connecting",
    scope="write",
    body=Start,
    answers={201: StartedAnswer},
    problems=(
        "unknown_provider",
        "wrong_connection",
        "app_missing",
        "app_unreadable",
        "app_unusable",
        "platform_unavailable",
    ),
)
def start(call: Call, provider: str) -> Response[str]:
    """Start connecting a channel: get the address to open in the person's browser."""
    found = connecting().start(call.workspace_id, provider, call.json, own_url(call))
    started: StartedAnswer = {
        "id": found.id,
        "authorization_url": found.authorization_url,
        "expires_at": to_text(found.expires_at),
    }
    return http.answer(201, started)


@operations.route(
    "GET /v1/connections/{connection_id}", name="get_connection", scope="read", answers={200: ConnectionAnswer}
)
def get(call: Call, connection_id: str) -> Response[str]:
    """Look at a connection that was started: what it came to, or that it waits for the person.

    It is remembered for a day.
    """
    return http.answer(200, connection_answer(connecting().watch(call.workspace_id, connection_id)))

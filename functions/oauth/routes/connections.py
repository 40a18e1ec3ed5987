"""Connections, as a program that starts them sees them."""

from typing import Annotated, TypeAlias

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from edge import http
from edge.operations import Call, Operations
from oauth.answers import ConnectionAnswer, StartedAnswer, connection_answer
from oauth.deployment import connecting, own_url
from punctual.clock import to_text
from punctual.connecting import wanted
from punctual.connecting.connections import WhereToChoose

operations = Operations("Connecting")

AccountId: TypeAlias = Annotated[str, Field(min_length=1, max_length=500)]


class Start(BaseModel):
    """Beside these, what `connect.oauth.fields` of `GET /v1/providers/{provider}` names."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    return_url: str | None = None
    """Where the person's browser ends; registered for the workspace. Null: a page of ours."""
    channel_id: str | None = None
    """Connect this channel again, and no other: a sign-in as another account is refused."""
    choose: WhereToChoose | None = None
    """Where accounts are chosen, if the login holds several: on a page of ours (the default), or through
    `POST /v1/connections/{connection_id}/accounts`, after the person's return with `status=choosing`."""


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    account_ids: Annotated[tuple[AccountId, ...], Field(min_length=1, max_length=1000)]
    """Of the connection's `accounts`."""


@operations.route(
    "POST /v1/oauth/{provider}/start",
    name="start_connecting",
    scope="write",
    body=Start,
    answers={201: StartedAnswer},
    problems=(
        "unknown_provider",
        "not_found",
        "wrong_connection",
        "app_missing",
        "app_unreadable",
        "app_unusable",
        "platform_unavailable",
    ),
)
def start(call: Call, provider: str) -> Response[str]:
    """Start connecting a channel: get the address to open in the person's browser."""
    found = connecting().start(call.workspace_id, provider, wanted(call.json), own_url(call))
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


@operations.route(
    "POST /v1/connections/{connection_id}/accounts",
    name="choose_accounts",
    scope="write",
    body=Choice,
    answers={200: ConnectionAnswer},
    problems=("not_choosing", "already_chosen", "choice_in_progress", "changed_meanwhile"),
)
def choose(call: Call, connection_id: str) -> Response[str]:
    """Choose which accounts of the login become channels, where it holds several.

    Good for fifteen minutes after the person came back. The same choice again is answered as the first one.
    """
    connecting().choose(call.workspace_id, connection_id, call.body(Choice).account_ids)
    return get(call, connection_id)

"""/v1/channels: connect by credentials, list, get, delete."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from edge import clients, connections, http, once, parts, serving
from edge.answers import ChannelAnswer, ChannelId, channel_answer
from edge.environment import HoldsGrants
from edge.logs import logger
from edge.operations import Call, Operations
from edge.paged import Paged
from punctual import clock
from punctual.channels import Channel, ChannelFilter, Channels, ChannelStatus
from punctual.connecting import Connecting
from punctual.deliveries import Deliveries
from punctual.idempotency import Answer, Idempotency
from punctual.problems import NotFound

operations = Operations("Channels")


class NewChannel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    provider: Annotated[str, Field(max_length=50)]
    credentials: dict[str, Any] = Field(repr=False)


class ChannelChange(BaseModel):
    """Omitted is unchanged; null clears."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    min_gap_seconds: Annotated[int | None, Field(strict=True, ge=0, le=86_400)] = None
    """Posts nearer to one another on this channel than this get a warning; 0 or null: none do."""


class ChannelsQuery(Paged):
    provider: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    status: ChannelStatus | None = None


class ConnectedChannels(TypedDict):
    data: list[ChannelAnswer]
    """More than one where a login holds several accounts."""


class ChannelPage(TypedDict):
    data: list[ChannelAnswer]
    next_cursor: str | None


class DeletedChannel(TypedDict):
    id: ChannelId
    deleted: bool
    revoked: bool
    """Whether the platform confirmed that the grant is ended."""
    deliveries_waiting: int
    """They end in ERROR, `channel_deleted`."""


@cache
def channels() -> Channels:
    return parts.channels(HoldsGrants.read().work_table)


@cache
def connecting() -> Connecting:
    return connections.connecting(HoldsGrants.read())


@cache
def idempotency() -> Idempotency:
    return Idempotency(clients.table(HoldsGrants.read().work_table), clock.now)


@operations.route(
    "POST /v1/channels",
    name="connect_channel",
    scope="write",
    body=NewChannel,
    answers={201: ConnectedChannels},
    problems=(
        "unknown_provider",
        "wrong_connection",
        "platform_unavailable",
        "changed_meanwhile",
        "idempotency_in_flight",
    ),
    takes_idempotency_key=True,
)
def create(call: Call) -> Response[str]:
    """Connect an account by its credentials, where the platform has no OAuth."""
    given = call.body(NewChannel)

    def create() -> Answer:
        found = connecting().login(call.workspace_id, given.provider, given.credentials)
        connected: ConnectedChannels = {"data": [channel_answer(channel) for channel in found]}
        return Answer(status=201, body=connected)

    said, is_replayed = once.made_outside(idempotency(), once.asked(call, hashing="credentials"), create)
    return once.replied(said, is_replayed, {})


@operations.route(
    "GET /v1/channels",
    name="list_channels",
    scope="read",
    query=ChannelsQuery,
    answers={200: ChannelPage},
    problems=("invalid_cursor",),
)
def list_channels(call: Call) -> Response[str]:
    """List the workspace's channels, in the order in which they were first connected."""
    query = call.query(ChannelsQuery)
    wanted = ChannelFilter(provider=query.provider, status=query.status)
    found, cursor = channels().page(call.workspace_id, wanted, query.limit, query.cursor)
    page: ChannelPage = {"data": [channel_answer(channel) for channel in found], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route("GET /v1/channels/{channel_id}", name="get_channel", scope="read", answers={200: ChannelAnswer})
def get(call: Call, channel_id: str) -> Response[str]:
    """Look at a channel."""
    return http.answer(200, channel_answer(_channel(call, channel_id)))


@operations.route(
    "PATCH /v1/channels/{channel_id}",
    name="change_channel",
    scope="write",
    body=ChannelChange,
    answers={200: ChannelAnswer},
)
def change(call: Call, channel_id: str) -> Response[str]:
    """Change how a channel is used."""
    given = call.body(ChannelChange)
    channel: Channel | None = _channel(call, channel_id)
    if channel and "min_gap_seconds" in given.model_fields_set:
        channel = channels().configure(channel, given.min_gap_seconds or 0)
    if channel is None:
        raise _unknown()
    return http.answer(200, channel_answer(channel))


@operations.route(
    "DELETE /v1/channels/{channel_id}", name="delete_channel", scope="write", answers={200: DeletedChannel}
)
def delete(call: Call, channel_id: str) -> Response[str]:
    """Disconnect a channel.

    The answer says what it did: whether the platform confirmed the end of the grant, and how many deliveries still
    name the channel; they end in ERROR, `channel_deleted`.
    """
    channel = _channel(call, channel_id)
    waiting = Deliveries(clients.table(HoldsGrants.read().work_table)).waiting_on(channel.id)
    revoked = connecting().disconnect(channel)
    deleted: DeletedChannel = {
        "id": channel.id,
        "deleted": True,
        "revoked": revoked,
        "deliveries_waiting": waiting,
    }
    return http.answer(200, deleted)


def _channel(call: Call, channel_id: str) -> Channel:
    found = channels().get(call.workspace_id, channel_id)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound("not_found", "The workspace has no such channel.")


app = serving.resolver(logger("channels"), operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

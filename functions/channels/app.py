"""/v1/channels: connect by credentials, list, get, health, change, disconnect."""

from datetime import timedelta
from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from channels import asking, deployment
from channels.health import ChannelHealth, health_answer
from edge import clients, connections, http, once, parts, serving
from edge.answers import ChannelAnswer, ChannelId, channel_answer
from edge.environment import HoldsGrants
from edge.logs import logger
from edge.operations import Call, Operations
from edge.paged import Paged
from punctual import clock
from punctual.channels import Channel, ChannelFilter, ChannelStatus
from punctual.connecting import Connecting
from punctual.deliveries import Deliveries
from punctual.disconnecting import Disconnecting, PostsPolicy
from punctual.health import Examining
from punctual.idempotency import Answer, Idempotency

operations = Operations("Channels")

_CANCELS_FOR = timedelta(seconds=15)
"""Of the 25 s that the function has: revoking may take some, too."""


class NewChannel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    provider: Annotated[str, Field(max_length=50)]
    credentials: dict[str, Any] = Field(repr=False)
    channel_id: Annotated[str | None, Field(max_length=100)] = None
    """Connect this channel again, and no other: credentials of another account are refused."""


class ChannelChange(BaseModel):
    """Omitted is unchanged; null clears."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    min_gap_seconds: Annotated[int | None, Field(strict=True, ge=0, le=86_400)] = None
    """Posts nearer to one another on this channel than this get a warning; 0 or null: none do."""


class ChannelsQuery(Paged):
    provider: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    status: ChannelStatus | None = None
    external_id: Annotated[str | None, Field(min_length=1, max_length=200)] = None


class ConnectedChannels(TypedDict):
    data: list[ChannelAnswer]
    """More than one where a login holds several accounts."""


class ChannelPage(TypedDict):
    data: list[ChannelAnswer]
    next_cursor: str | None


class DisconnectQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    posts: PostsPolicy = "cancel"
    """What becomes of posts that wait. `cancel`: they are cancelled, and the channel is deleted. `hold`: they and the
    channel stay until the same account is connected again; a post that by then is later than its own
    `max_delay_seconds` ends as MISSED."""


class DisconnectedChannel(TypedDict):
    id: ChannelId
    deleted: bool
    """False with `posts=hold`, and where there was more to cancel than one request can: then ask again."""
    revoked: bool
    """Whether the platform confirmed that the grant is ended. It is not asked while other channels of the same login
    need the grant."""
    deliveries_cancelled: int
    deliveries_waiting: int
    """Those that are held, and those that are being sent or looked for at this moment: they end by themselves."""


@cache
def connecting() -> Connecting:
    return connections.connecting(HoldsGrants.read())


@cache
def disconnecting() -> Disconnecting:
    env = HoldsGrants.read()
    table = clients.table(env.work_table)
    deliveries = Deliveries(table)
    return Disconnecting(
        client=table.client,
        channels=deployment.channels(),
        grants=parts.grants(env),
        providers=parts.providers(env),
        deliveries=deliveries,
        posts=parts.posts(table, deliveries),
        now=clock.now,
    )


@cache
def examining() -> Examining:
    env = HoldsGrants.read()
    deliveries = Deliveries(clients.table(env.work_table))
    return Examining(parts.grants(env), deliveries, parts.providers(env), clock.now)


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
        "not_found",
        "wrong_connection",
        "platform_unavailable",
        "changed_meanwhile",
        "other_account",
        "idempotency_in_flight",
    ),
    takes_idempotency_key=True,
)
def create(call: Call) -> Response[str]:
    """Connect an account by its credentials, where the platform takes them."""
    given = call.body(NewChannel)

    def create() -> Answer:
        found = connecting().login(call.workspace_id, given.provider, given.credentials, given.channel_id)
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
    wanted = ChannelFilter(provider=query.provider, status=query.status, external_id=query.external_id)
    found, cursor = deployment.channels().page(call.workspace_id, wanted, query.limit, query.cursor)
    page: ChannelPage = {"data": [channel_answer(channel) for channel in found], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route("GET /v1/channels/{channel_id}", name="get_channel", scope="read", answers={200: ChannelAnswer})
def get(call: Call, channel_id: str) -> Response[str]:
    """Look at a channel."""
    return http.answer(200, channel_answer(deployment.channel(call.workspace_id, channel_id)))


@operations.route(
    "GET /v1/channels/{channel_id}/health", name="get_channel_health", scope="read", answers={200: ChannelHealth}
)
def health(call: Call, channel_id: str) -> Response[str]:
    """Look how a channel is.

    What it can do now, until when, and what a person should do about it. Nothing is asked of the platform.
    """
    return http.answer(200, health_answer(examining().examine(deployment.channel(call.workspace_id, channel_id))))


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
    channel: Channel | None = deployment.channel(call.workspace_id, channel_id)
    if channel and "min_gap_seconds" in given.model_fields_set:
        channel = deployment.channels().configure(channel, given.min_gap_seconds or 0)
    if channel is None:
        raise deployment.unknown()
    return http.answer(200, channel_answer(channel))


@operations.route(
    "DELETE /v1/channels/{channel_id}",
    name="delete_channel",
    scope="write",
    query=DisconnectQuery,
    answers={200: DisconnectedChannel},
    problems=("changed_meanwhile",),
)
def delete(call: Call, channel_id: str) -> Response[str]:
    """Disconnect a channel: its grant is ended at the platform and deleted here."""
    query = call.query(DisconnectQuery)
    channel = deployment.channel(call.workspace_id, channel_id)
    done = disconnecting().disconnect(channel, query.posts, clock.now() + _CANCELS_FOR)
    disconnected: DisconnectedChannel = {
        "id": channel.id,
        "deleted": done.deleted,
        "revoked": done.revoked,
        "deliveries_cancelled": done.cancelled,
        "deliveries_waiting": done.waiting,
    }
    return http.answer(200, disconnected)


app = serving.resolver(logger("channels"), operations, asking.operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

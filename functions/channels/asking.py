"""What of a channel's platform is asked at once: what posts may choose there, and that a post be taken down."""

from datetime import timedelta
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from channels import deployment
from edge import clients, http, parts
from edge.answers import ChannelId, DeliveryId, Time
from edge.environment import HoldsGrants
from edge.operations import Call, Operations
from punctual import clock
from punctual.clock import to_text
from punctual.deliveries import Deliveries
from punctual.parts import all_deleted_at
from punctual.platform_calls import PlatformCalls
from punctual.problems import NotFound
from punctual.withdrawing import Withdrawing

operations = Operations("Channels")

_DELETES_FOR = timedelta(seconds=2)
"""Of the 25 s that the function has: the last part that is begun may take 20."""


class OptionsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, Field(max_length=200)] = ""
    """What is looked for, where the platform lets one search."""


class OptionAnswer(TypedDict):
    value: str
    """What a post's settings take."""
    label: str
    about: str


class OptionList(TypedDict):
    channel_id: ChannelId
    data: list[OptionAnswer]


class WithdrawnPart(TypedDict):
    platform_id: str
    deleted_at: Time | None


class WithdrawnDelivery(TypedDict):
    id: DeliveryId
    deleted_at: Time | None
    """Null: there were more parts than one request can delete; ask again."""
    parts: list[WithdrawnPart]
    """Those that were live, in order; the last is deleted first."""


@cache
def platform_calls() -> PlatformCalls:
    env = HoldsGrants.read()
    return PlatformCalls(parts.refreshing(env), parts.providers(env), clock.now)


@cache
def withdrawing() -> Withdrawing:
    table = clients.table(HoldsGrants.read().work_table)
    deliveries = Deliveries(table)
    return Withdrawing(
        posts=parts.posts(table, deliveries),
        deliveries=deliveries,
        channels=deployment.channels(),
        platform_calls=platform_calls(),
        now=clock.now,
    )


@operations.route(
    "GET /v1/channels/{channel_id}/options/{name}",
    name="list_options",
    scope="write",
    query=OptionsQuery,
    answers={200: OptionList},
    problems=("unknown_option", "unknown_provider", "reconnect_required", "platform_refused", "platform_unavailable"),
)
def options(call: Call, channel_id: str, name: str) -> Response[str]:
    """List what a post may choose on this channel.

    The platform is asked at once, and some ask for money: so it takes a key that may write.
    `GET /v1/providers/{provider}` tells which names there are, and what for.
    """
    asked = call.query(OptionsQuery)
    channel = deployment.channel(call.workspace_id, channel_id)
    if name not in platform_calls().provider(channel).spec.options:
        raise NotFound("unknown_option", "This channel's platform has no such options.")
    found = platform_calls().make(
        channel, lambda provider, grant: provider.options(name, asked.q, grant, channel.account)
    )
    data: list[OptionAnswer] = [{"value": each.value, "label": each.label, "about": each.about} for each in found]
    listed: OptionList = {"channel_id": channel.id, "data": data}
    return http.answer(200, listed)


@operations.route(
    "DELETE /v1/posts/{post_id}/deliveries/{delivery_id}/publication",
    name="delete_publication",
    scope="write",
    answers={200: WithdrawnDelivery},
    problems=(
        "not_published",
        "deletion_unsupported",
        "channel_gone",
        "unknown_provider",
        "reconnect_required",
        "platform_refused",
        "platform_unavailable",
        "changed_meanwhile",
    ),
)
def delete_publication(call: Call, post_id: str, delivery_id: str) -> Response[str]:
    """Delete a published delivery on its platform.

    The post stays here as it is: it went out. Where the platform answers nothing, ask again: what is gone already is
    no error.
    """
    found = withdrawing().withdraw(call.workspace_id, post_id, delivery_id, clock.now() + _DELETES_FOR)
    gone_at = all_deleted_at(found.live)
    gone: WithdrawnDelivery = {
        "id": found.id,
        "deleted_at": to_text(gone_at) if gone_at else None,
        "parts": [
            {"platform_id": part.platform_id, "deleted_at": to_text(part.deleted_at) if part.deleted_at else None}
            for part in found.live
        ],
    }
    return http.answer(200, gone)

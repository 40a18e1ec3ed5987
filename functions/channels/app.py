"""/v1/channels: connect by credentials, list, get, delete."""

from functools import cache
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from edge import clients, connections, http, parts
from edge.answers import channel_answer
from edge.environment import HoldsGrants
from edge.logs import logger
from punctual.channels import Channel, Channels
from punctual.connecting import Connecting
from punctual.deliveries import Deliveries
from punctual.problems import NotFound

log = logger("channels")
app = http.resolver(log)


class NewChannel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    provider: Annotated[str, Field(max_length=50)]
    credentials: dict[str, Any] = Field(repr=False)


@cache
def channels() -> Channels:
    return parts.channels(HoldsGrants.read().work_table)


@cache
def connecting() -> Connecting:
    return connections.connecting(HoldsGrants.read())


@app.post("/v1/channels")
def create() -> Response[str]:
    caller = http.caller(app, "write")
    given = http.parsed(NewChannel, http.body(app))
    found = connecting().login(caller.workspace_id, given.provider, given.credentials)
    return http.answer(201, {"data": [channel_answer(channel) for channel in found]})


@app.get("/v1/channels")
def list_channels() -> Response[str]:
    caller = http.caller(app, "read")
    found = [channel_answer(channel) for channel in channels().of_workspace(caller.workspace_id)]
    return http.answer(200, {"data": found, "next_cursor": None})


@app.get("/v1/channels/<channel_id>")
def get(channel_id: str) -> Response[str]:
    return http.answer(200, channel_answer(_channel(http.caller(app, "read"), channel_id)))


@app.delete("/v1/channels/<channel_id>")
def delete(channel_id: str) -> Response[str]:
    """Says what it did: whether the platform confirmed the end of the grant, and how many posts still name it."""
    channel = _channel(http.caller(app, "write"), channel_id)
    waiting = Deliveries(clients.table(HoldsGrants.read().work_table)).waiting_on(channel.id)
    revoked = connecting().disconnect(channel)
    return http.answer(200, {"id": channel.id, "deleted": True, "revoked": revoked, "deliveries_waiting": waiting})


def _channel(caller: http.Caller, channel_id: str) -> Channel:
    found = channels().get(caller.workspace_id, channel_id)
    if found is None:
        raise NotFound("not_found", "The workspace has no such channel.")
    return found


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

"""What operations take beside a body: in the path, in the query, in headers."""

import re
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from edge.answers import (
    CalendarId,
    ChannelId,
    ConnectionId,
    DeliveryId,
    EventId,
    ExportId,
    LinkId,
    MediaId,
    PostId,
    WebhookId,
)
from edge.operations import Operation
from local.openapi.examples import named
from local.openapi.schemas import Schemas
from local.problems import LocalError

_PATH: dict[str, tuple[Any, str, str]] = {
    "post_id": (PostId, "post_01KJ0000000000000000000001", "The post's id."),
    "delivery_id": (DeliveryId, "dlv_01KJ0000000000000000000002", "The delivery's id, from the post's `deliveries`."),
    "media_id": (MediaId, "med_01KJ0000000000000000000006", "The media's id."),
    "export_id": (ExportId, "exp_01KJ0000000000000000000005", "The export's id."),
    "channel_id": (ChannelId, "chn_01KJ0000000000000000000003", "The channel's id."),
    "calendar_id": (CalendarId, "cal_01KJ0000000000000000000007", "The calendar's id."),
    "connection_id": (ConnectionId, "con_01KJ0000000000000000000004", "The connection's id, as starting it answered."),
    "link_id": (LinkId, "lnk_01KJ0000000000000000000005", "The connect link's id."),
    "webhook_id": (WebhookId, "whk_01KJ0000000000000000000008", "The webhook's id."),
    "event_id": (EventId, "evt_01KJ0000000000000000000007", "The event's id."),
    "token": (Annotated[str, Field(pattern="^[A-Za-z0-9_.-]{1,100}$")], "TOKEN", "As the link has it."),
    "provider": (
        Annotated[str, Field(pattern="^[a-z0-9_]{1,50}$")],
        "mastodon",
        "The provider's id, from `GET /v1/providers`.",
    ),
    "name": (
        Annotated[str, Field(pattern="^[a-z0-9_]{1,50}$")],
        "teams",
        "The options' name, from `options` in `GET /v1/providers/{provider}`.",
    ),
    "code": (
        Annotated[str, Field(pattern="^[0-9a-f]{32}$")],
        "0123456789abcdef0123456789abcdef",
        "The confirmation code that the platform was given.",
    ),
    "asset": (Annotated[str, Field(pattern="^[a-z0-9.-]+$")], "docs.js", "The file's name."),
}
_HEADERS = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A text of your own, new for each creation. The same request under the same key is answered as "
        "the first one for 24 hours, and makes nothing again.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
        "example": "6f1c9a52-order-42",
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of the post as you know it: where it was changed meanwhile, the answer is 412.",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the answer before: where nothing has changed since, the answer is 304.",
        "schema": {"type": "string"},
        "example": '"0123456789abcdef0123456789abcdef"',
    },
}


def shared() -> dict[str, Any]:
    return _HEADERS


def path_names(operation: Operation) -> list[str]:
    return re.findall(r"\{(\w+)\}", operation.path)


def of(operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    found = [_in_path(operation, name) for name in path_names(operation)]
    if operation.query:
        found += _in_query(schemas.resolved((operation.name, "query")), named(operation.name).query or {})
    if operation.takes_idempotency_key:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    if operation.takes_if_match:
        found.append({"$ref": "#/components/parameters/IfMatch"})
    if operation.takes_if_none_match:
        found.append({"$ref": "#/components/parameters/IfNoneMatch"})
    return found


def _in_path(operation: Operation, name: str) -> dict[str, Any]:
    if name not in _PATH:
        raise LocalError(f"{operation.name}: say in local/openapi/parameters.py what {{{name}}} is.")
    kind, example, description = _PATH[name]
    schema = TypeAdapter(kind).json_schema()
    return {
        "name": name, "in": "path", "required": True, "description": description, "schema": schema, "example": example,
    }  # fmt: skip


def _in_query(model: dict[str, Any], example: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": name in model.get("required", ()),
            **({"description": about["description"]} if "description" in about else {}),
            "schema": _without_null(about),
            **({"example": example[name]} if name in example else {}),
        }
        for name, about in model["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be null may be left out."""
    found = {name: value for name, value in schema.items() if name != "description"}
    if found.get("default", "") is None:
        del found["default"]
    if "anyOf" in found:
        (kept,) = (each for each in found.pop("anyOf") if each != {"type": "null"})
        found |= kept
    return found

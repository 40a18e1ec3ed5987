"""What Punctual sends: one webhook for each type of event, with the schema of its body."""

from typing import Any

from local.openapi.schemas import Key, Mode, Schemas
from punctual.events.types import EVENT_TYPES
from webhooks.answers import EventAnswer

_ENVELOPE = ("webhook", "")
_HEADERS = {
    "webhook-id": ("The event's `id`, the same at each try: what you have seen before you may pass over.", "^evt_"),
    "webhook-timestamp": ("When this try was signed, in seconds since 1970: refuse what is too old.", "^[0-9]+$"),
    "webhook-signature": (
        "One or more signatures with spaces between them, after Standard Webhooks: one that fits is enough.",
        "^v1,",
    ),
}
_ANSWERS = {
    "2XX": {
        "description": "It was taken. Anything else, and no answer within ten seconds, is tried again for three days."
    },
    "410": {"description": "The endpoint is gone: its webhook is disabled."},
}


def kinds() -> dict[Key, tuple[Mode, Any]]:
    """What a document with them needs the schemas of."""
    data: dict[Key, tuple[Mode, Any]] = {
        ("webhook", name): ("serialization", each.data) for name, each in EVENT_TYPES.items()
    }
    return {**data, _ENVELOPE: ("serialization", EventAnswer)}


def every(schemas: Schemas) -> dict[str, Any]:
    return {name: {"post": _sent(name, each.description, schemas)} for name, each in EVENT_TYPES.items()}


def headers() -> dict[str, Any]:
    """Components, which all of them refer to."""
    return {_component(name): _header(name, text, pattern) for name, (text, pattern) in _HEADERS.items()}


def _component(name: str) -> str:
    return name.title().replace("-", "")


def _sent(name: str, description: str, schemas: Schemas) -> dict[str, Any]:
    told = {"type": {"const": name}, "data": schemas.of(("webhook", name))}
    body = {"allOf": [schemas.of(_ENVELOPE), {"type": "object", "properties": told}]}
    return {
        "operationId": f"on_{name.replace('.', '_')}",
        "tags": ["Webhooks"],
        "summary": description,
        "security": [],
        "parameters": [{"$ref": f"#/components/parameters/{_component(header)}"} for header in _HEADERS],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _ANSWERS,
    }


def _header(name: str, text: str, pattern: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": text,
        "schema": {"type": "string", "pattern": pattern},
    }

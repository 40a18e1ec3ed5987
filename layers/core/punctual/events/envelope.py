"""An event as clients see it: in `GET /v1/events`, and in the body that a webhook gets."""

from typing import Any, TypedDict

from punctual.clock import to_text
from punctual.events.event import Event


class ActorAnswer(TypedDict):
    key_id: str
    request_id: str


class Envelope(TypedDict):
    id: str
    type: str
    timestamp: str
    sequence: int
    workspace_id: str
    actor: ActorAnswer | None
    data: dict[str, Any]


def envelope(event: Event) -> Envelope:
    actor = event.actor
    return {
        "id": event.id,
        "type": event.type,
        "timestamp": to_text(event.timestamp),
        "sequence": event.sequence,
        "workspace_id": event.workspace_id,
        "actor": {"key_id": actor.key_id, "request_id": actor.request_id} if actor else None,
        "data": dict(event.data),
    }

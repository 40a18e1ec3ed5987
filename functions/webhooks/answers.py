"""What is answered about events."""

from typing import Any, Literal

from typing_extensions import TypedDict

from edge.answers import EventId, KeyId, PersonId, Time, WorkspaceId
from punctual.events.envelope import envelope
from punctual.events.event import Event
from punctual.events.reading import EventPage


class ActorAnswer(TypedDict):
    key_id: KeyId | PersonId | Literal["operator"]
    """`operator`: whoever runs this deployment."""
    request_id: str
    """The `request_id` of that request's problems and of the gateway's log."""


class EventAnswer(TypedDict):
    """Something that happened. Its data has ids, states, times and codes, and nothing that a person wrote."""

    id: EventId
    type: str
    timestamp: Time
    """When it happened; of most, to the second."""
    sequence: int
    """1, 2, 3 …: in a workspace no number is left out."""
    workspace_id: WorkspaceId
    actor: ActorAnswer | None
    """Whose request it was; null: Punctual's own doing, a platform's, or nobody knows any more."""
    data: dict[str, Any]
    """What it is, type by type, stands under `webhooks` in this document: a webhook's body is the same."""


class EventsAnswer(TypedDict):
    data: list[EventAnswer]
    next_cursor: str | None
    """To be given as `after`, now or whenever you look again; null while there were no events at all."""
    has_more: bool
    """Whether there was more to read at that moment; `data` may be short, or empty, all the same."""


def event_answer(event: Event) -> EventAnswer:
    return envelope(event)


def events_answer(page: EventPage) -> EventsAnswer:
    return {
        "data": [event_answer(event) for event in page.events],
        "next_cursor": page.last,
        "has_more": page.has_more,
    }

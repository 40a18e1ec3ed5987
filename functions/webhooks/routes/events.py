"""/v1/events: a workspace's feed."""

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Operations
from punctual.events import reading
from punctual.events.feed import Expired
from punctual.events.reading import EventPage, Most, Wanted
from punctual.problems import Gone, NotFound
from webhooks import deployment
from webhooks.answers import EventAnswer, EventsAnswer, event_answer, events_answer
from webhooks.requests import EventsQuery

operations = Operations("Events")


@operations.route(
    "GET /v1/events",
    name="list_events",
    scope="read",
    query=EventsQuery,
    answers={200: EventsAnswer},
    problems=("invalid_cursor", "cursor_expired"),
)
def list_events(call: Call) -> Response[str]:
    """Read what happened, in order, after the last event that you read.

    Whoever gives each answer's `next_cursor` as the next request's `after` misses no event and sees none twice, also
    while others are being added. Without `after`, the feed begins with the oldest event that is kept: events are kept
    for 30 days. Filters may leave a page short, or empty; `next_cursor` is past all that was looked at.
    """
    query = call.query(EventsQuery)
    found = read(call.workspace_id, query.start(), query.wanted(), Most(events=query.limit))
    return http.answer(200, events_answer(found))


@operations.route("GET /v1/events/{event_id}", name="get_event", scope="read", answers={200: EventAnswer})
def get(call: Call, event_id: str) -> Response[str]:
    """Look at an event."""
    event = deployment.feed().get(call.workspace_id, event_id)
    if event is None:
        raise NotFound("not_found", "The workspace has no such event; they are kept for 30 days.")
    return http.answer(200, event_answer(event))


def read(workspace_id: str, after: str | None, wanted: Wanted, most: Most) -> EventPage:
    """Raises Gone."""
    try:
        return reading.page(deployment.feed(), workspace_id, after, wanted, most)
    except Expired:
        detail = "Events after this one are gone. Read without after, and compare what you have with what there is."
        raise Gone("cursor_expired", detail) from None

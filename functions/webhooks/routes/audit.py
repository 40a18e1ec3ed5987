"""/v1/audit: who did what, as JSON Lines."""

import json
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response

from edge import http
from edge.operations import Call, Media, Operations
from punctual.events.reading import Most
from webhooks import deployment
from webhooks.answers import event_answer
from webhooks.requests import AuditQuery
from webhooks.routes.events import read

operations = Operations("Events")

JSON_LINES = "application/jsonl"
MOST = Most(events=4000, reads=20)
"""A Lambda function's answer may have 6 MB, and takes a second then."""


@operations.route(
    "GET /v1/audit",
    name="export_audit",
    scope="read",
    query=AuditQuery,
    answers={200: Media(JSON_LINES)},
    problems=("invalid_cursor", "cursor_expired"),
    headers=("Link",),
)
def export(call: Call) -> Response[str]:
    """Export who did what: one line of JSON for each change that a key or a person made.

    The lines are the events that `GET /v1/events` shows, in its order; that is why the same scope reads both. With
    `all=true`, those that nobody made are among them. An answer has some thousands of lines at most: while there is
    more, `Link` has the next one's address (`rel="next"`), and an answer may be empty then. To go on another day, give
    the last line's `id` as `after`. Events are kept for 30 days: what shall be kept longer is to be exported before.
    """
    query = call.query(AuditQuery)
    found = read(call.workspace_id, query.start(), query.wanted(), MOST)
    lines = "".join(f"{json.dumps(event_answer(event))}\n" for event in found.events)
    headers = {"Link": f'<{_next(call, found.last)}>; rel="next"'} if found.has_more and found.last else {}
    return Response(status_code=200, content_type=JSON_LINES, body=lines, headers=headers)


def _next(call: Call, last: str) -> str:
    """https://www.rfc-editor.org/rfc/rfc8288"""
    query = {**http.query(call.app), "after": last}
    return f"{call.own_url(deployment.environment().public_url)}/v1/audit?{urlencode(query)}"

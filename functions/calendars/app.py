"""/v1/calendars: made, listed and revoked with a key; and what their links answer to calendar apps, which have none."""

from functools import cache
from typing import Annotated, Any, TypeAlias

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from calendars.answers import CalendarAnswer, CalendarPage, CreatedCalendar, calendar_answer
from edge import clients, http, limits, parts, serving
from edge.environment import Environment
from edge.logs import logger
from edge.operations import Call, Media, Operations
from edge.paged import Paged
from punctual import clock
from punctual.calendars import rendering
from punctual.calendars.calendars import Calendars
from punctual.calendars.feeds import Feeds
from punctual.deliveries import Deliveries
from punctual.problems import Fault, Invalid, NotFound
from punctual.workspaces import Workspaces

operations = Operations("Calendars")

LOOKS_A_MINUTE = 60
"""At one calendar, by all who have its link."""
_HEADERS = {
    "Cache-Control": "private, max-age=300",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

GivenChannelId: TypeAlias = Annotated[str, Field(min_length=1, max_length=100)]


class NewCalendar(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    description: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    """What calendar apps call it; left out: the workspace's name."""
    channel_ids: Annotated[tuple[GivenChannelId, ...], Field(max_length=20)] = ()
    """Only posts for any of these channels; left out or empty: all posts."""
    shows_text: Annotated[bool, Field(strict=True)] = True
    """Whether it shows how each post begins (80 characters); else only its state and its platforms."""


class CalendarsEnvironment(Environment):
    work_table: str
    public_url: str = ""


@cache
def environment() -> CalendarsEnvironment:
    return CalendarsEnvironment.read()


@cache
def calendars() -> Calendars:
    return Calendars(clients.table(environment().work_table), clock.now)


@cache
def feeds() -> Feeds:
    table = clients.table(environment().work_table)
    return Feeds(Workspaces(table, clock.now), calendars(), parts.posts(table, Deliveries(table)), clock.now)


@operations.route(
    "POST /v1/calendars",
    name="create_calendar",
    scope="write",
    body=NewCalendar,
    answers={201: CreatedCalendar},
    problems=("too_many_calendars",),
)
def create(call: Call) -> Response[str]:
    """Make a calendar: a link by which calendar apps show the workspace's posts.

    They see posts that have a time, from 30 days ago to a year ahead, the nearest thousand. `url` is answered here and
    never again, and needs no key: revoke the calendar when it fell into wrong hands. A workspace has at most 20. The
    key needs the scope `read` as well: whoever has the link can read.
    """
    call.caller.needs("read")
    given = call.body(NewCalendar)
    channel_ids = tuple(dict.fromkeys(given.channel_ids))
    _check(call.workspace_id, given.channel_ids)
    made, token = calendars().create(
        call.workspace_id, description=given.description, channel_ids=channel_ids, shows_text=given.shows_text
    )
    url = f"{call.own_url(environment().public_url)}/v1/calendar/{token}"
    created: CreatedCalendar = {**calendar_answer(made), "url": url}
    return http.answer(201, created)


@operations.route(
    "GET /v1/calendars",
    name="list_calendars",
    scope="read",
    query=Paged,
    answers={200: CalendarPage},
    problems=("invalid_cursor",),
)
def list_calendars(call: Call) -> Response[str]:
    """List the workspace's calendars, oldest first, without their links."""
    query = call.query(Paged)
    found, cursor = calendars().page(call.workspace_id, query.limit, query.cursor)
    page: CalendarPage = {"data": [calendar_answer(each) for each in found], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route(
    "DELETE /v1/calendars/{calendar_id}", name="revoke_calendar", scope="write", answers={200: CalendarAnswer}
)
def revoke(call: Call, calendar_id: str) -> Response[str]:
    """Revoke a calendar: from now on its link opens nothing. Apps keep what they have seen until they look again."""
    revoked = calendars().revoke(call.workspace_id, calendar_id)
    if revoked is None:
        raise NotFound("not_found", "The workspace has no such calendar.")
    return http.answer(200, calendar_answer(revoked))


@operations.route(
    "GET /v1/calendar/{token}",
    name="show_calendar",
    scope=None,
    answers={200: Media("text/calendar"), 304: None},
    headers=("ETag",),
    problems=("not_found", "rate_limited"),
    takes_if_none_match=True,
)
def show(call: Call, token: str) -> Response[str]:
    """What a calendar's link answers to calendar apps: the posts as iCalendar (RFC 5545).

    A link that is unknown, wrong or revoked, and one of a workspace that is gone, get the same answer.
    """
    opened = feeds().open(token)
    limits.hold(opened.workspace.id, opened.calendar.id, LOOKS_A_MINUTE, "This calendar may be looked at")
    shown = feeds().show(opened)
    headers = {**_HEADERS, "ETag": shown.etag}
    if call.knows(shown.etag):
        return Response(status_code=304, headers=headers)
    body = rendering.rendered(shown)
    return Response(status_code=200, content_type="text/calendar; charset=utf-8", body=body, headers=headers)


def _check(workspace_id: str, channel_ids: tuple[str, ...]) -> None:
    """Raises Invalid."""
    channels = parts.channels(environment().work_table)
    wrong = [
        Fault(param=f"/channel_ids/{place}", rule="channel.exists", message="The workspace has no such channel.")
        for place, channel_id in enumerate(channel_ids)
        if channels.get(workspace_id, channel_id) is None
    ]
    if wrong:
        raise Invalid(wrong)


app = serving.resolver(logger("calendars"), operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

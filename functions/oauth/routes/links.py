"""/v1/connect-links: pages for people who have no key, made by a program that has one."""

from datetime import timedelta
from typing import Annotated, TypeAlias

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict, Field

from edge import http
from edge.operations import Call, Operations
from edge.paged import Paged
from oauth.answers import ConnectLinkAnswer, ConnectLinkPage, CreatedLinkAnswer, link_answer
from oauth.deployment import connecting, own_url
from punctual import clock

operations = Operations("Connecting")

_WEEK_SECONDS = 7 * 24 * 3600
_MONTH_SECONDS = 30 * 24 * 3600

ProviderId: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]


class NewLink(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    providers: Annotated[tuple[ProviderId, ...] | None, Field(min_length=1, max_length=100)] = None
    """What may be connected, in the page's order; left out: whatever this workspace can connect."""
    return_url: Annotated[str | None, Field(max_length=2000)] = None
    """Where the person's browser ends; registered for the workspace. Null: a page of ours."""
    expires_in_seconds: Annotated[int, Field(strict=True, ge=60, le=_MONTH_SECONDS)] = _WEEK_SECONDS
    external_id: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    """Your own name for whoever gets the link: it goes to the channels that are connected."""
    channel_id: Annotated[str | None, Field(max_length=100)] = None
    """Connect this channel again, and no other."""


@operations.route(
    "POST /v1/connect-links",
    name="create_connect_link",
    scope="write",
    body=NewLink,
    answers={201: CreatedLinkAnswer},
    problems=("not_found",),
)
def create(call: Call) -> Response[str]:
    """Make a link to a page on which somebody without a key connects an account, once.

    Opening it does not use it up, the first successful connection does. `url` is answered here and never again.
    """
    given = call.body(NewLink)
    link, token = connecting().linking.create(
        call.workspace_id,
        providers=given.providers,
        return_url=given.return_url,
        lifetime=timedelta(seconds=given.expires_in_seconds),
        external_id=given.external_id,
        channel_id=given.channel_id,
    )
    created: CreatedLinkAnswer = {**link_answer(link, clock.now()), "url": f"{own_url(call)}/connect/{token}"}
    return http.answer(201, created)


@operations.route(
    "GET /v1/connect-links",
    name="list_connect_links",
    scope="read",
    query=Paged,
    answers={200: ConnectLinkPage},
    problems=("invalid_cursor",),
)
def list_links(call: Call) -> Response[str]:
    """List the workspace's connect links, oldest first; a new one may take a moment to be listed."""
    query = call.query(Paged)
    found, cursor = connecting().links.page(call.workspace_id, query.limit, query.cursor)
    page: ConnectLinkPage = {"data": [link_answer(link, clock.now()) for link in found], "next_cursor": cursor}
    return http.answer(200, page)


@operations.route(
    "GET /v1/connect-links/{link_id}", name="get_connect_link", scope="read", answers={200: ConnectLinkAnswer}
)
def get(call: Call, link_id: str) -> Response[str]:
    """Look at a connect link: whether it was used, and what it connected."""
    return http.answer(200, link_answer(connecting().linking.get(call.workspace_id, link_id), clock.now()))


@operations.route(
    "DELETE /v1/connect-links/{link_id}", name="revoke_connect_link", scope="write", answers={200: ConnectLinkAnswer}
)
def revoke(call: Call, link_id: str) -> Response[str]:
    """Revoke a connect link: it opens nothing any more. What it has connected stays."""
    return http.answer(200, link_answer(connecting().linking.revoke(call.workspace_id, link_id), clock.now()))

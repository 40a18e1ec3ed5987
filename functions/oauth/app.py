"""/v1/oauth/{provider}: start (API key), authorize and callback (the person's browser)."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from edge import connections, http, serving
from edge.environment import HoldsGrants
from edge.logs import logger
from edge.operations import Call, Operations
from oauth.pages import ending_page, problem_page
from punctual.connecting import Connecting
from punctual.problems import BadRequest, Problem

operations = Operations("Connecting")

_SECRET_PAGE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_COOKIE_SECONDS = 3600


class OauthEnvironment(HoldsGrants):
    public_url: str = ""


@cache
def environment() -> OauthEnvironment:
    return OauthEnvironment.read()


@cache
def connecting() -> Connecting:
    return connections.connecting(environment())


@operations.route("POST /v1/oauth/{provider}/start", name="start_connecting", scope="write", answers={201: dict})
def start(call: Call, provider: str) -> Response[str]:
    """Start connecting a channel: get the address to open in the person's browser."""
    own_url = call.own_url(environment().public_url)
    url = connecting().start(call.workspace_id, provider, call.json, own_url)
    return http.answer(201, {"authorization_url": url})


@operations.route("GET /v1/oauth/{provider}/authorize", name="authorize", scope=None, answers={303: None})
def authorize(call: Call, provider: str) -> Response[str]:
    """Send the person's browser on to the platform; a page, not a call for programs."""
    try:
        ticket = http.query(call.app).get("ticket", "")
        if not ticket:
            raise BadRequest("state_unknown", "This address is incomplete. Start the connection again.")
        name, is_secure = _cookie(call)
        sending = connecting().authorize(provider, ticket, http.cookie(call.app, name))
    except Problem as problem:
        return _page(problem.status, problem_page(problem))
    cookie = Cookie(
        name=name,
        value=sending.browser,
        path="/",
        secure=is_secure,
        http_only=True,
        same_site=SameSite.LAX_MODE,
        max_age=_COOKIE_SECONDS,
    )
    return Response(status_code=303, headers={**_SECRET_PAGE, "Location": sending.url}, cookies=[cookie])


@operations.route("GET /v1/oauth/{provider}/callback", name="callback", scope=None, answers={200: None, 303: None})
def callback(call: Call, provider: str) -> Response[str]:
    """Where the platform sends the person back; a page, not a call for programs."""
    try:
        ending = connecting().callback(provider, http.query(call.app), http.cookie(call.app, _cookie(call)[0]))
    except Problem as problem:
        return _page(problem.status, problem_page(problem))
    if ending.return_url:
        return Response(status_code=303, headers={**_SECRET_PAGE, "Location": ending.return_url})
    return _page(400 if ending.error else 200, ending_page(ending))


def _cookie(call: Call) -> tuple[str, bool]:
    """Name and Secure. `__Host-` needs https; http on loopback is the one exception, since browsers refuse it there."""
    is_secure = not http.is_loopback(call.own_url(environment().public_url))
    return ("__Host-punctual", True) if is_secure else ("punctual", False)


def _page(status: int, html: str) -> Response[str]:
    return Response(status_code=status, content_type="text/html; charset=utf-8", body=html, headers=dict(_SECRET_PAGE))


app = serving.resolver(logger("oauth"), operations)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

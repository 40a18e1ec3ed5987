"""/v1/oauth/{provider}: start (API key), authorize and callback (the person's browser)."""

from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie, SameSite

from edge import connections, http
from edge.environment import HoldsGrants
from edge.logs import logger
from oauth.pages import ending_page, problem_page
from punctual.connecting import Connecting
from punctual.problems import BadRequest, Problem

log = logger("oauth")
app = http.resolver(log)

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


@app.post("/v1/oauth/<provider>/start")
def start(provider: str) -> Response[str]:
    caller = http.caller(app, "write")
    own_url = http.own_url(app, environment().public_url)
    url = connecting().start(caller.workspace_id, provider, http.body(app), own_url)
    return http.answer(201, {"authorization_url": url})


@app.get("/v1/oauth/<provider>/authorize")
def authorize(provider: str) -> Response[str]:
    try:
        ticket = http.query(app).get("ticket", "")
        if not ticket:
            raise BadRequest("state_unknown", "This address is incomplete. Start the connection again.")
        name, is_secure = _cookie()
        sending = connecting().authorize(provider, ticket, http.cookie(app, name))
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


@app.get("/v1/oauth/<provider>/callback")
def callback(provider: str) -> Response[str]:
    try:
        ending = connecting().callback(provider, http.query(app), http.cookie(app, _cookie()[0]))
    except Problem as problem:
        return _page(problem.status, problem_page(problem))
    if ending.return_url:
        return Response(status_code=303, headers={**_SECRET_PAGE, "Location": ending.return_url})
    return _page(400 if ending.error else 200, ending_page(ending))


def _cookie() -> tuple[str, bool]:
    """Name and Secure. `__Host-` needs https; http on loopback is the one exception, since browsers refuse it there."""
    is_secure = not http.is_loopback(http.own_url(app, environment().public_url))
    return ("__Host-punctual", True) if is_secure else ("punctual", False)


def _page(status: int, html: str) -> Response[str]:
    return Response(status_code=status, content_type="text/html; charset=utf-8", body=html, headers=dict(_SECRET_PAGE))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)

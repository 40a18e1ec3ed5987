"""The pages that the person's browser opens: on to the platform, and back."""

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from pydantic import BaseModel

from edge import http
from edge.operations import HTML, Call, Operations
from oauth.deployment import connecting, own_url
from oauth.pages import SECRET_PAGE, choosing_page, ending_page, onward_page, problem_page, shown
from punctual.connecting import Ending
from punctual.problems import BadRequest, Problem

operations = Operations("Connecting")

_COOKIE_SECONDS = 3600
_REFUSALS = dict.fromkeys((400, 403, 404, 502, 503), HTML)


class AuthorizeQuery(BaseModel):
    ticket: str = ""


class ChoiceForm(BaseModel):
    """As our page sends it."""

    state: str = ""
    account: list[str] = []
    """Ids; the name comes once for each."""


class CallbackQuery(BaseModel):
    """As the platform sends it."""

    state: str = ""
    code: str | None = None
    iss: str | None = None
    server: str | None = None
    """Which of the platform's servers sends it, where the redirect URI says so."""
    error: str | None = None


@operations.route(
    "GET /v1/oauth/{provider}/authorize",
    name="show_consent",
    scope=None,
    query=AuthorizeQuery,
    answers={303: None, **_REFUSALS},
)
def authorize(call: Call, provider: str) -> Response[str]:
    """Send the person's browser on to the platform; a page, not a call for programs."""
    try:
        ticket = http.query(call.app).get("ticket", "")
        if not ticket:
            raise BadRequest("state_unknown", "This address is incomplete. Start the connection again.")
        name, is_secure = _cookie(call)
        sending = connecting().authorize(provider, ticket, http.cookie(call.app, name))
    except Problem as problem:
        return shown(problem.status, problem_page(problem))
    cookie = Cookie(
        name=name,
        value=sending.browser,
        path="/",
        secure=is_secure,
        http_only=True,
        same_site=SameSite.LAX_MODE,
        max_age=_COOKIE_SECONDS,
    )
    return Response(status_code=303, headers={**SECRET_PAGE, "Location": sending.url}, cookies=[cookie])


@operations.route(
    "GET /v1/oauth/{provider}/callback",
    name="finish_connecting",
    scope=None,
    query=CallbackQuery,
    answers={200: HTML, 303: None, **_REFUSALS},
)
def callback(call: Call, provider: str) -> Response[str]:
    """Where the platform sends the person back; a page, not a call for programs."""
    try:
        query = http.query(call.app)
        ending = connecting().callback(provider, query, http.cookie(call.app, _cookie(call)[0]))
    except Problem as problem:
        return shown(problem.status, problem_page(problem))
    if ending.return_url:
        return Response(status_code=303, headers={**SECRET_PAGE, "Location": ending.return_url})
    return _ended(provider, ending, query.get("state", ""))


@operations.route(
    "POST /v1/oauth/{provider}/accounts",
    name="choose_accounts_in_browser",
    scope=None,
    form=ChoiceForm,
    answers={200: HTML, **_REFUSALS, 409: HTML, 413: HTML, 422: HTML},
)
def choose(call: Call, provider: str) -> Response[str]:
    """Where the page on which a person chooses accounts sends its form; not a call for programs."""
    try:
        form = http.form_lists(call.app)
        state = form.get("state", [""])[0]
        browser = http.cookie(call.app, _cookie(call)[0])
        ending = connecting().choose_in_browser(provider, state, form.get("account", []), browser)
    except Problem as problem:
        return shown(problem.status, problem_page(problem))
    if ending.return_url:
        return shown(200, onward_page(ending.return_url))
    return _ended(provider, ending, state)


def _ended(provider: str, ending: Ending, state: str) -> Response[str]:
    if ending.offered:
        return shown(422 if ending.message else 200, choosing_page(provider, ending, state))
    return shown(400 if ending.error else 200, ending_page(ending))


def _cookie(call: Call) -> tuple[str, bool]:
    """Name and Secure. `__Host-` needs https; http on loopback is the one exception, since browsers refuse it there."""
    is_secure = not http.is_loopback(own_url(call))
    return ("__Host-punctual", True) if is_secure else ("punctual", False)

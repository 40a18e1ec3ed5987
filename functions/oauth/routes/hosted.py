"""The pages under /connect, for somebody who was sent a connect link; no calls for programs."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel, ConfigDict

from edge.operations import HTML, Call, Operations
from oauth.deployment import connecting, own_url, providers
from oauth.forms import Form, forms_of, typed
from oauth.pages import ending_page, onward_page, problem_page, shown
from oauth.pages import page as rendered
from punctual.connecting import Ending, Invited
from punctual.problems import BadRequest, Invalid, Problem
from punctual.providers.terms import ConnectWay

operations = Operations("Connecting")


class FollowForm(BaseModel):
    """Beside `way`, what the provider asks for."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": True})

    way: ConnectWay | None = None


_REFUSALS = dict.fromkeys((400, 404, 409, 413, 422, 502, 503), HTML)


@operations.route("GET /connect/{token}", name="show_connect_link", scope=None, answers={200: HTML, **_REFUSALS})
def show(_: Call, token: str) -> Response[str]:
    """The page that a connect link opens."""
    try:
        return shown(200, _invitation(token, connecting().linking.opened(token)))
    except Problem as problem:
        return shown(problem.status, problem_page(problem))


@operations.route(
    "POST /connect/{token}/{provider}",
    name="follow_connect_link",
    scope=None,
    form=FollowForm,
    answers={200: HTML, **_REFUSALS},
)
def follow(call: Call, token: str, provider: str) -> Response[str]:
    """Where the page of a connect link sends its forms."""
    try:
        given = call.fields()
        address = own_url(call)
        invited = connecting().linking.opened(token)
        form = next(
            (each for each in _forms(invited) if (each.provider, each.way) == (provider, given.get("way"))), None
        )
        if form is None:
            raise BadRequest("wrong_connection", "This platform is not connected in that way. Open the link again.")
        try:
            return _followed(token, form, typed(form, given), address)
        except Invalid as problem:
            return shown(problem.status, _invitation(token, invited, form, given, problem))
    except Problem as problem:
        return shown(problem.status, problem_page(problem))


def _followed(token: str, form: Form, given: dict[str, Any], address: str) -> Response[str]:
    if form.way == "oauth":
        started = connecting().linking.start(token, form.provider, given, address)
        return shown(200, onward_page(started.authorization_url))
    channels, return_url = connecting().linking.sign_in(token, form.provider, given)
    if return_url:
        return shown(200, onward_page(return_url))
    return shown(200, ending_page(Ending(provider=form.provider, channels=tuple(channels))))


def _forms(invited: Invited) -> list[Form]:
    known = set(providers().ids())
    return [
        form
        for name in invited.link.providers
        if name in known  # one may have been switched off since
        for form in forms_of(providers().get(name).spec)
    ]


def _invitation(
    token: str,
    invited: Invited,
    form: Form | None = None,
    given: dict[str, str] | None = None,
    wrong: Invalid | None = None,
) -> str:
    """With what was wrong beside its field. What was typed is kept, but for secrets."""
    forms = [each.corrected(given or {}, wrong) if each == form and wrong else each for each in _forms(invited)]
    return rendered(
        "invitation", token=token, workspace=invited.workspace_name, forms=forms, again=invited.link.channel_id
    )

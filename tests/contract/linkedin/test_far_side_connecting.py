"""The far side's consent, tokens and identity, held to the dossier."""

from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.contract.linkedin.api import Organization
from tests.contract.linkedin.raw_caller import OAUTH, OF_PAGES, PAGE, REST, SELF_SERVE, RawCaller
from tests.contract.linkedin.schema import violations

DAY = 86400
OLD_ACLS = "https://api.linkedin.com/v2/organizationalEntityAcls"


@pytest.fixture
def caller() -> RawCaller:
    return RawCaller()


def code_of(caller: RawCaller, scope: str = SELF_SERVE) -> str:
    return caller.side.consent(caller.url(scope))["code"]


def me(caller: RawCaller) -> httpx.Response:
    return caller.call("GET", "https://api.linkedin.com/v2/userinfo")


def test_a_member_connects_and_says_who_they_are(caller):
    caller.connect()
    assert caller.tokens["expires_in"] == 60 * DAY
    assert caller.tokens["scope"] == "email,openid,profile,w_member_social"
    assert "refresh_token" not in caller.tokens
    assert me(caller).json()["sub"] == "yrZCpj2Z12"
    assert all(violations(request) == [] for request in caller.side.seen)


def test_the_way_back_from_the_consent_carries_the_state_and_what_the_app_put_there(caller):
    caller.side.redirect_uri = "https://punctual.example/callback?stack=a"
    back = caller.side.consent(caller.url(SELF_SERVE))
    assert back.keys() == {"code", "state", "stack"}
    assert caller.exchange(back["code"]).status_code == 200
    denied = caller.side.consent(caller.url(SELF_SERVE), denies=True)
    assert (denied["error"], denied["state"]) == ("user_cancelled_authorize", "s-1")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://elsewhere.example/"},
        {"response_type": "token"},
        {"code_challenge": "c"},
        {"state": ""},
    ],
)
def test_a_consent_is_asked_for_as_the_app_is_registered(caller, changed):
    with pytest.raises((AssertionError, ValueError)):
        caller.side.consent(caller.url(SELF_SERVE, **changed))


def test_scopes_that_the_app_does_not_have_are_refused_in_the_callback(caller):
    back = caller.side.consent(caller.url("openid r_member_social"))
    assert back["error"] == "unauthorized_scope_error"


def test_a_code_is_good_once_for_half_an_hour_and_for_its_redirect_uri(caller):
    code = code_of(caller)
    assert caller.exchange(code).status_code == 200
    assert caller.exchange(code).status_code == 401
    assert caller.exchange(code_of(caller), redirect_uri="https://x.example/").json()["error"] == "invalid_redirect_uri"
    late = code_of(caller)
    caller.clock.advance(minutes=30)
    assert caller.exchange(late).json()["error"] == "invalid_redirect_uri"


def test_the_app_proves_itself_in_the_body(caller):
    code = code_of(caller)
    assert caller.exchange(code, client_secret="another").json()["error"] == "invalid_client"
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": caller.side.redirect_uri}
    app = (caller.side.app["client_id"], caller.side.app["client_secret"])
    refusal = caller.http.post(f"{OAUTH}/accessToken", data=form, auth=app).json()
    assert refusal == {"error": "invalid_request", "error_description": 'A required parameter "client_id" is missing'}
    assert caller.exchange(code).status_code == 200


def test_an_approved_app_refreshes_for_a_year_from_the_consent(caller):
    caller.side.refreshes = True
    caller.connect()
    assert caller.tokens["refresh_token_expires_in"] == 365 * DAY
    caller.clock.advance(days=59)
    again = caller.refresh(caller.tokens["refresh_token"]).json()
    assert again["refresh_token"] == caller.tokens["refresh_token"]
    assert (again["expires_in"], again["refresh_token_expires_in"]) == (60 * DAY, 306 * DAY)
    caller.clock.advance(days=301)
    last = caller.refresh(caller.tokens["refresh_token"]).json()
    assert (last["expires_in"], last["refresh_token_expires_in"]) == (5 * DAY, 5 * DAY)
    caller.clock.advance(days=5)
    assert caller.refresh(caller.tokens["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("token", "number"), [("", 65604), ("AQunknown", 65600), ("revoked", 65601), ("expired", 65602)]
)
def test_a_token_that_is_no_good_is_refused_with_the_reason(caller, token, number):
    caller.connect()
    if token == "revoked":
        form = {"token": caller.tokens["access_token"], **caller.side.app}
        assert caller.http.post(f"{OAUTH}/revoke", data=form).status_code == 200
        assert violations(caller.side.seen[-1]) == []
    elif token == "expired":
        caller.clock.advance(days=60)
    else:
        caller.tokens["access_token"] = token
    answer = caller.post()
    assert (answer.status_code, answer.json()["serviceErrorCode"]) == (401, number)


def test_a_consent_to_other_scopes_ends_the_tokens_before_it(caller):
    caller.side.refreshes = True
    first = caller.connect().tokens
    caller.connect()
    second = caller.tokens
    for tokens in (first, second):
        caller.tokens = tokens
        assert me(caller).status_code == 200
    caller.connect(OF_PAGES)
    assert caller.call("GET", "https://api.linkedin.com/v2/me").json()["vanityName"] == "kim-park"
    assert me(caller).status_code == 403
    caller.tokens = second
    assert me(caller).json()["code"] == "REVOKED_ACCESS_TOKEN"
    assert caller.refresh(second["refresh_token"]).status_code == 400


def test_the_pages_of_a_member_are_listed_by_role_and_read_by_number(caller):
    caller.side.organizations += [
        Organization(id="7", name="Quiet", role="ANALYST"),
        Organization(id="8", name="Asked", state="REQUESTED"),
    ]
    caller.connect(OF_PAGES)
    params = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED"}
    rows = caller.call("GET", f"{REST}/organizationAcls", params=params).json()["elements"]
    assert [row["organization"] for row in rows] == [PAGE]
    assert violations(caller.side.seen[-1]) == []
    assert caller.call("GET", f"{REST}/organizations/2414183").json()["localizedName"] == "Devtestco"
    assert violations(caller.side.seen[-1]) == []
    assert caller.call("GET", f"{REST}/organizations/7").status_code == 403


def test_the_older_list_of_pages_spells_them_out_where_a_projection_asks(caller):
    caller.connect(OF_PAGES)
    projection = "(elements*(organizationalTarget~(id,localizedName,vanityName)))"
    params = {"q": "roleAssignee", "role": "ADMINISTRATOR", "state": "APPROVED", "projection": projection}
    (row,) = caller.call("GET", OLD_ACLS, params=params).json()["elements"]
    assert row["organizationalTarget~"] == {"id": 2414183, "localizedName": "Devtestco", "vanityName": "devtestco"}


def test_a_member_of_a_self_serve_app_sees_no_pages(caller):
    caller.connect()
    assert caller.call("GET", f"{REST}/organizationAcls?q=roleAssignee").status_code == 403


def test_tokens_and_codes_are_unlike_each_other(caller):
    caller.side.refreshes = True
    caller.connect()
    first = {caller.tokens["access_token"], caller.tokens["refresh_token"]}
    caller.connect()
    assert len(first | {caller.tokens["access_token"], caller.tokens["refresh_token"]}) == 4
    assert min(map(len, first)) > 300
    assert dict(parse_qsl(urlsplit(caller.url("openid")).query))["scope"] == "openid"

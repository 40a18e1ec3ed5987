"""The sandbox's OAuth: every way in, and everything it must refuse."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr

from punctual.providers.outcomes import Reconnect, RetryLater, Unauthorized
from sandbox.codes import challenge
from tests.sandbox_bridge import callback_query, consent
from tests.unit.sandbox.far_side import REDIRECT, Far


def me(far: Far, grant):
    return far.provider.accounts(grant)[0]


def test_a_consent_gives_a_grant_and_the_account_that_was_typed(far):
    login = far.login(handle="@Ada_L")
    assert [account.handle for account in login.accounts] == ["ada_l"]
    assert login.grant.scopes == ("read", "write")
    assert (login.grant.expires_at - far.clock.now()).total_seconds() == 300


def test_the_same_handle_is_always_the_same_account(far):
    assert far.login(handle="ada").accounts == far.login(handle="ada").accounts
    assert far.login(handle="ada").accounts[0].id != far.login(handle="bob").accounts[0].id


def test_a_person_may_choose_how_long_the_access_token_lasts(far):
    grant = far.login(lifetime="7").grant
    far.clock.sleep(6)
    assert me(far, grant)
    far.clock.sleep(1)
    with pytest.raises(Unauthorized) as refused:
        me(far, grant)
    assert refused.value.platform_code == "token_expired"


def test_the_callback_carries_state_and_the_issuer_that_the_provider_expects(far):
    query = callback_query(consent(far.browser, far.asked()))
    assert query["state"] == "s-1"
    assert query["iss"] == far.provider.issuer(far.server) == "https://punctual.example/sandbox"


def test_denied_consent_comes_back_as_access_denied_and_without_a_code(far):
    query = callback_query(consent(far.browser, far.asked(), decision="deny"))
    assert query == {"error": "access_denied", "state": "s-1", "iss": far.server}


def test_a_redirect_uri_with_a_query_keeps_it(far):
    redirect = f"{REDIRECT}?tenant=1"
    query = callback_query(consent(far.browser, far.asked(redirect_uri=redirect)))
    assert query["tenant"] == "1"
    assert far.redeem(query["code"], redirect_uri=redirect).accounts


def test_what_the_page_is_asked_with_cannot_become_markup(far):
    page = far.browser.get(far.asked(state='"><script>alert(1)</script>')).text
    assert "<script>" not in page


@pytest.mark.parametrize(
    "asked",
    [{"client_id": "other"}, {"redirect_uri": "javascript:alert(1)"}, {"redirect_uri": "/here"}, {"redirect_uri": ""}],
    ids=str,
)
def test_a_wrong_client_or_address_is_told_to_the_person_and_redirects_nowhere(far, asked):
    given = {"client_id": "punctual", "redirect_uri": REDIRECT, "response_type": "code", **asked}
    answer = far.browser.get(f"{far.server}/oauth/authorize?{urlencode(given)}")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_without_pkce_is_sent_back_with_an_error(far, method, asked, error):
    given = {"client_id": "punctual", "redirect_uri": REDIRECT, "response_type": "code", "state": "s-1"}
    given |= {"code_challenge": challenge("v"), "code_challenge_method": "S256", "decision": "allow", **asked}
    content = {"params": given} if method == "GET" else {"data": given}
    query = callback_query(far.browser.request(method, f"{far.server}/oauth/authorize", **content))
    assert query["error"] == error
    assert "code" not in query


def test_a_code_presented_twice_ends_the_grant_that_it_gave(far):
    code = far.code()
    grant = far.redeem(code).grant
    assert me(far, grant)
    with pytest.raises(Reconnect):
        far.redeem(code)
    with pytest.raises(Reconnect) as ended:
        me(far, grant)
    assert ended.value.platform_code == "grant_revoked"
    with pytest.raises(Reconnect):
        far.provider.refresh(grant, far.app)


@pytest.mark.parametrize(
    "changed", [{"code_verifier": SecretStr("w" * 43)}, {"redirect_uri": f"{REDIRECT}/"}, {"code": "made up"}], ids=str
)
def test_a_code_is_refused_to_whoever_did_not_ask_for_it(far, changed):
    code = far.code()
    with pytest.raises(Reconnect) as refused:
        far.redeem(**{"code": code, **changed})
    assert refused.value.platform_code == "invalid_grant"


def test_a_failed_try_uses_the_code_up(far):
    code = far.code()
    with pytest.raises(Reconnect):
        far.redeem(code, code_verifier=SecretStr("w" * 43))
    with pytest.raises(Reconnect):
        far.redeem(code)


def test_a_code_is_good_for_a_minute(far):
    code, other = far.code(), far.code()
    far.clock.sleep(59)
    assert far.redeem(code)
    far.clock.sleep(1)
    with pytest.raises(Reconnect):
        far.redeem(other)


def test_a_refresh_gives_new_tokens_of_the_same_lifetime(far):
    first = far.login(lifetime="60").grant
    far.clock.sleep(61)
    second = far.provider.refresh(first, far.app)
    assert second.access_token != first.access_token
    assert second.refresh_token != first.refresh_token
    assert (second.expires_at - far.clock.now()).total_seconds() == 60
    assert me(far, second)


def test_a_person_may_set_an_end_to_renewing_that_no_refresh_moves(far):
    first = far.login(lifetime="600", renewable="900").grant
    until = far.clock.now() + timedelta(seconds=900)
    far.clock.sleep(600)
    second = far.provider.refresh(first, far.app)
    assert (first.renewable_until, second.renewable_until) == (until, until)
    far.clock.sleep(301)
    with pytest.raises(Reconnect) as refused:
        far.provider.refresh(second, far.app)
    assert refused.value.platform_code == "invalid_grant"
    assert me(far, second), "its token still works"


def test_a_person_may_give_a_connection_that_cannot_be_renewed(far):
    grant = far.login(lifetime="5184000", renewable="0").grant
    assert (grant.refresh_token, grant.renewable_until) == (None, None)
    far.clock.sleep(59 * 86_400)
    assert me(far, grant)


def test_a_replayed_refresh_token_ends_the_whole_family(far):
    first = far.login().grant
    second = far.provider.refresh(first, far.app)
    with pytest.raises(Reconnect) as refused:
        far.provider.refresh(first, far.app)
    assert refused.value.platform_code == "invalid_grant"
    with pytest.raises(Reconnect) as ended:
        me(far, second)
    assert not isinstance(ended.value, Unauthorized)
    with pytest.raises(Reconnect):
        far.provider.refresh(second, far.app)


def test_a_replay_ends_no_other_grant_of_the_account(far):
    first, other = far.login().grant, far.login().grant
    far.provider.refresh(first, far.app)
    with pytest.raises(Reconnect):
        far.provider.refresh(first, far.app)
    assert me(far, other)


def test_a_refresh_token_is_good_for_thirty_days(far):
    grant = far.login().grant
    far.clock.sleep(30 * 86_400)
    with pytest.raises(Reconnect):
        far.provider.refresh(grant, far.app)


def test_an_access_token_neither_refreshes_nor_is_a_refresh_token_an_access_token(far):
    grant = far.login().grant
    swapped = {"access_token": grant.refresh_token, "refresh_token": grant.access_token, "server": grant.server}
    with pytest.raises(Reconnect):
        far.provider.refresh(type(grant)(**swapped), far.app)
    with pytest.raises(Unauthorized):
        me(far, type(grant)(**swapped))
    assert me(far, grant)


def test_revoking_ends_the_grant_and_twice_is_harmless(far):
    grant = far.login().grant
    far.provider.revoke(grant, far.app)
    far.provider.revoke(grant, far.app)
    with pytest.raises(Reconnect):
        me(far, grant)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "other", "grant_type": "refresh_token"}, 401, "invalid_client"),
        ({"client_id": "punctual", "grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_id": "punctual", "grant_type": "refresh_token"}, 400, "invalid_request"),
        ({"client_id": "punctual", "grant_type": "authorization_code", "code": "c"}, 400, "invalid_request"),
    ],
    ids=str,
)
def test_the_token_endpoint_refuses_in_the_words_of_the_rfc(far, form, status, error):
    answer = far.browser.post(f"{far.server}/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"]


def test_our_own_mistake_at_the_token_endpoint_is_no_dead_grant(far):
    with pytest.raises(RetryLater):
        far.provider.refresh(far.login().grant, type(far.app)(client_id="other"))


@pytest.mark.parametrize("typed", [{"handle": "a b"}, {"handle": ""}, {"lifetime": "0"}, {"lifetime": "soon"}], ids=str)
def test_nonsense_at_the_consent_page_gives_no_code(far, typed):
    assert consent(far.browser, far.asked(), **typed).status_code == 400


def test_no_token_or_code_is_stored_but_as_a_hash(far):
    code = far.code()
    grant = far.redeem(code).grant
    items = far.network.table.client.scan(TableName=far.network.table.name)["Items"]
    stored = json.dumps(items, default=str)
    assert len(items) == 4
    for secret in (code, grant.access_token.get_secret_value(), grant.refresh_token.get_secret_value()):
        assert secret not in stored

"""Grants that a consent gave: their proofs, their nonces, their refreshes, and how they end."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from punctual.providers.outcomes import OutcomeUnknown, Reconnect, RetryLater, Unauthorized
from tests.contract.bluesky.far_side import DID, failed
from tests.contract.bluesky.oauth_far_side import DIRECTORY, HOME, ISSUER
from tests.contract.bluesky.oauth_session import OAuthSession

PUT_RECORD = f"{HOME}/xrpc/com.atproto.repo.putRecord"


def secret(token: SecretStr | None) -> str:
    assert token
    return token.get_secret_value()


def test_a_post_is_published_with_a_proof_for_its_token(consented: OAuthSession):
    login = consented.login()
    post = consented.prepared("Hello", login)

    published = consented.provider.publish(post, login.grant)

    assert [record["text"] for record in consented.far_side.records.values()] == ["Hello"]
    assert published.platform_id in consented.far_side.records


def test_the_first_call_to_a_server_learns_its_nonce_and_the_next_one_knows_it(consented: OAuthSession):
    login = consented.login()
    one, other = (consented.prepared(text, login) for text in ("one", "other"))
    consented.far_side.urls.clear()

    consented.provider.publish(one, login.grant)
    assert consented.far_side.urls == [PUT_RECORD, PUT_RECORD]
    consented.provider.publish(other, login.grant)
    assert consented.far_side.urls == [PUT_RECORD] * 3


def test_a_nonce_is_renewed_by_every_answer(consented: OAuthSession):
    login = consented.login()
    consented.provider.publish(consented.prepared("one", login), login.grant)
    consented.far_side.older_nonces = {consented.far_side.nonces[HOME]}
    consented.far_side.nonces[HOME] = "newer"
    consented.far_side.urls.clear()

    for text in ("two", "three"):
        consented.provider.publish(consented.prepared(text, login), login.grant)

    assert consented.far_side.urls == [PUT_RECORD] * 2
    assert consented.far_side.proof_of(consented.far_side.seen[-1])["nonce"] == "newer"


def test_a_server_never_gets_the_nonce_of_another(consented: OAuthSession):
    login = consented.login()

    consented.provider.publish(consented.prepared("one", login), login.grant)

    (first, second) = [request for request in consented.far_side.seen if "Authorization" in request.headers]
    assert "nonce" not in consented.far_side.proof_of(first)
    assert consented.far_side.proof_of(second)["nonce"] == "nonce-of-home"


def test_no_two_requests_carry_the_same_proof(consented: OAuthSession):
    login = consented.login()
    consented.provider.publish(consented.prepared("one", login), login.grant)

    proofs = [request.headers["DPoP"] for request in consented.far_side.seen if "DPoP" in request.headers]
    assert len(set(proofs)) == len(proofs) >= 5


def test_the_other_proof_is_asked_for_within_the_calls_own_deadline(consented: OAuthSession):
    """The second try has what the first one left."""
    login = consented.login()
    post = consented.prepared("Hello", login)
    consented.far_side.seen.clear()

    consented.restarted().publish(post, login.grant)

    first, second = (request.extensions["timeout"]["read"] for request in consented.far_side.seen)
    assert second < first <= consented.provider.spec.call_seconds


def test_a_call_that_breaks_off_after_the_nonce_is_unknown(consented: OAuthSession):
    login = consented.login()
    post = consented.prepared("Hello", login)
    answers = iter([True, False])

    def answer(request: httpx.Request) -> httpx.Response:
        if next(answers):
            return consented.far_side.answer(request)
        raise httpx.ReadError("the connection broke", request=request)

    with pytest.raises(OutcomeUnknown):
        consented.restarted(answer).publish(post, login.grant)


def test_a_token_that_the_server_does_not_take_is_worth_a_refresh(consented: OAuthSession):
    login = consented.login()
    stale = replace(login.grant, access_token=SecretStr("stale"))

    with pytest.raises(Unauthorized) as refused:
        consented.provider.publish(consented.prepared("Hello", login), stale)

    assert refused.value.platform_code == "invalid_token"


@pytest.mark.parametrize("status", [400, 401])
def test_a_proof_that_is_refused_says_nothing_of_the_grant(consented: OAuthSession, status: int):
    login = consented.login()
    post = consented.prepared("Hello", login)
    consented.far_side.replaces[PUT_RECORD] = failed(status, "invalid_dpop_proof")

    with pytest.raises(RetryLater) as refused:
        consented.provider.publish(post, login.grant)

    assert refused.value.code == "proof_refused"


def test_a_refresh_replaces_both_tokens_and_keeps_the_rest(consented: OAuthSession):
    grant = consented.login().grant
    consented.clock.moment += timedelta(minutes=48)

    renewed = consented.provider.refresh(grant, consented.app)

    assert {secret(renewed.access_token), secret(renewed.refresh_token)}.isdisjoint(
        {secret(grant.access_token), secret(grant.refresh_token)}
    )
    assert renewed.expires_at == consented.clock() + timedelta(hours=1)
    assert renewed.renewable_until == grant.renewable_until
    assert (renewed.server, renewed.extra) == (grant.server, grant.extra)


def test_a_refresh_token_is_sent_once(consented: OAuthSession):
    grant = consented.login().grant

    for _ in range(3):
        grant = consented.provider.refresh(grant, consented.app)

    assert len(consented.far_side.spent) == 3
    assert len(consented.far_side.sessions) == 1


def test_a_session_that_the_server_ended_needs_the_person(consented: OAuthSession):
    grant = consented.login().grant
    consented.far_side.sessions.clear()

    with pytest.raises(Reconnect) as ended:
        consented.provider.refresh(grant, consented.app)

    assert ended.value.code == "grant_dead"
    assert not isinstance(ended.value, Unauthorized)


@pytest.mark.parametrize(
    "answer",
    [
        failed(400, "invalid_client_metadata"),
        failed(400, "invalid_request"),
        failed(401, "invalid_client"),
        failed(429, "slow_down"),
        failed(404, ""),
        failed(500, "server_error"),
    ],
)
def test_any_other_refusal_of_a_refresh_disconnects_nobody(consented: OAuthSession, answer: httpx.Response):
    grant = consented.login().grant
    consented.far_side.replaces[f"{ISSUER}/oauth/token"] = answer

    with pytest.raises(RetryLater):
        consented.provider.refresh(grant, consented.app)


@pytest.mark.parametrize("answer", [httpx.Response(404), httpx.Response(500), httpx.Response(200, text="<html>")])
def test_a_refresh_whose_server_is_not_found_is_tried_again_and_spends_no_token(
    consented: OAuthSession, answer: httpx.Response
):
    grant = consented.login().grant
    consented.far_side.replaces[f"{ISSUER}/.well-known/oauth-authorization-server"] = answer

    with pytest.raises(RetryLater) as refused:
        consented.provider.refresh(grant, consented.app)

    assert refused.value.code == "refresh_refused", "what broke off before the one call was not that call"
    assert consented.far_side.spent == {}


def test_a_refresh_goes_on_without_the_directory(consented: OAuthSession):
    grant = consented.login().grant
    consented.far_side.replaces[f"{DIRECTORY}/{DID}"] = httpx.Response(503)

    assert consented.provider.refresh(grant, consented.app).server == HOME


def test_an_account_that_its_front_has_moved_is_followed(consented: OAuthSession):
    grant = consented.login().grant
    there = "https://morel.example"
    consented.far_side.documents[f"{DIRECTORY}/{DID}"]["service"][0]["serviceEndpoint"] = there
    consented.far_side.documents[f"{there}/.well-known/oauth-protected-resource"] = {
        "resource": there,
        "authorization_servers": [ISSUER],
    }

    assert consented.provider.refresh(grant, consented.app).server == there


def test_an_account_that_left_for_another_front_is_not_followed(consented: OAuthSession):
    grant = consented.login().grant
    there = "https://morel.example"
    consented.far_side.documents[f"{DIRECTORY}/{DID}"]["service"][0]["serviceEndpoint"] = there

    assert consented.provider.refresh(grant, consented.app).server == HOME


def test_tokens_of_another_account_are_not_taken(consented: OAuthSession):
    grant = consented.login().grant
    consented.far_side.sub = "did:plc:bobbbbbbbbbbbbbbbbbbbbbb"

    with pytest.raises(Reconnect) as refused:
        consented.provider.refresh(grant, consented.app)

    assert refused.value.code == "other_account"


def test_revoking_ends_the_session_and_is_no_error_when_it_has_ended(consented: OAuthSession):
    grant = consented.login().grant

    consented.provider.revoke(grant, consented.app)
    consented.provider.revoke(grant, consented.app)

    assert consented.far_side.sessions == []


def test_a_server_without_an_end_for_sessions_is_not_asked(consented: OAuthSession):
    grant = consented.login().grant
    del consented.far_side.documents[f"{ISSUER}/.well-known/oauth-authorization-server"]["revocation_endpoint"]
    consented.far_side.seen.clear()

    consented.provider.revoke(grant, consented.app)

    assert {request.method for request in consented.far_side.seen} == {"GET"}

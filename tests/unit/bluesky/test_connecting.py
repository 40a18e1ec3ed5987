from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from punctual.providers.base import Grant
from punctual.providers.bluesky import Credentials
from punctual.providers.outcomes import Reconnect, Rejected, RetryLater, Unauthorized
from tests.contract.bluesky.far_side import APP_PASSWORD, DID, bearer, failed
from tests.contract.bluesky.session import Session


def credentials(identifier: str = "alice.example", **changed: str) -> Credentials:
    return Credentials(**{"identifier": identifier, "app_password": APP_PASSWORD, **changed})


def test_a_login_gives_the_account_and_a_grant_for_the_server_that_keeps_it(session: Session):
    login = session.login()

    (account,) = login.accounts
    assert (account.id, account.handle, account.url) == (DID, "alice.example", "https://bsky.app/profile/alice.example")
    assert login.grant.server == account.server == session.far_side.home
    assert login.grant.expires_at == session.clock() + timedelta(minutes=120)
    assert session.far_side.seen[0].headers["Host"] == "bsky.example"


def test_the_app_password_is_kept_nowhere(session: Session):
    login = session.login()

    secrets = [login.grant.access_token, login.grant.refresh_token]
    assert APP_PASSWORD not in repr(login) + "".join(secret.get_secret_value() for secret in secrets if secret)
    assert APP_PASSWORD not in repr(credentials())


@pytest.mark.parametrize(
    "identifier", ["@alice.example", " alice.example\n", "\u202a@alice.example\u202c", "alice.example"]
)
def test_what_copying_adds_to_a_handle_is_taken_off(identifier: str):
    assert credentials(identifier).identifier == "alice.example"


@pytest.mark.parametrize("identifier", ["alice@example.com", "did:plc:abc"])
def test_an_email_address_and_a_did_stay_as_they_are(identifier: str):
    assert credentials(identifier).identifier == identifier


def test_the_server_is_bluesky_unless_another_is_named():
    assert credentials().server == "https://bsky.social"
    assert credentials(server="PDS.example/login").server == "https://pds.example"
    with pytest.raises(ValidationError):
        credentials(server="ftp://pds.example")


def test_a_server_may_name_whom_it_likes_and_is_believed_for_the_accounts_alone_that_it_keeps_or_signs_in(
    session: Session,
):
    evil = "https://evil.example"
    named = credentials(server=evil)

    with pytest.raises(Rejected) as refused:
        session.provider.login(named)

    assert refused.value.code == "other_server"
    assert session.far_side.seen[-1].url.path.endswith("deleteSession")

    session.far_side.kept_at = evil
    assert session.provider.login(named).accounts[0].id == DID


def test_where_the_directory_does_not_answer_nobody_is_believed_yet(session: Session):
    session.far_side.directory_is_down = True

    with pytest.raises(RetryLater):
        session.login()


def test_a_document_that_names_no_usable_server_leaves_the_one_that_was_given(session: Session):
    session.far_side.home, session.far_side.kept_at = "not a URL://", session.far_side.entrance

    assert session.login().grant.server == session.far_side.entrance


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("AuthenticationRequired", "Bluesky did not accept this account and app password."),
        (
            "AuthFactorTokenRequired",
            "That is the account's own password; make an app password in Bluesky's settings.",
        ),
        ("AccountTakedown", "Bluesky has taken this account down."),
    ],
)
def test_a_login_that_is_refused_says_why(session: Session, code: str, sentence: str):
    session.far_side.answers_next = [failed(401, code)]

    with pytest.raises(Rejected, match=sentence) as refused:
        session.login()

    assert refused.value.platform_code == code


def test_an_account_that_is_not_active_is_not_connected(session: Session):
    session.far_side.active = False

    with pytest.raises(Rejected, match="not active"):
        session.login()


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(200, json={"did": DID})])
def test_an_answer_that_is_no_session_is_tried_again(session: Session, answer: httpx.Response):
    session.far_side.answers_next = [answer]

    with pytest.raises(RetryLater):
        session.login()


def test_a_refresh_sends_the_refresh_token_and_replaces_both(session: Session):
    grant = session.login().grant

    renewed = session.provider.refresh(grant, None)

    assert bearer(session.far_side.seen[-1]) == secret(grant.refresh_token)
    assert session.far_side.seen[-1].headers["Host"] == "enoki.example"
    assert {secret(renewed.access_token), secret(renewed.refresh_token)}.isdisjoint(
        {secret(grant.access_token), secret(grant.refresh_token)}
    )
    assert renewed.server == grant.server


def test_a_refresh_token_that_comes_twice_ends_what_was_consented_to_and_forgives_a_session(session: Session):
    grant = session.login().grant
    assert not session.provider.reuse_ends_grant(grant)
    assert session.provider.reuse_ends_grant(replace(grant, extra={"key": "of DPoP"}))


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidToken", "AccountTakedown", "AccountDeactivated"])
@pytest.mark.parametrize("status", [400, 401])
def test_a_session_that_the_server_calls_ended_needs_the_person(session: Session, code: str, status: int):
    grant = session.login().grant
    session.far_side.answers_next = [failed(status, code)]

    with pytest.raises(Reconnect) as ended:
        session.provider.refresh(grant, None)

    assert not isinstance(ended.value, Unauthorized)


@pytest.mark.parametrize(
    "answer",
    [failed(400, "InvalidRequest"), failed(401, "AuthMissing"), failed(500, "InternalServerError"), failed(429, "")],
)
def test_any_other_refusal_of_a_refresh_disconnects_nobody(session: Session, answer: httpx.Response):
    grant = session.login().grant
    session.far_side.answers_next = [answer]

    with pytest.raises(RetryLater):
        session.provider.refresh(grant, None)


def test_a_grant_without_a_refresh_token_needs_the_person(session: Session):
    with pytest.raises(Reconnect):
        session.provider.refresh(Grant(access_token=SecretStr("a"), server="https://enoki.example"), None)


def test_revoking_ends_the_session_and_is_no_error_when_it_has_ended(session: Session):
    grant = session.login().grant

    session.provider.revoke(grant, None)
    session.provider.revoke(grant, None)

    assert session.far_side.refreshing == set()


@pytest.mark.parametrize(
    "access", ["opaque", "a.b.c", "a.e30.c", "a.W10.c", "a.eyJleHAiOiAiMSJ9.c", "a.eyJleHAiOiAxZTk5fQ.c"]
)
def test_a_token_that_tells_no_time_has_none(session: Session, access: str):
    given = {"accessJwt": access, "refreshJwt": "r", "did": DID, "handle": "alice.example"}
    session.far_side.answers_next = [httpx.Response(200, json=given)]

    login = session.login()

    assert login.grant.expires_at is None
    assert replace(login.grant, server="") == Grant(access_token=SecretStr(access), refresh_token=SecretStr("r"))


def secret(token: SecretStr | None) -> str:
    assert token
    return token.get_secret_value()

"""What the generic client makes of token answers: every shape that platforms give them, and every refusal."""

from datetime import timedelta
from typing import Any

import pytest

from punctual.providers.base import Grant
from punctual.providers.outcomes import ProviderError, Reconnect, RetryLater, ScopesMissing
from tests.unit.oauth2.platform import APP, NOW, TOKENS, Far, callback, grant

SECRET = "access-1"


def exchanged(answer: Any, status: int = 200, **facts: Any) -> Grant:
    return Far(answer, status).provider(**facts).exchange(callback())


def refreshed(answer: Any, status: int = 200, **facts: Any) -> Grant:
    return Far(answer, status).provider(**facts).refresh(grant(), APP)


def refused(answer: Any, status: int = 400, **facts: Any) -> ProviderError:
    with pytest.raises(ProviderError) as raised:
        refreshed(answer, status, **facts)
    assert SECRET not in f"{raised.value} {raised.value.platform_code}"
    return raised.value


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (3600, 3600),
        ("3600", 3600),
        (3599.5, 3599.5),
        ("5183944.0", 5183944),
        (None, None),
        (0, None),
        (-1, None),
        ("soon", None),
        (True, None),
        ([1], None),
        (10**400, None),
        (10**12, None),
        ("NaN", None),
    ],
)
def test_a_life_is_read_as_seconds_or_not_at_all(said: Any, seconds: float | None) -> None:
    given = exchanged({**TOKENS, "expires_in": said})
    assert given.expires_at == (NOW + timedelta(seconds=seconds) if seconds else None)


def test_a_life_that_is_not_said_is_not_known() -> None:
    assert exchanged({"access_token": SECRET}).expires_at is None


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ("read write", ("read", "write")),
        ("read,write", ("read", "write")),
        ("read, write ", ("read", "write")),
        (["read", "write"], ("read", "write")),
        ("", ()),
        ([], ()),
        (None, ("read", "write", "stats")),
    ],
)
def test_scopes_are_a_text_or_a_list_and_as_asked_for_where_they_are_not_said(said: Any, scopes: tuple) -> None:
    assert exchanged({**TOKENS, "scope": said}).scopes == scopes


@pytest.mark.parametrize(
    "shape",
    [TOKENS, {"data": TOKENS}, {"data": [TOKENS]}, [TOKENS], {"data": TOKENS, "message": "success"}],
    ids=["plain", "in data", "in a list in data", "in a list", "beside a word"],
)
def test_tokens_are_found_wherever_platforms_put_them(shape: Any) -> None:
    given = exchanged(shape)
    assert given.access_token.get_secret_value() == SECRET
    assert given.refresh_token is not None
    assert given.refresh_token.get_secret_value() == "refresh-1"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "<html>",
        "null",
        [],
        [[]],
        {},
        {"data": []},
        {"data": None},
        {"data": "access-1"},
        {"access_token": ""},
        {"access_token": 17},
        {"access_token": "two\nlines"},
        {"access_token": "ünprintable"},
        {**TOKENS, "token_type": "mac"},
        {**TOKENS, "token_type": "DPoP"},
    ],
    ids=str,
)
def test_a_success_without_a_token_that_can_be_used_is_asked_for_again(answer: Any) -> None:
    error = refused(answer, 200)
    assert isinstance(error, RetryLater)
    assert error.code == "unreadable_answer"


@pytest.mark.parametrize(("asked", "said"), [("bearer", "Bearer"), ("bearer", "BEARER"), ("DPoP", "dpop")])
def test_a_token_is_of_the_kind_that_the_platform_has_in_any_letters(asked: str, said: str) -> None:
    assert exchanged({**TOKENS, "token_type": said}, token_type=asked)


def test_an_answer_without_a_kind_of_token_is_taken() -> None:
    assert exchanged({"access_token": SECRET, "user_id": 1})


@pytest.mark.parametrize("name", ["refresh_token_expires_in", "refresh_expires_in"])
def test_until_when_it_can_be_renewed_is_read(name: str) -> None:
    """Pinterest's and LinkedIn's name, and TikTok's."""
    assert exchanged({**TOKENS, name: "86400"}).renewable_until == NOW + timedelta(days=1)


def test_a_refresh_keeps_what_is_not_sent_again() -> None:
    renewed = refreshed({"access_token": SECRET})
    before = grant()
    assert renewed.access_token.get_secret_value() == SECRET
    assert renewed.refresh_token == before.refresh_token
    assert (renewed.scopes, renewed.server) == (before.scopes, before.server)
    assert (renewed.extra, renewed.renewable_until) == (before.extra, before.renewable_until)


def test_a_refresh_takes_over_what_is_sent() -> None:
    renewed = refreshed({**TOKENS, "scope": "read", "refresh_token_expires_in": 60})
    assert renewed.refresh_token is not None
    assert renewed.refresh_token.get_secret_value() == "refresh-1"
    assert (renewed.scopes, renewed.renewable_until) == (("read",), NOW + timedelta(minutes=1))


def test_a_grant_that_cannot_be_renewed_needs_a_person() -> None:
    for held, app in ((grant(refresh_token=None), APP), (grant(), None)):
        with pytest.raises(Reconnect) as dead:
            Far().provider().refresh(held, app)
        assert dead.value.code == "no_refresh_token"


@pytest.mark.parametrize("status", [200, 400, 401, 403])
@pytest.mark.parametrize(
    "answer",
    [
        {"error": "invalid_grant", "error_description": SECRET},
        {"error": {"code": "invalid_grant", "message": SECRET}},
        {"ok": False, "error": "invalid_grant"},
    ],
    ids=["a word", "an object", "Slack's"],
)
def test_what_the_rfc_calls_dead_is_dead_however_it_is_said(answer: Any, status: int) -> None:
    error = refused(answer, status)
    assert isinstance(error, Reconnect)
    assert (error.code, error.platform_code) == ("grant_dead", "invalid_grant")


@pytest.mark.parametrize("answer", [{"error": "token_revoked"}, {"error": {"code": 190, "message": SECRET}}], ids=str)
def test_a_platforms_own_dead_codes_are_dead_there_alone(answer: Any) -> None:
    assert isinstance(refused(answer, dead_grant_codes=("token_revoked", "190")), Reconnect)
    assert isinstance(refused(answer), RetryLater)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"error": "invalid_client"}),
        (401, {"error": "invalid_client"}),
        (401, {}),
        (401, "no code at all"),
        (400, {"error": "invalid_request"}),
        (400, {"error": "temporarily_unavailable"}),
        (400, {"error": True}),
        (403, "blocked by a firewall"),
        (404, "<html>"),
        (429, {"error": "invalid_grant"}),
        (500, {"error": "invalid_grant"}),
        (503, {"error": "invalid_grant"}),
        (200, {"error": "server_error"}),
    ],
)
def test_nothing_else_ends_a_grant(status: int, answer: Any) -> None:
    assert isinstance(refused(answer, status), RetryLater)


def test_a_code_that_is_refused_is_no_grant_that_ended() -> None:
    with pytest.raises(Reconnect) as error:
        exchanged({"error": "invalid_grant"}, 400)
    assert (error.value.code, error.value.platform_code) == ("code_refused", "invalid_grant")


def test_scopes_that_are_needed_and_missing_are_named() -> None:
    far = Far({**TOKENS, "scope": "Read stats"})
    with pytest.raises(ScopesMissing) as raised:
        far.provider().authenticate(callback())
    assert (raised.value.code, raised.value.missing) == ("scopes_missing", ("read", "write"))
    assert "read, write" in raised.value.sentence
    assert "llow all" in raised.value.sentence


@pytest.mark.parametrize("said", ["read write", "write read more", "all", None])
def test_scopes_that_are_optional_more_or_broader_are_no_hindrance(said: str | None) -> None:
    assert Far({**TOKENS, "scope": said}).provider().authenticate(callback()).accounts


def test_a_grant_tells_which_scopes_it_lacks() -> None:
    provider = Far().provider()
    assert provider.missing_scopes(grant(scopes=("read",))) == ("write",)
    assert provider.missing_scopes(grant()) == ()


def test_scopes_lost_in_a_refresh_end_nothing() -> None:
    renewed = refreshed({**TOKENS, "scope": "read"})
    assert Far().provider().missing_scopes(renewed) == ("write",)

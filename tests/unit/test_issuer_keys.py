"""The keys of people's issuer: kept for a while, kept while it does not answer, and asked for no more than need be."""

from collections.abc import Callable

import httpx
import pytest

from punctual.issuer_keys import IssuerUnreachable
from punctual.person_tokens import PersonTokens
from tests.issuer import START, WORKSPACE, Clock, Issuer, key_of, made, refusal


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(issuer: Issuer, clock: Clock) -> PersonTokens:
    return made(issuer, clock)


Fails = Callable[[Issuer], None]


def down(issuer: Issuer) -> None:
    issuer.fails = httpx.ConnectError("nobody answers")


def broken(issuer: Issuer) -> None:
    issuer.fails = httpx.Response(503, json={"issuer": issuer.url, "jwks_uri": f"{issuer.url}/x", "keys": []})


def nonsense(issuer: Issuer) -> None:
    issuer.fails = httpx.Response(200, text="<html>")


def not_an_object(issuer: Issuer) -> None:
    issuer.fails = httpx.Response(200, json=[])


def renamed(issuer: Issuer) -> None:
    issuer.calls_itself = "https://login.example/tenant/"


def elsewhere(issuer: Issuer) -> None:
    issuer.fails = httpx.Response(200, json={"issuer": issuer.url, "jwks_uri": "http://10.0.0.1/keys"})


def nowhere(issuer: Issuer) -> None:
    issuer.fails = httpx.Response(200, json={"issuer": issuer.url})


def no_list(issuer: Issuer) -> None:
    issuer.fails = httpx.Response(200, json={"issuer": issuer.url, "jwks_uri": f"{issuer.url}/x", "keys": {}})


TROUBLES = [down, broken, nonsense, not_an_object, renamed, elsewhere, nowhere, no_list]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_issuer_that_never_told_its_keys_is_no_reason_to_call_a_token_wrong(
    tokens: PersonTokens, issuer: Issuer, clock: Clock, trouble: Fails
) -> None:
    trouble(issuer)
    with pytest.raises(IssuerUnreachable):
        tokens.verify(issuer.token(START))
    asked = len(issuer.asked)
    clock.go(4)
    with pytest.raises(IssuerUnreachable):
        tokens.verify(issuer.token(START))
    assert len(issuer.asked) == asked, "nobody is asked at every request"
    issuer.fails, issuer.calls_itself = None, issuer.url
    clock.go(1)
    assert tokens.verify(issuer.token(START)).workspace_id == WORKSPACE


@pytest.mark.parametrize("trouble", TROUBLES)
def test_keys_that_were_told_stay_known_while_the_issuer_does_not_answer(
    tokens: PersonTokens, issuer: Issuer, clock: Clock, trouble: Fails
) -> None:
    tokens.verify(issuer.token(START))
    trouble(issuer)
    clock.go(600)
    asked = len(issuer.asked)
    for _ in range(3):
        assert tokens.verify(issuer.token(clock.now())).workspace_id == WORKSPACE
        clock.go(19)
    assert 1 <= len(issuer.asked) - asked <= 2, "asked once, and not again within a minute"


def test_keys_are_asked_for_once_in_ten_minutes(tokens: PersonTokens, issuer: Issuer, clock: Clock) -> None:
    for _ in range(10):
        tokens.verify(issuer.token(clock.now()))
        clock.go(59.9)
    assert issuer.asked == ["/tenant/.well-known/openid-configuration", "/tenant/keys"]
    clock.go(1)
    tokens.verify(issuer.token(clock.now()))
    assert len(issuer.asked) == 4


def test_a_new_key_is_found_at_once_and_a_withdrawn_one_within_ten_minutes(
    tokens: PersonTokens, issuer: Issuer, clock: Clock
) -> None:
    old = issuer.keys[0]
    tokens.verify(issuer.token(START))
    clock.go(60)
    issuer.keys = [key_of("RS256", "second"), old]
    assert tokens.verify(issuer.token(clock.now())).workspace_id == WORKSPACE
    issuer.keys = issuer.keys[:1]
    assert tokens.verify(issuer.token(clock.now(), key=old)).workspace_id == WORKSPACE
    clock.go(600)
    assert refusal(tokens, issuer.token(clock.now(), key=old)) == "invalid_key_id"
    assert tokens.verify(issuer.token(clock.now())).workspace_id == WORKSPACE


def test_keys_that_nobody_has_make_one_request_a_minute(tokens: PersonTokens, issuer: Issuer, clock: Clock) -> None:
    tokens.verify(issuer.token(START))
    for place in range(60):
        clock.go(2)
        unknown = key_of("ES256", f"unknown-{place}")
        assert refusal(tokens, issuer.token(clock.now(), key=unknown, alg="ES256")) == "invalid_key_id"
    assert issuer.asked.count("/tenant/keys") == 1 + 2


def test_an_issuer_that_withdrew_every_key_vouches_for_nothing(
    tokens: PersonTokens, issuer: Issuer, clock: Clock
) -> None:
    token = issuer.token(START)
    tokens.verify(token)
    issuer.keys = []
    clock.go(600)
    assert refusal(tokens, token) == "invalid_key_id"


def test_a_slash_at_an_issuers_end_is_part_of_its_name(clock: Clock) -> None:
    issuer = Issuer("https://tenant.login.example/")
    assert made(issuer, clock).verify(issuer.token(START)).workspace_id == WORKSPACE
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]

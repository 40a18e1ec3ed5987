"""The generic client, alone, against a strict server: every way to prove an app, PKCE, rotation, revocation."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwk
from pydantic import SecretStr

from punctual.connecting import callback_url
from punctual.guarded_http import GuardedHttp
from punctual.providers import client_auth
from punctual.providers.base import App, Callback, Consent, Grant, Login
from punctual.providers.outcomes import Reconnect, RetryLater, ScopesMissing, Unauthorized
from tests.oidc.clients import METHODS, OWN_URL, Oidc, apps, provider_class
from tests.oidc.person import person
from tests.oidc.server import ACCESS_SECONDS, OidcServer

VERIFIER = "a-verifier-that-is-at-least-forty-three-characters-long"


def now() -> datetime:
    return datetime.now(UTC)


def provider(name: str, **facts: Any) -> Oidc:
    kind = provider_class(name)
    made = type(kind.__name__, (kind,), {"spec": replace(kind.spec, **facts)})
    return made(GuardedHttp(allow_private=True), now)


def asked(server: OidcServer, name: str, **facts: Any) -> str:
    consent = Consent(
        app=apps()[name],
        redirect_uri=callback_url(OWN_URL, name),
        state="state-1",
        code_challenge=create_s256_code_challenge(VERIFIER),
        server=server.url,
    )
    return provider(name, **facts).authorization_url(consent)


def callback(server: OidcServer, name: str, code: str, **changed: Any) -> Callback:
    given = {"app": apps()[name], "code_verifier": SecretStr(VERIFIER), "redirect_uri": callback_url(OWN_URL, name)}
    return Callback(**{**given, **changed}, code=code, server=server.url)


def consented(server: OidcServer, name: str, **cookies: str) -> str:
    """A code."""
    with person(**cookies) as who:
        return who.follow(asked(server, name))["code"]


def connect(server: OidcServer, name: str, **cookies: str) -> Login:
    return provider(name).authenticate(callback(server, name, consented(server, name, **cookies)))


@pytest.mark.parametrize("name", METHODS)
def test_an_account_connects(server: OidcServer, name: str) -> None:
    login = connect(server, name, account="grace")
    assert [account.id for account in login.accounts] == ["grace"]
    assert set(login.grant.scopes) == {"openid", "read", "write", "stats"}
    assert login.grant.expires_at
    assert ACCESS_SECONDS - 5 < (login.grant.expires_at - now()).total_seconds() <= ACCESS_SECONDS
    assert server.lives(login.grant) == (True, True)


@pytest.mark.parametrize("name", METHODS)
def test_a_grant_goes_on_with_new_tokens(server: OidcServer, name: str) -> None:
    first = connect(server, name).grant
    second = provider(name).refresh(first, apps()[name])
    third = provider(name).refresh(second, apps()[name])
    assert provider(name).accounts(third)[0].id == "ada"
    assert len({one.refresh_token.get_secret_value() for one in (first, second, third) if one.refresh_token}) == 3
    assert (second.scopes, second.server) == (first.scopes, first.server)
    assert server.lives(third) == (True, True)


@pytest.mark.parametrize("name", METHODS)
def test_a_refresh_token_used_twice_ends_the_whole_grant(server: OidcServer, name: str) -> None:
    """Why refreshing needs a lease; and what the server says then is what we take for dead."""
    first = connect(server, name).grant
    second = provider(name).refresh(first, apps()[name])
    with pytest.raises(Reconnect) as dead:
        provider(name).refresh(first, apps()[name])
    assert (dead.value.code, dead.value.platform_code) == ("grant_dead", "invalid_grant")
    assert server.lives(second) == (False, False)
    with pytest.raises(Unauthorized):
        provider(name).accounts(second)


@pytest.mark.parametrize("name", METHODS)
def test_a_revoked_grant_is_dead_whole(server: OidcServer, name: str) -> None:
    grant = connect(server, name).grant
    provider(name).revoke(grant, apps()[name])
    assert server.lives(grant) == (False, False)
    with pytest.raises(Reconnect):
        provider(name).refresh(grant, apps()[name])


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": SecretStr("another-verifier-of-at-least-forty-three-characters")},
        {"redirect_uri": f"{OWN_URL}/v1/oauth/elsewhere/callback"},
    ],
    ids=["another verifier", "another redirect URI"],
)
def test_a_code_is_worth_nothing_to_another(server: OidcServer, name: str, changed: dict[str, Any]) -> None:
    code = consented(server, name)
    with pytest.raises(Reconnect) as refused:
        provider(name).authenticate(callback(server, name, code, **changed))
    assert (refused.value.code, refused.value.platform_code) == ("code_refused", "invalid_grant")


@pytest.mark.parametrize("name", METHODS)
def test_a_code_without_its_verifier_is_refused(server: OidcServer, name: str) -> None:
    code = consented(server, name)
    with pytest.raises(Reconnect) as refused:
        provider(name, pkce=False).authenticate(callback(server, name, code))
    assert refused.value.code == "code_refused"


@pytest.mark.parametrize("name", METHODS)
def test_the_server_asks_for_pkce(server: OidcServer, name: str) -> None:
    with person() as who:
        back = who.follow(asked(server, name, pkce=False))
    assert back["error"] == "invalid_request"
    assert "code" not in back


@pytest.mark.parametrize("name", METHODS)
def test_a_code_used_twice_ends_what_it_gave(server: OidcServer, name: str) -> None:
    code = consented(server, name)
    login = provider(name).authenticate(callback(server, name, code))
    with pytest.raises(Reconnect):
        provider(name).authenticate(callback(server, name, code))
    assert server.lives(login.grant) == (False, False)


def test_scopes_that_a_person_withholds_are_named_and_optional_ones_are_done_without(server: OidcServer) -> None:
    with pytest.raises(ScopesMissing) as short:
        connect(server, "basic", withhold="write+stats")
    assert short.value.missing == ("write",)
    login = connect(server, "basic", withhold="stats")
    assert set(login.grant.scopes) == {"openid", "read", "write"}
    assert provider("basic").missing_scopes(login.grant) == ()


def other_key() -> SecretStr:
    return SecretStr(json.dumps(jwk.ECKey.generate_key("P-256", {"kid": "key-1"}).as_dict(private=True)))


IMPOSTORS: dict[str, Callable[[App], App]] = {
    "basic": lambda app: replace(app, client_secret=SecretStr("wrong")),
    "post": lambda app: replace(app, client_secret=SecretStr("wrong")),
    "signed": lambda app: replace(app, private_key=other_key()),
}


@pytest.mark.parametrize("name", IMPOSTORS)
def test_an_app_that_cannot_prove_itself_is_refused_and_kills_no_grant(server: OidcServer, name: str) -> None:
    grant = connect(server, name).grant
    with pytest.raises(RetryLater) as refused:
        provider(name).refresh(grant, IMPOSTORS[name](apps()[name]))
    assert refused.value.platform_code == "invalid_client"
    assert server.lives(grant) == (True, True)


@pytest.mark.parametrize("name", IMPOSTORS)
def test_an_app_is_believed_only_in_the_way_that_it_was_registered_with(server: OidcServer, name: str) -> None:
    grant = connect(server, name).grant
    with pytest.raises(RetryLater) as refused:
        provider(name, token_auth="none").refresh(grant, apps()[name])
    assert refused.value.platform_code == "invalid_client"


def test_a_signed_proof_is_good_once(server: OidcServer) -> None:
    """Which is why each has an id of its own."""
    app = apps()["signed"]
    proof = client_auth.proven({}, app, by="private_key_jwt", audience=server.url, now=now())[0]
    asking = provider("signed", token_auth="none")

    def refresh(grant: Grant) -> Grant:
        assert grant.refresh_token
        fields = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token.get_secret_value(), **proof}
        return asking.token(fields, app, server=server.url, previous=grant)

    renewed = refresh(connect(server, "signed").grant)
    with pytest.raises(RetryLater) as replayed:
        refresh(renewed)
    assert replayed.value.platform_code == "invalid_client"
    assert server.lives(renewed) == (True, True)


def test_a_signed_proof_for_another_server_is_refused(server: OidcServer) -> None:
    class Elsewhere(provider_class("signed")):  # type: ignore[misc]
        def audience(self, server: str) -> str:
            return "https://elsewhere.example"

    grant = connect(server, "signed").grant
    with pytest.raises(RetryLater) as refused:
        Elsewhere(GuardedHttp(allow_private=True), now).refresh(grant, apps()["signed"])
    assert refused.value.platform_code == "invalid_client"

"""What every provider on the OAuth client inherits, beside its documented life (tests/contract/lifecycle)."""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.providers import modules, provider_class
from punctual.providers.base import Consent
from punctual.providers.oauth2 import OAuth2Provider
from punctual.providers.outcomes import OutcomeUnknown, RetryLater, ScopesMissing
from tests.contract.lifecycle.lifecycles import APP, NOW, Answer, Platform, callback, grant, lifecycle

OAUTH = [name for name in modules() if issubclass(provider_class(name), OAuth2Provider)]

pytestmark = pytest.mark.parametrize("name", OAUTH)


def asked(name: str) -> dict[str, str]:
    consent = Consent(
        app=APP,
        redirect_uri=callback(name).redirect_uri,
        state="the-state",
        code_challenge="the-challenge",
        server=lifecycle(name).connection.server,
    )
    url = urlsplit(Platform(name).provider.authorization_url(consent))
    assert url.scheme == "https"
    return dict(parse_qsl(url.query, strict_parsing=True))


def test_the_consent_page_is_asked_for_a_code_that_only_we_can_use(name: str) -> None:
    """RFC 9700: the code flow, a state, the exact redirect URI, and a challenge wherever the platform takes one."""
    spec, query = provider_class(name).spec, asked(name)
    assert query["response_type"] == "code"
    assert query["state"] == "the-state"
    assert query["redirect_uri"] == f"https://punctual.example/v1/oauth/{name}/callback"
    assert query[spec.client_id_param] == APP.client_id
    if spec.pkce:
        assert (query["code_challenge"], query["code_challenge_method"]) == ("the-challenge", "S256")


def test_nothing_secret_stands_in_the_consent_pages_address(name: str) -> None:
    assert APP.client_secret
    assert APP.client_secret.get_secret_value() not in asked(name).values()


def test_it_asks_for_each_scope_once(name: str) -> None:
    spec = provider_class(name).spec
    wanted = (*spec.scopes, *spec.optional_scopes)
    assert len(set(wanted)) == len(wanted)
    assert asked(name)["scope"].split(spec.scope_separator) == list(wanted)


def test_a_grant_has_what_was_asked_for_and_lacks_what_was_not_given(name: str) -> None:
    provider, spec = Platform(name).provider, provider_class(name).spec
    assert provider.missing_scopes(grant(name)) == ()
    assert provider.missing_scopes(replace(grant(name), scopes=())) == spec.scopes


def test_a_consent_without_permissions_connects_nothing_and_names_them(name: str) -> None:
    spec = provider_class(name).spec
    came = Platform(name, Answer(body='{"access_token": "a", "token_type": "Bearer", "scope": ""}')).run("exchange")
    assert isinstance(came, ScopesMissing)
    assert came.missing == spec.scopes
    assert ", ".join(spec.scopes) in came.sentence


@pytest.mark.parametrize("fault", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError])
def test_a_refresh_that_broke_off_ends_nothing(name: str, fault: type[httpx.TransportError]) -> None:
    if "refresh" in lifecycle(name).never:
        return

    def break_off(request: httpx.Request) -> httpx.Response:
        raise fault("broken off", request=request)

    async def somewhere_public(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    http = GuardedHttp(transport=httpx.MockTransport(break_off), resolve=somewhere_public)
    provider: Any = provider_class(name)(http, lambda: NOW)
    with pytest.raises((RetryLater, OutcomeUnknown)):
        provider.refresh(grant(name), APP)

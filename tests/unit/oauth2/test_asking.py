"""What the generic client sends: to the person's browser, and to the token endpoint as each platform wants it."""

from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from json import dumps, loads
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwk, jwt
from pydantic import SecretStr

from punctual.providers.base import Grant
from punctual.providers.outcomes import RetryLater
from tests.unit.oauth2.platform import APP, NOW, REDIRECT, SERVER, Far, Plain, callback, consent, grant

KEYS: dict[str, Callable[[], jwk.Key]] = {
    "ES256": lambda: jwk.ECKey.generate_key("P-256"),
    "ES384": lambda: jwk.ECKey.generate_key("P-384"),
    "Ed25519": lambda: jwk.OKPKey.generate_key("Ed25519"),
    "RS256": lambda: jwk.RSAKey.generate_key(2048),
}


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def claims(assertion: str) -> dict:
    middle = assertion.split(".")[1]
    return loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def test_the_person_is_asked_for_all_scopes_with_a_challenge_and_keeps_the_urls_own_query() -> None:
    assert query(Far().provider().authorization_url(consent())) == {
        "flow": "web",
        "response_type": "code",
        "client_id": "an app",
        "redirect_uri": REDIRECT,
        "scope": "read write stats",
        "state": "state-1",
        "code_challenge": "challenge-1",
        "code_challenge_method": "S256",
    }


def test_a_platform_without_pkce_is_sent_none_and_its_own_names_and_commas_are_used() -> None:
    far = Far()
    tiktok = far.provider(pkce=False, client_id_param="client_key", scope_separator=",")
    asked = query(tiktok.authorization_url(consent()))
    assert asked["client_key"] == "an app"
    assert asked["scope"] == "read,write,stats"
    assert not {"client_id", "code_challenge"} & set(asked)
    tiktok.exchange(callback())
    assert far.form["client_key"] == "an app"
    assert not {"client_id", "code_verifier"} & set(far.form)


def test_a_code_is_exchanged_with_its_verifier_and_the_very_redirect_uri() -> None:
    far = Far()
    far.provider(token_auth="none").exchange(callback())
    assert (far.sent[0].method, far.url) == ("POST", f"{SERVER}/token")
    assert far.sent[0].headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in far.sent[0].headers
    assert far.form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": REDIRECT,
        "code_verifier": "verifier-1",
        "client_id": "an app",
    }


def test_basic_encodes_both_halves_and_puts_nothing_into_the_form() -> None:
    """A colon in the id, or an ampersand in the secret, would otherwise say something else."""
    far = Far()
    app = replace(APP, client_id="an:app", client_secret=SecretStr("ä %&+:"))
    far.provider(token_auth="client_secret_basic").exchange(callback(app))
    said = b64decode(far.sent[0].headers["Authorization"].removeprefix("Basic ")).decode()
    assert said == "an%3Aapp:%C3%A4+%25%26%2B%3A"
    assert not {"client_id", "client_secret"} & set(far.form)


def test_the_body_holds_the_secret_where_there_is_one() -> None:
    far = Far()
    far.provider(token_auth="client_secret_post").exchange(callback())
    assert (far.form["client_id"], far.form["client_secret"]) == ("an app", "a:secret&more")
    far.provider(token_auth="client_secret_post").exchange(callback(replace(APP, client_secret=None)))
    assert "client_secret" not in far.form


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_signed_proof_is_for_one_server_for_a_minute_and_never_the_same(algorithm: str) -> None:
    key = KEYS[algorithm]()
    far = Far()
    app = replace(APP, client_secret=None, private_key=SecretStr(dumps({**key.as_dict(private=True), "kid": "key-1"})))
    for _ in range(2):
        far.provider(token_auth="private_key_jwt").exchange(callback(app))
    first, second = (dict(parse_qsl(one.content.decode())) for one in far.sent)
    assert first["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert first["client_id"] == "an app"
    assert "client_secret" not in first
    proof = jwt.decode(first["client_assertion"], key, algorithms=[algorithm])
    assert proof.header["kid"] == "key-1"
    said = proof.claims
    assert (said["iss"], said["sub"], said["aud"]) == ("an app", "an app", f"{SERVER}/token")
    assert (said["iat"], said["exp"] - said["iat"]) == (int(NOW.timestamp()), 60)
    assert said["jti"] != claims(second["client_assertion"])["jti"]


def test_a_signed_proof_is_for_the_issuer_where_the_platform_has_one() -> None:
    class WithIssuer(Plain):
        def issuer(self, server: str) -> str | None:
            return f"{server}/issuer"

    far = Far()
    key = dumps(KEYS["ES256"]().as_dict(private=True))
    far.provider(WithIssuer, token_auth="private_key_jwt").exchange(callback(replace(APP, private_key=SecretStr(key))))
    assert claims(far.form["client_assertion"])["aud"] == f"{SERVER}/issuer"


NO_KEYS = [
    "",
    "no JSON",
    "[]",
    "{}",
    '{"kty": "RSA"}',
    '{"kty": "EC", "crv": "P-256", "d": "x"}',
    '{"kty": "oct", "k": "YS1zZWNyZXQtdGhhdC1pcy1sb25nLWVub3VnaA"}',
    dumps(jwk.ECKey.generate_key("P-256").as_dict(private=False)),
]


@pytest.mark.parametrize("key", [None, *NO_KEYS])
def test_an_app_without_a_key_to_sign_with_is_no_dead_grant(key: str | None) -> None:
    app = replace(APP, private_key=None if key is None else SecretStr(key))
    with pytest.raises(RetryLater) as missing:
        Far().provider(token_auth="private_key_jwt").refresh(grant(), app)
    assert missing.value.code == "app_incomplete"
    assert missing.value.__cause__ is None


def test_a_platform_that_takes_a_query_is_sent_one() -> None:
    """As Facebook documents it."""
    far = Far()
    far.provider(token_method="GET").exchange(callback())
    assert (far.sent[0].method, far.sent[0].content) == ("GET", b"")
    assert query(far.url)["client_secret"] == "a:secret&more"


def test_a_token_that_is_its_own_refresh_token_goes_to_an_address_of_its_own_without_the_app() -> None:
    """As Threads documents it: https://developers.facebook.com/docs/threads/get-started/long-lived-tokens"""

    class Threads(Plain):
        def refresh(self, grant: Grant, app: object) -> Grant:
            fields = {"grant_type": "th_refresh_token", "access_token": grant.access_token.get_secret_value()}
            url = f"{grant.server}/refresh_access_token"
            return self.token(fields, None, server=grant.server, previous=grant, url=url, method="GET")

    far = Far(answer={"access_token": "access-1", "token_type": "bearer", "expires_in": 5_184_000})
    renewed = far.provider(Threads).refresh(grant(refresh_token=None), None)
    asked = f"{SERVER}/refresh_access_token?grant_type=th_refresh_token&access_token=access-0"
    assert far.url == asked
    assert renewed.access_token.get_secret_value() == "access-1"


def test_a_refresh_says_what_the_rfc_wants_and_what_the_platform_adds() -> None:
    class Vk(Plain):
        def refresh_params(self, grant: Grant) -> dict[str, str]:
            return {"device_id": grant.extra["kept"]}

    far = Far()
    far.provider(Vk, token_auth="client_secret_basic").refresh(grant(), APP)
    assert far.form == {"grant_type": "refresh_token", "refresh_token": "refresh-0", "device_id": "along"}
    assert "Authorization" in far.sent[0].headers


@pytest.mark.parametrize("refresh", ["refresh-0", None])
def test_the_refresh_token_is_revoked_before_the_access_token_and_is_called_what_it_is(refresh: str | None) -> None:
    far = Far()
    held = grant(refresh_token=SecretStr(refresh) if refresh else None)
    far.provider().revoke(held, APP)
    assert far.url == f"{SERVER}/revoke"
    assert far.form["token"] == (refresh or "access-0")
    assert far.form.get("token_type_hint") == ("refresh_token" if refresh else None)
    assert far.form["client_secret"] == "a:secret&more"


def test_a_platform_has_headers_of_its_own_on_every_call() -> None:
    """As Reddit wants a User-Agent that names the app."""

    class Reddit(Plain):
        def headers(self) -> dict[str, str]:
            return {"User-Agent": "web:an-app:v1 (by /u/someone)"}

    far = Far()
    far.provider(Reddit).exchange(callback())
    assert far.sent[0].headers["User-Agent"] == "web:an-app:v1 (by /u/someone)"


def test_a_platform_may_say_when_to_refresh() -> None:
    assert Far().provider().refresh_at(grant(), NOW).day == NOW.day + 1

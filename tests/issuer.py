"""An OpenID Connect issuer: what it publishes, and tokens that it signs, or that somebody else made to look so."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from punctual.guarded_http import GuardedHttp
from punctual.issuer_keys import IssuerKeys
from punctual.person_tokens import PersonTokens, TokenRefused

AUDIENCE = "punctual"
WORKSPACE = "ws_01KJ0000000000000000000004"
START = datetime(2026, 11, 22, 16, tzinfo=UTC)


class Issuer:
    """`answer` is an `httpx.MockTransport` handler; `fails` is what it does instead of answering."""

    def __init__(self, url: str = "https://login.example/tenant"):
        self.url = url
        self.calls_itself = url
        self.keys: list[Key] = [key_of("RS256", "first")]
        self.asked: list[str] = []
        self.fails: httpx.Response | Exception | None = None
        self.besides: list[Any] = []
        """Of its key set, beside its keys."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url.path))
        if isinstance(self.fails, Exception):
            raise self.fails
        if self.fails:
            return self.fails
        base = httpx.URL(self.url).path.rstrip("/")
        if request.url.path == f"{base}/.well-known/openid-configuration":
            return httpx.Response(200, json={"issuer": self.calls_itself, "jwks_uri": f"{self.url.rstrip('/')}/keys"})
        if request.url.path == f"{base}/keys":
            return httpx.Response(
                200, json={"keys": [*self.besides, *(key.as_dict(private=False) for key in self.keys)]}
            )
        return httpx.Response(404)

    def claims(self, at: datetime, **more: Any) -> dict[str, Any]:
        """None takes a claim away."""
        now = int(at.timestamp())
        given = {
            "iss": self.url,
            "sub": "ada@example.com",
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 600,
            "punctual_workspace": WORKSPACE,
            "scope": "openid read write",
            **more,
        }
        return {name: value for name, value in given.items() if value is not None}

    def token(
        self,
        at: datetime,
        *,
        key: Key | None = None,
        alg: str = "RS256",
        says: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """`says`: more of its header; `more`: of its claims."""
        signing = key or self.keys[0]
        header = {"alg": alg, **({"kid": signing.kid} if signing.kid else {}), **(says or {})}
        registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
        return jwt.encode(header, self.claims(at, **more), signing, registry=registry)

    def unsigned(self, at: datetime, **header: Any) -> str:
        return f"{_part({'alg': 'none', 'kid': 'first', **header})}.{_part(self.claims(at))}."

    def signed_with_the_public_key(self, at: datetime) -> str:
        """As if it were a secret: what a library that goes by the token's own `alg` would take.
        https://datatracker.ietf.org/doc/html/rfc8725#section-2.1"""
        said = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(self.claims(at))}"
        signature = hmac.new(self.keys[0].as_pem(private=False), said.encode(), hashlib.sha256).digest()
        return f"{said}.{_text(signature)}"


@cache
def key_of(algorithm: str, kid: str) -> Key:
    match algorithm:
        case "ES256":
            return ECKey.generate_key("P-256", {"kid": kid})
        case "EdDSA":
            return OKPKey.generate_key("Ed25519", {"kid": kid})
        case _:
            return RSAKey.generate_key(2048, {"kid": kid})


def _part(value: dict[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


async def public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def made(issuer: Issuer, clock: Clock, **more: str) -> PersonTokens:
    http = GuardedHttp(transport=httpx.MockTransport(issuer.answer), resolve=public)
    given = {"audience": AUDIENCE, "workspace_claim": "punctual_workspace", "scopes_claim": "scope", **more}
    return PersonTokens(IssuerKeys(issuer.url, http, clock.now), now=clock.now, **given)


def refusal(tokens: PersonTokens, token: str) -> str:
    with pytest.raises(TokenRefused) as caught:
        tokens.verify(token)
    return caught.value.reason

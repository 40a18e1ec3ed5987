"""Holds requests to RFC 9449 (DPoP) and RFC 7523 (signed client assertions), as a strict server would."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

import httpx
from joserfc import jws
from joserfc.jwk import ECKey

ALGORITHMS = ["ES256"]
LEEWAY_SECONDS = 10


class Refused(Exception):
    """What is wrong with a proof, as the code to answer."""


class Proofs:
    """`now` is the server's clock. Every proof that was ever seen is remembered, so that none passes twice."""

    def __init__(self, now: Callable[[], datetime]):
        self.now = now
        self.seen: set[str] = set()

    def check(self, request: httpx.Request, url: str, nonces: Collection[str], access_token: str | None = None) -> str:
        """The thumbprint of the key that made it. Raises Refused."""
        given = jws.extract_compact(request.headers["DPoP"].encode())
        header = given.headers()
        assert header["typ"] == "dpop+jwt"
        assert header["alg"] == "ES256"
        assert set(header["jwk"]) == {"kty", "crv", "x", "y"}, "the public half, and nothing else"
        key = ECKey.import_key(header["jwk"])
        assert jws.validate_compact(given, key, algorithms=ALGORITHMS), "signed by another key than it names"
        claims = json.loads(given.payload)
        assert claims["jti"] not in self.seen, "used before"
        self.seen.add(claims["jti"])
        assert (claims["htm"], claims["htu"]) == (request.method, url)
        assert abs(claims["iat"] - self.now().timestamp()) <= LEEWAY_SECONDS
        if claims.get("nonce") not in nonces:
            raise Refused("use_dpop_nonce")
        if access_token is None:
            assert "ath" not in claims
        else:
            assert claims["ath"] == hashed(access_token)
        thumbprint: str = key.thumbprint()
        return thumbprint

    def client(self, form: dict[str, str], issuer: str, jwks: list[dict[str, Any]]) -> None:
        """That the client itself asks, by a key of its document."""
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        given = jws.extract_compact(form["client_assertion"].encode())
        (jwk,) = [each for each in jwks if each["kid"] == given.headers()["kid"]]
        assert "d" not in jwk, "the private half is published"
        assert jws.validate_compact(given, ECKey.import_key(jwk), algorithms=ALGORITHMS)
        claims = json.loads(given.payload)
        assert (claims["iss"], claims["sub"], claims["aud"]) == (form["client_id"], form["client_id"], issuer)
        assert claims["jti"] not in self.seen, "used before"
        self.seen.add(claims["jti"])
        assert claims["iat"] <= self.now().timestamp() < claims["exp"] <= claims["iat"] + 300


def hashed(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")

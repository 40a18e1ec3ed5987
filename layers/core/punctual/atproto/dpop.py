"""Proofs that whoever sends a token also holds the key it was given for (DPoP). https://datatracker.ietf.org/doc/html/rfc9449"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Generator
from hashlib import sha256

import httpx
from pydantic import SecretStr

from punctual.atproto.keys import public_half, signed
from punctual.clock import Now

MAX_ORIGINS, LONGEST_NONCE = 1000, 1024
"""What anybody's servers may have us remember, a megabyte at most."""
PROOF_REFUSED = frozenset({"use_dpop_nonce", "invalid_dpop_proof"})
"""What servers say who found nothing wrong but the proof: that a nonce is old, or a clock is wrong."""


class Nonces:
    """The last nonce that each server gave: no secret, good for minutes, and renewed by any of its answers.

    One a server and not one a session, since servers derive them from the time alone: what one account's call was
    told spares the next account's a refusal. One that is refused costs a round trip, as having none does.
    https://github.com/bluesky-social/atproto/blob/d6296a1/packages/oauth/oauth-provider/src/dpop/dpop-nonce.ts
    """

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def of(self, url: httpx.URL) -> str | None:
        return self._of.get(_origin(url))

    def note(self, response: httpx.Response) -> None:
        nonce = response.headers.get("DPoP-Nonce", "")
        if 0 < len(nonce) <= LONGEST_NONCE:
            if len(self._of) >= MAX_ORIGINS:
                self._of.clear()
            self._of[_origin(response.request.url)] = nonce


class Dpop(httpx.Auth):
    """Signs a request with the session's key, and once more where the server asks for another nonce.

    That refusal comes before anything else is looked at, so a request may be sent again after it whatever it does.
    https://datatracker.ietf.org/doc/html/rfc9449#section-8
    """

    def __init__(self, key: SecretStr, nonces: Nonces, now: Now, access_token: SecretStr | None = None):
        self._key = key
        self._nonces = nonces
        self._now = now
        self._access_token = access_token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        self._sign(request)
        response = yield request
        self._nonces.note(response)
        if wants_nonce(response):
            self._sign(request)
            self._nonces.note((yield request))

    def _sign(self, request: httpx.Request) -> None:
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": request.method,
            "htu": str(request.url.copy_with(query=None, fragment=None)),
            "iat": int(self._now().timestamp()),
        }
        if nonce := self._nonces.of(request.url):
            claims["nonce"] = nonce
        if self._access_token:
            token = self._access_token.get_secret_value()
            claims["ath"] = urlsafe_b64encode(sha256(token.encode()).digest()).decode().rstrip("=")
            request.headers["Authorization"] = f"DPoP {token}"
        jwk = {name: value for name, value in public_half(self._key).items() if name in ("kty", "crv", "x", "y")}
        request.headers["DPoP"] = signed(claims, self._key, typ="dpop+jwt", jwk=jwk)


def wants_nonce(response: httpx.Response) -> bool:
    """400 at authorization servers, 401 elsewhere: RFC 9449 sections 8 and 9."""
    if response.status_code == 401:
        return 'error="use_dpop_nonce"' in response.headers.get("WWW-Authenticate", "")
    if response.status_code != 400 or "DPoP-Nonce" not in response.headers:
        return False
    try:
        return bool(response.json().get("error") == "use_dpop_nonce")
    except (ValueError, AttributeError):
        return False


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"

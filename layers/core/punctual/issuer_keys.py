"""The public keys of an OpenID Connect issuer, kept for a while.

https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, KeySet

from punctual.clock import Now
from punctual.guarded_http import AddressRefused, GuardedHttp

log = logging.getLogger("punctual.issuer_keys")

FRESH = timedelta(minutes=10)
ASKED_AGAIN_AFTER = timedelta(minutes=1)
"""An unknown key costs a request of ours, and anybody can name one."""
_ASKED_AGAIN_AFTER_NOTHING = timedelta(seconds=5)
SECONDS = 3.0
_PARTS = ("kty", "kid", "alg", "n", "e", "crv", "x", "y")
_LEAST_MODULUS = 342
"""Characters of 2048 bits."""


class IssuerUnreachable(Exception):
    """The issuer has not told its keys yet, so nobody can say whether a token is right."""


class _NotTold(Exception):
    """The answer is not what the specification asks for."""


class IssuerKeys:
    """Keys that were told stay known while the issuer does not answer."""

    def __init__(self, issuer: str, http: GuardedHttp, now: Now):
        self.issuer = issuer
        self._http = http
        self._now = now
        self._keys = KeySet([])
        self._told_at: datetime | None = None
        self._asked_at: datetime | None = None

    def known(self) -> KeySet:
        """Raises IssuerUnreachable."""
        if self._told_at is None or self._now() - self._told_at >= FRESH:
            return self.asked_again()
        return self._keys

    def asked_again(self) -> KeySet:
        """For a key that is not known, unless the issuer was asked just before. Raises IssuerUnreachable."""
        now = self._now()
        wait = ASKED_AGAIN_AFTER if self._told_at else _ASKED_AGAIN_AFTER_NOTHING
        if self._asked_at is None or now - self._asked_at >= wait:
            self._asked_at = now
            self._ask(now)
        if self._told_at is None:
            raise IssuerUnreachable("the issuer of people's tokens has not told its keys")
        return self._keys

    def _ask(self, now: datetime) -> None:
        try:
            self._keys = self._told()
        except (AddressRefused, httpx.HTTPError, httpx.InvalidURL, _NotTold) as error:
            log.warning("issuer's keys not told", extra={"fault": type(error).__name__, "why": _why(error)})
        else:
            self._told_at = now

    def _told(self) -> KeySet:
        about = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != self.issuer:
            raise _NotTold("the issuer calls itself by another name")
        keys = self._get(str(about.get("jwks_uri"))).get("keys")
        if not isinstance(keys, list):
            raise _NotTold("the key set is none")
        return KeySet([key for each in keys if (key := _key(each))])

    def _get(self, url: str) -> dict[str, Any]:
        answer = self._http.send(httpx.Request("GET", url, headers={"Accept": "application/json"}), seconds=SECONDS)
        try:
            found = answer.json() if answer.status_code == httpx.codes.OK else None
        except (ValueError, RecursionError) as error:
            raise _NotTold("the answer is not JSON") from error
        if not isinstance(found, dict):
            raise _NotTold(f"the answer is no JSON object (status {answer.status_code})")
        return found


def _key(told: Any) -> Key | None:
    """None where it is not for signatures, or not one that can be checked: what a set holds besides is passed over.
    https://datatracker.ietf.org/doc/html/rfc7517#section-5"""
    if not isinstance(told, Mapping) or told.get("use", "sig") != "sig" or told.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    if told["kty"] == "RSA" and len(str(told.get("n"))) < _LEAST_MODULUS:
        return None
    try:
        return JWKRegistry.import_key({name: told[name] for name in _PARTS if name in told})
    except (JoseError, ValueError):
        return None


def _why(error: Exception) -> str:
    """Our own words only."""
    return str(error) if isinstance(error, _NotTold | AddressRefused) else ""

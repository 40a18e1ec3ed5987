"""How we prove to a token endpoint that the request is our app's: RFC 6749 section 2.3, and 7523 for signed proofs."""

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote_plus

from pydantic import SecretStr

from punctual.providers.outcomes import RetryLater
from punctual.providers.terms import App, TokenAuth

ASSERTION_SECONDS = 60
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "Ed25519": "Ed25519"}


def proven(
    fields: Mapping[str, str],
    app: App,
    *,
    by: TokenAuth,
    audience: str,
    now: datetime,
    id_param: str = "client_id",
) -> tuple[dict[str, str], dict[str, str]]:
    """The fields and headers to send, with the app's proof where the platform wants it."""
    match by:
        case "client_secret_basic":
            return dict(fields), {"Authorization": basic(app)}
        case "client_secret_post":
            secret = {"client_secret": app.client_secret.get_secret_value()} if app.client_secret else {}
            return {**fields, id_param: app.client_id, **secret}, {}
        case "private_key_jwt":
            proof = {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion(app, audience, now)}
            return {**fields, id_param: app.client_id, **proof}, {}
        case "none":
            return {**fields, id_param: app.client_id}, {}


def basic(app: App) -> str:
    """Both halves are form-encoded first, so that a colon or a space in them survives; Authlib 1.9 leaves that out.

    https://datatracker.ietf.org/doc/html/rfc6749#section-2.3.1
    """
    secret = app.client_secret.get_secret_value() if app.client_secret else ""
    return f"Basic {b64encode(f'{quote_plus(app.client_id)}:{quote_plus(secret)}'.encode()).decode()}"


def assertion(app: App, audience: str, now: datetime) -> str:
    """Good once, for a minute, at this server alone: https://datatracker.ietf.org/doc/html/rfc7523#section-3"""
    if app.private_key is None:
        raise RetryLater("The app has no private key to sign with.", code="app_incomplete")
    issued = int(now.timestamp())
    claims = {
        "iss": app.client_id,
        "sub": app.client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(24),
        "iat": issued,
        "exp": issued + ASSERTION_SECONDS,
    }
    return _signed(claims, app.private_key)


def _signed(claims: dict[str, object], private_key: SecretStr) -> str:
    from joserfc import jwk, jwt  # with `cryptography`, which most providers need not import
    from joserfc.errors import JoseError

    try:
        given = json.loads(private_key.get_secret_value())
        algorithm = given.get("alg") or _ALGORITHMS.get(given.get("crv"), "RS256")
        named = {"kid": given["kid"]} if given.get("kid") else {}
        return jwt.encode({"alg": algorithm, **named}, claims, jwk.import_key(given), algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):  # their words may hold the key
        raise RetryLater("The app's private key is none to sign with.", code="app_incomplete") from None

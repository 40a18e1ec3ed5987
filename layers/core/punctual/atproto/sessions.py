"""Sessions that an app password opens: two tokens, and the server that keeps the account."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError

from punctual.guarded_http import server_url
from punctual.providers.base import Grant, answer
from punctual.providers.outcomes import Reconnect, RetryLater


class Session(BaseModel):
    """The answer of `com.atproto.server.createSession` and `refreshSession`."""

    access: SecretStr = Field(alias="accessJwt", min_length=1)
    refresh: SecretStr = Field(alias="refreshJwt", min_length=1)
    did: str = Field(pattern="^did:")
    handle: str
    did_doc: Any = Field(default=None, alias="didDoc")
    active: bool = True


def xrpc(server: str, method: str) -> str:
    return f"{server}/xrpc/{method}"


def read_session(response: httpx.Response) -> Session:
    try:
        return Session.model_validate(answer(response))
    except ValidationError:
        raise RetryLater("The server sent no usable session.", code="unreadable_answer") from None


def grant_of(session: Session, server: str) -> Grant:
    return Grant(
        access_token=session.access,
        refresh_token=session.refresh,
        expires_at=_expires_at(session.access.get_secret_value()),
        server=_home(session.did_doc) or server,
    )


def refreshing(grant: Grant) -> Grant:
    """Sessions are renewed and ended with the refresh token where every other call carries the access token."""
    if grant.refresh_token is None:
        raise Reconnect("This session cannot be renewed; connect again.", code="no_refresh_token")
    return replace(grant, access_token=grant.refresh_token)


def _home(did_doc: Any) -> str | None:
    """The server that keeps the account: bsky.social is only the front of many. https://atproto.com/specs/did"""
    services = did_doc.get("service") if isinstance(did_doc, Mapping) else None
    for service in services if isinstance(services, list) else []:
        if isinstance(service, Mapping) and str(service.get("id")).endswith("#atproto_pds"):
            try:
                return server_url(str(service.get("serviceEndpoint")))
            except ValueError:
                return None
    return None


def _expires_at(token: str) -> datetime | None:
    """`exp` of the token, read and not verified: only the server that made it can judge it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None

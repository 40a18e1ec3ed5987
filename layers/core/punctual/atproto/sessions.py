"""Sessions that an app password opens: two tokens, and the server that keeps the account."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError

from punctual.atproto.addresses import profile_url
from punctual.atproto.forms import Credentials
from punctual.atproto.identity import home
from punctual.providers.base import Account, Grant, Login, Provider, answer
from punctual.providers.outcomes import ProviderError, Reconnect, Rejected, RetryLater, Unauthorized

STALE = frozenset({"ExpiredToken", "InvalidToken"})
ENDED = {
    "AccountTakedown": "Bluesky has taken this account down.",
    "AccountDeactivated": "This Bluesky account is deactivated; reactivate it, then connect it again.",
    "AccountNotFound": "This Bluesky account does not exist on its server any more; connect it again.",
}
_NO_LOGIN = {
    **ENDED,
    "AuthFactorTokenRequired": "That is the account's own password; make an app password in Bluesky's settings.",
}


class Session(BaseModel):
    """The answer of `com.atproto.server.createSession` and `refreshSession`."""

    access: SecretStr = Field(alias="accessJwt", min_length=1)
    refresh: SecretStr = Field(alias="refreshJwt", min_length=1)
    did: str = Field(pattern="^did:")
    handle: str
    did_doc: Any = Field(default=None, alias="didDoc")
    active: bool = True


class AppPasswords:
    """The way of connecting that asks nobody's consent, and whose tokens anyone may use who has them."""

    def __init__(self, provider: Provider):
        self._provider = provider

    def login(self, fields: Credentials, vouched: Callable[[str, str], object]) -> Login:
        """`vouched` refuses an account that this server does not speak for: see `Lookups.vouched`."""
        body = {"identifier": fields.identifier, "password": fields.app_password.get_secret_value().strip()}
        url = xrpc(fields.server, "com.atproto.server.createSession")
        try:
            session = read_session(self._provider.call("POST", url, json=body))
        except Reconnect as error:
            sentence = _NO_LOGIN.get(error.platform_code or "", "Bluesky did not accept this account and app password.")
            raise Rejected(
                sentence, code="login_refused", status=error.status, platform_code=error.platform_code
            ) from error
        if not session.active:
            raise Rejected("This Bluesky account is not active.", code="account_inactive")
        grant = grant_of(session, fields.server)
        if not fields.server.startswith("http:"):  # called on a laptop only, whose accounts no public directory knows
            try:
                vouched(session.did, fields.server)
            except ProviderError:
                with suppress(ProviderError):
                    self.revoke(grant)
                raise
        account = Account(
            id=session.did, handle=session.handle, url=profile_url(session.did, session.handle), server=grant.server
        )
        return Login(grant=grant, accounts=(account,))

    def refresh(self, grant: Grant) -> Grant:
        url = xrpc(grant.server, "com.atproto.server.refreshSession")
        try:
            response = self._provider.call("POST", url, grant=refreshing(grant))
        except Unauthorized as error:
            # Revoked, or its app password deleted: both are called expired.
            # https://github.com/bluesky-social/atproto/blob/d6296a1/packages/pds/src/api/com/atproto/server/refreshSession.ts#L54
            if error.platform_code not in STALE:
                raise RetryLater(error.sentence, code="refresh_refused", status=error.status) from error
            sentence = "Bluesky ended this session; connect again with an app password."
            raise Reconnect(sentence, code="grant_dead", platform_code=error.platform_code) from error
        except Rejected as error:
            raise RetryLater(error.sentence, code="refresh_refused", status=error.status) from error
        return grant_of(read_session(response), grant.server)

    def revoke(self, grant: Grant) -> None:
        try:
            self._provider.call("POST", xrpc(grant.server, "com.atproto.server.deleteSession"), grant=refreshing(grant))
        except Reconnect:
            return  # it has ended already


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
        server=home(session.did_doc) or server,
    )


def refreshing(grant: Grant) -> Grant:
    """Sessions are renewed and ended with the refresh token where every other call carries the access token."""
    if grant.refresh_token is None:
        raise Reconnect("This session cannot be renewed; connect again.", code="no_refresh_token")
    return replace(grant, access_token=grant.refresh_token)


def _expires_at(token: str) -> datetime | None:
    """`exp` of the token, read and not verified: only the server that made it can judge it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return None

"""Grants and their tokens: short-lived access tokens, and refresh tokens that work once.

A refresh token presented a second time revokes the grant and with it every token of its family. Tokens are
stored as hashes only.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr

from punctual.clock import to_text
from punctual.tables import Change, ConditionFailed, Key, Table
from sandbox.accounts import Account
from sandbox.errors import invalid_grant, unauthorized

_REFRESHABLE = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    access_token: str
    refresh_token: str
    seconds: int
    scope: str


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whoever a good access token speaks for."""

    account: Account
    grant_id: str
    daily_posts: int | None = None


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(
    table: Table,
    grant_id: str,
    *,
    client_id: str,
    handle: str,
    scope: str,
    lifetime: int,
    daily_posts: int | None,
    at: datetime,
) -> Tokens:
    """The grant a code stands for; a grant revoked before it began (its code was sent twice) stays revoked."""
    chosen = {"handle": handle, "scope": scope, "lifetime": lifetime, "daily_posts": daily_posts}
    grant = {**_grant_key(grant_id), "client_id": client_id, **chosen, "expires_at": _kept(at)}
    try:
        table.put(grant, Attr("pk").not_exists())
    except ConditionFailed as error:
        raise invalid_grant("The code was used before.") from error
    return _issue(table, grant_id, grant, at)


def rotate(table: Table, refresh_token: str, client_id: str, at: datetime) -> Tokens:
    key = _token_key(refresh_token)
    unused = Attr("kind").eq("refresh") & Attr("used_at").not_exists()
    try:
        token = table.update(key, Change(set={"used_at": to_text(at)}), unused)
    except ConditionFailed as error:
        replayed = table.get(key)
        if replayed and replayed["kind"] == "refresh":
            revoke(table, replayed["grant_id"], at)
        raise invalid_grant("The refresh token is unknown or was used before.") from error
    grant = table.get(_grant_key(token["grant_id"]))
    if not grant or "revoked_at" in grant or token["valid_until"] <= to_text(at):
        raise invalid_grant("The grant has ended.")
    if grant["client_id"] != client_id:
        raise invalid_grant("The grant is another client's.")
    return _issue(table, token["grant_id"], grant, at)


def holder(table: Table, access_token: str, at: datetime) -> Holder:
    token = table.get(_token_key(access_token))
    if not token or token["kind"] != "access":
        raise unauthorized("invalid_token", "The access token is unknown.")
    if token["valid_until"] <= to_text(at):
        raise unauthorized("token_expired", "The access token has expired.")
    grant = table.get(_grant_key(token["grant_id"]))
    if not grant or "revoked_at" in grant:
        raise unauthorized("grant_revoked", "The connection was ended.")
    account = Account(handle=grant["handle"])
    return Holder(account=account, grant_id=token["grant_id"], daily_posts=grant.get("daily_posts"))


def revoke(table: Table, grant_id: str, at: datetime) -> None:
    table.update(_grant_key(grant_id), Change(set={"revoked_at": to_text(at), "expires_at": _kept(at)}))


def revoke_token(table: Table, token: str, client_id: str, at: datetime) -> None:
    """RFC 7009: either token ends the whole grant; one that is unknown, or another client's, ends nothing."""
    found = table.get(_token_key(token))
    grant = table.get(_grant_key(found["grant_id"])) if found else None
    if found and grant and grant["client_id"] == client_id:
        revoke(table, found["grant_id"], at)


def _issue(table: Table, grant_id: str, grant: dict[str, Any], at: datetime) -> Tokens:
    lifetime = int(grant["lifetime"])
    access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    for kind, token, valid in (("access", access, timedelta(seconds=lifetime)), ("refresh", refresh, _REFRESHABLE)):
        item = {"kind": kind, "grant_id": grant_id, "valid_until": to_text(at + valid), "expires_at": _kept(at)}
        table.put({**_token_key(token), **item})
    return Tokens(access_token=access, refresh_token=refresh, seconds=lifetime, scope=grant["scope"])


def _grant_key(grant_id: str) -> Key:
    return {"pk": f"grant#{grant_id}", "sk": "grant"}


def _token_key(token: str) -> Key:
    return {"pk": f"token#{digest(token)}", "sk": "token"}


def _kept(at: datetime) -> int:
    """Longer than any token is good for, so that a replay is still recognised as one."""
    return int((at + 2 * _REFRESHABLE).timestamp())

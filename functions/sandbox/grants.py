"""Grants and their tokens: short-lived access tokens, and refresh tokens that work once.

A refresh token presented a second time revokes the grant and with it every token of its family. Tokens are
stored as hashes only.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from boto3.dynamodb.conditions import Attr

from punctual.clock import to_text
from punctual.tables import Change, ConditionFailed, Key, Table
from sandbox.accounts import Account, team
from sandbox.errors import Refusal, invalid_grant, unauthorized

_REFRESHABLE = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Tokens:
    access_token: str
    refresh_token: str | None
    """None: this connection cannot be renewed."""
    seconds: int
    renewable: int | None
    """Seconds that are left for renewing it, where the person set an end."""
    scope: str


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whoever a good access token speaks for."""

    account: Account
    grant_id: str
    daily_posts: int | None = None
    teams: tuple[Account, ...] = ()
    """Accounts that the token speaks for too, where a call names one."""

    def acting_as(self, account_id: str) -> Self:
        named = next((each for each in (self.account, *self.teams) if each.id == account_id), None)
        if named is None:
            raise Refusal(403, "not_your_account", "The token does not speak for this account.")
        return replace(self, account=named)


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
    renewable: int | None,
    daily_posts: int | None,
    teams: int | None,
    at: datetime,
) -> Tokens:
    """The grant a code stands for; a grant revoked before it began (its code was sent twice) stays revoked."""
    chosen = {"handle": handle, "scope": scope, "lifetime": lifetime, "daily_posts": daily_posts, "teams": teams}
    ends = {} if renewable is None else {"renewable_until": to_text(at + timedelta(seconds=renewable))}
    grant = {
        **_grant_key(grant_id),
        "client_id": client_id,
        **chosen,
        **ends,
        "expires_at": _kept(at, timedelta(seconds=max(renewable or 0, lifetime))),
    }
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
    return Holder(
        account=account,
        grant_id=token["grant_id"],
        daily_posts=grant.get("daily_posts"),
        teams=tuple(team(grant["handle"], number) for number in range(1, int(grant.get("teams") or 0) + 1)),
    )


def revoke(table: Table, grant_id: str, at: datetime) -> None:
    table.update(_grant_key(grant_id), Change(set={"revoked_at": to_text(at), "expires_at": _kept(at)}))


def revoke_token(table: Table, token: str, client_id: str, at: datetime) -> None:
    """RFC 7009: either token ends the whole grant; one that is unknown, or another client's, ends nothing."""
    found = table.get(_token_key(token))
    grant = table.get(_grant_key(found["grant_id"])) if found else None
    if found and grant and grant["client_id"] == client_id:
        revoke(table, found["grant_id"], at)


def _issue(table: Table, grant_id: str, grant: dict[str, Any], at: datetime) -> Tokens:
    lifetime = timedelta(seconds=int(grant["lifetime"]))
    left = datetime.fromisoformat(grant["renewable_until"]) - at if "renewable_until" in grant else None
    access = _new(table, "access", grant_id, at, lifetime)
    refresh = _new(table, "refresh", grant_id, at, _REFRESHABLE if left is None else left)
    return Tokens(
        access_token=access,
        refresh_token=refresh if left is None or left > timedelta(0) else None,
        seconds=int(grant["lifetime"]),
        renewable=None if left is None else int(left.total_seconds()),
        scope=grant["scope"],
    )


def _new(table: Table, kind: str, grant_id: str, at: datetime, life: timedelta) -> str:
    token = secrets.token_urlsafe(32)
    item = {"kind": kind, "grant_id": grant_id, "valid_until": to_text(at + life), "expires_at": _kept(at, life)}
    table.put({**_token_key(token), **item})
    return token


def _grant_key(grant_id: str) -> Key:
    return {"pk": f"grant#{grant_id}", "sk": "grant"}


def _token_key(token: str) -> Key:
    return {"pk": f"token#{digest(token)}", "sk": "token"}


def _kept(at: datetime, life: timedelta = _REFRESHABLE) -> int:
    """Longer than any token is good for, so that a replay is still recognised as one."""
    return int((at + max(life, _REFRESHABLE) + _REFRESHABLE).timestamp())

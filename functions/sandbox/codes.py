"""Authorization codes: good once, for a minute, for one redirect URI and one PKCE challenge.

A code that is presented a second time revokes the grant that it gave.
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from pydantic import BaseModel, ConfigDict
from ulid import ULID

from punctual.clock import to_text
from punctual.tables import Change, ConditionFailed, Table
from sandbox import grants
from sandbox.errors import invalid_grant

_VALID = timedelta(seconds=60)
_REMEMBERED = timedelta(days=1)


class Consented(BaseModel):
    """What a person consented to."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    client_id: str
    redirect_uri: str
    code_challenge: str
    scope: str
    handle: str
    lifetime: int
    renewable: int | None = None
    daily_posts: int | None = None
    teams: int | None = None


def issue(table: Table, consented: Consented, at: datetime) -> str:
    code = secrets.token_urlsafe(32)
    table.put(
        {
            "pk": f"code#{grants.digest(code)}",
            "sk": "code",
            **consented.model_dump(),
            "grant_id": str(ULID()),
            "valid_until": to_text(at + _VALID),
            "expires_at": int((at + _REMEMBERED).timestamp()),
        }
    )
    return code


def redeem(table: Table, code: str, client_id: str, *, redirect_uri: str, verifier: str, at: datetime) -> grants.Tokens:
    """A try with the wrong verifier or redirect URI, or by another client, uses the code up as well."""
    key = {"pk": f"code#{grants.digest(code)}", "sk": "code"}
    fresh = Attr("pk").exists() & Attr("used_at").not_exists()
    try:
        item = table.update(key, Change(set={"used_at": to_text(at)}), fresh)
    except ConditionFailed as error:
        used = table.get(key)
        if used:
            grants.revoke(table, used["grant_id"], at)
        raise invalid_grant("The code is unknown or was used before.") from error
    if item["valid_until"] <= to_text(at):
        raise invalid_grant("The code has expired.")
    consented = Consented.model_validate(item)
    if consented.client_id != client_id:
        raise invalid_grant("The code was given to another client.")
    if consented.redirect_uri != redirect_uri:
        raise invalid_grant("redirect_uri is not the one that the code was given for.")
    if not secrets.compare_digest(challenge(verifier), consented.code_challenge):
        raise invalid_grant("code_verifier does not fit the code_challenge.")
    return grants.begin(
        table,
        item["grant_id"],
        client_id=client_id,
        handle=consented.handle,
        scope=consented.scope,
        lifetime=consented.lifetime,
        renewable=consented.renewable,
        daily_posts=consented.daily_posts,
        teams=consented.teams,
        at=at,
    )


def challenge(verifier: str) -> str:
    """RFC 7636 section 4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()

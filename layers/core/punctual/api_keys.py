"""API keys: shown once, found by the id in them, known by a hash. Only the authorizer, the admin function and whoever
removes workspaces reach their table; they are made, replaced and revoked by `issuing_keys`."""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

Scope: TypeAlias = Literal["read", "write", "admin"]
KeyStatus: TypeAlias = Literal["active", "expired", "revoked"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
NOTED_EVERY = timedelta(hours=1)
"""A key's last use is as old as this at most: a write with each request would say no more to a person."""
_SECRET = re.compile(r"pk_(?P<ulid>[0-9A-HJKMNP-TV-Z]{26})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    id: str
    workspace_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    expires_at: Moment | None = None
    last_used_at: Moment | None = None
    revoked_at: Moment | None = None
    rotated_from: str | None = None
    rotated_to: str | None = None

    def status(self, at: datetime) -> KeyStatus:
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= at else "active"


_STORED = Stored(ApiKey)


class ApiKeys:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def find(self, secret: str) -> ApiKey | None:
        """The key of this secret, if it is active. An id that is none costs the same comparison as a wrong secret."""
        told = _SECRET.fullmatch(secret)
        item = self._table.get({"pk": f"key_{told['ulid']}"}) if told else None
        expected = item["secret_hash"] if item else _NOBODYS_HASH
        if not hmac.compare_digest(_hash(secret), expected) or item is None:
            return None
        key = _STORED.read(item)
        return key if key.status(self._now()) == "active" else None

    def note_use(self, key: ApiKey) -> None:
        """One write, at most once in `NOTED_EVERY`, however many ask at the same time."""
        now = self._now()
        if key.last_used_at and now - key.last_used_at < NOTED_EVERY:
            return
        is_due = Attr("last_used_at").not_exists() | Attr("last_used_at").lte(to_text(now - NOTED_EVERY))
        with suppress(ConditionFailed):  # another request noted it
            self._table.update({"pk": key.id}, Change(set={"last_used_at": to_text(now)}), Attr("pk").exists() & is_due)

    def of_workspace(self, workspace_id: str) -> list[ApiKey]:
        """Oldest first."""
        found = self._table.every(KeyCondition("workspace_id").eq(workspace_id), index="by_workspace")
        return [_STORED.read(item) for item in found]

    def end(self, key: ApiKey) -> None:
        """Revoke it without a word in the feed: its workspace goes, and the feed with it."""
        revoked = Change(set={"revoked_at": to_text(self._now())})
        with suppress(ConditionFailed):  # revoked before, and its time stays
            self._table.update({"pk": key.id}, revoked, Attr("pk").exists() & Attr("revoked_at").not_exists())

    def get(self, workspace_id: str, key_id: str) -> ApiKey | None:
        item = self._table.get({"pk": key_id})
        key = _STORED.read(item) if item else None
        return key if key and key.workspace_id == workspace_id else None


def new_secret(key_id: str) -> str:
    return f"pk_{key_id.removeprefix('key_')}_{secrets.token_urlsafe(32)}"


def row(key: ApiKey, secret: str) -> Item:
    """As it is stored: with a hash of the secret."""
    return {"pk": key.id, "secret_hash": _hash(secret), **_STORED.item(key)}


def _hash(secret: str) -> str:
    """Plain SHA-256: the secret has 256 random bits, so there is nothing to slow a guesser down for."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


_NOBODYS_HASH = _hash("nobody's")

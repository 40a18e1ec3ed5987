"""API keys: shown once, stored as a hash, found by it. Only the authorizer and the admin function reach their table."""

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import ids
from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Table

Scope: TypeAlias = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
PREFIX = "pk_"


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    id: str
    workspace_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    revoked_at: Moment | None = None


_STORED = Stored(ApiKey)


class ApiKeys:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(self, workspace_id: str, name: str, scopes: Iterable[Scope]) -> tuple[ApiKey, str]:
        """The stored key and the secret itself, which nothing can show again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        ordered = tuple(scope for scope in SCOPES if scope in set(scopes))
        key = ApiKey(id=ids.new("key"), workspace_id=workspace_id, name=name, scopes=ordered, created_at=self._now())
        self._table.put({"pk": _hash(secret), **_STORED.item(key)})
        return key, secret

    def find(self, secret: str) -> ApiKey | None:
        """The key of this secret, unless it was revoked."""
        item = self._table.get({"pk": _hash(secret)}) if secret.startswith(PREFIX) else None
        key = _STORED.read(item) if item else None
        return key if key and not key.revoked_at else None

    def of_workspace(self, workspace_id: str) -> list[ApiKey]:
        found = self._table.every(KeyCondition("workspace_id").eq(workspace_id), index="by_workspace")
        return [_STORED.read(item) for item in found]

    def revoke(self, workspace_id: str, key_id: str) -> bool:
        """Whether there was such a key. It works no more once the authorizer's cache has expired."""
        condition = KeyCondition("workspace_id").eq(workspace_id) & KeyCondition("id").eq(key_id)
        for item in self._table.every(condition, index="by_workspace"):
            revoked = Change(set={"revoked_at": to_text(self._now())})
            with suppress(ConditionFailed):  # it was revoked before, and its time stays
                self._table.update({"pk": item["pk"]}, revoked, Attr("pk").exists() & Attr("revoked_at").not_exists())
            return True
        return False


def _hash(secret: str) -> str:
    """Plain SHA-256: the secret has 256 random bits, so there is nothing to slow a guesser down for."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""API keys: shown once, found by the id in them, known by a hash. Only the authorizer and the admin function reach
their table."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import ids
from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table, transact

Scope: TypeAlias = Literal["read", "write", "admin"]
KeyStatus: TypeAlias = Literal["active", "expired", "revoked"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")
OVERLAP = timedelta(hours=24)
"""How long a key that was rotated works beside its successor, if nobody says otherwise."""
NOTED_EVERY = timedelta(hours=1)
"""A key's last use is as old as this at most: a write with each request would say no more to a person."""
_SECRET = re.compile(r"pk_(?P<ulid>[0-9A-HJKMNP-TV-Z]{26})_[A-Za-z0-9_-]{43}")
_TRIES = 4


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


class NotRotated(Exception):
    """The key stays as it is, and no other was made. Says why, and what to do instead."""


_STORED = Stored(ApiKey)


class ApiKeys:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(
        self, workspace_id: str, name: str, scopes: Iterable[Scope], expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """The stored key and the secret itself, which nothing can show again."""
        ordered = tuple(scope for scope in SCOPES if scope in set(scopes))
        key = ApiKey(
            id=ids.new("key"),
            workspace_id=workspace_id,
            name=name,
            scopes=ordered,
            created_at=self._now(),
            expires_at=expires_at,
        )
        secret = _new_secret(key.id)
        self._table.put(_item(key, secret), Attr("pk").not_exists())
        return key, secret

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

    def revoke(self, workspace_id: str, key_id: str) -> bool:
        """Whether there was such a key. It works no more once the authorizer's cache has expired."""
        revoked = Change(set={"revoked_at": to_text(self._now())})
        is_theirs = Attr("workspace_id").eq(workspace_id)
        try:
            self._table.update({"pk": key_id}, revoked, is_theirs & Attr("revoked_at").not_exists(), tells_why=True)
        except ConditionFailed as error:  # revoked before, and its time stays; or not theirs, or none
            return error.item is not None and error.item["workspace_id"] == workspace_id
        return True

    def rotate(self, workspace_id: str, key_id: str, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str] | None:
        """A new key of the same name, scopes and lifetime, and its secret; the old one expires after `overlap`, or
        when it would have anyway. Both in one transaction. None: there is no such key. Raises NotRotated: a key is
        rotated once, so that asking twice neither makes keys that nobody holds nor ends one that was just handed out.
        """
        new_id = ids.new("key")
        secret = _new_secret(new_id)
        for _ in range(_TRIES):
            old = self._get(workspace_id, key_id)
            if old is None:
                return None
            if old.rotated_to == new_id and (made := self._get(workspace_id, new_id)):
                return made, secret  # our own, whose acknowledgement was lost
            _check_rotatable(old, self._now())
            with suppress(ConditionFailed):  # its use was noted, or somebody rotates or revokes it: look again
                return self._replace(old, new_id, secret, overlap), secret
        raise NotRotated("This key is being changed at the same time. Nothing was done; try again.")

    def _replace(self, old: ApiKey, new_id: str, secret: str, overlap: timedelta) -> ApiKey:
        now = self._now()
        new = ApiKey(
            id=new_id,
            workspace_id=old.workspace_id,
            name=old.name,
            scopes=old.scopes,
            created_at=now,
            expires_at=now + (old.expires_at - old.created_at) if old.expires_at else None,
            rotated_from=old.id,
        )
        ends_at = min(now + overlap, old.expires_at) if old.expires_at else now + overlap
        change = Change(set={"expires_at": to_text(ends_at), "rotated_to": new.id})
        is_as_read = (
            Attr("pk").exists()
            & Attr("revoked_at").not_exists()
            & Attr("rotated_to").not_exists()
            & (Attr("expires_at").eq(to_text(old.expires_at)) if old.expires_at else Attr("expires_at").not_exists())
        )
        operations = [
            self._table.putting(_item(new, secret), Attr("pk").not_exists()),
            self._table.updating({"pk": old.id}, change, is_as_read),
        ]
        transact(self._table.client, operations)
        return new

    def _get(self, workspace_id: str, key_id: str) -> ApiKey | None:
        item = self._table.get({"pk": key_id})
        key = _STORED.read(item) if item else None
        return key if key and key.workspace_id == workspace_id else None


def _check_rotatable(key: ApiKey, at: datetime) -> None:
    if key.status(at) != "active":
        raise NotRotated(f"This key is {key.status(at)} and opens nothing. Make a new one.")
    if key.rotated_to:
        raise NotRotated(
            f"This key was rotated before: {key.rotated_to} takes its place. If nobody holds that one's secret, "
            "rotate that one, with no overlap."
        )


def _new_secret(key_id: str) -> str:
    return f"pk_{key_id.removeprefix('key_')}_{secrets.token_urlsafe(32)}"


def _item(key: ApiKey, secret: str) -> Item:
    return {"pk": key.id, "secret_hash": _hash(secret), **_STORED.item(key)}


def _hash(secret: str) -> str:
    """Plain SHA-256: the secret has 256 random bits, so there is nothing to slow a guesser down for."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


_NOBODYS_HASH = _hash("nobody's")

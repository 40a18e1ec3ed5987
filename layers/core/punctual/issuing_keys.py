"""Making, replacing and revoking API keys: each change and its event are one transaction."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr

from punctual import acting, api_keys, ids
from punctual.api_keys import SCOPES, ApiKey, ApiKeys, Scope
from punctual.clock import Now, to_text
from punctual.events.data import KeyData
from punctual.events.event import Draft
from punctual.events.feed import Feed
from punctual.tables import Change, ConditionFailed, Item, Table

OVERLAP = timedelta(hours=24)
"""How long a key that was rotated works beside its successor, if nobody says otherwise."""
_TRIES = 4


class NotRotated(Exception):
    """The key stays as it is, and no other was made. Says why, and what to do instead."""


class IssuingKeys:
    """`table` is the keys' own."""

    def __init__(self, table: Table, feed: Feed, now: Now):
        self._table = table
        self._keys = ApiKeys(table, now)
        self._feed = feed
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
        secret = api_keys.new_secret(key.id)
        for _ in range(_TRIES):
            with suppress(ConditionFailed):
                self._feed.append(workspace_id, [self._draft("key.created", key)], [self._putting(key, secret)])
                return key, secret
            if self._keys.get(workspace_id, key.id):
                return key, secret  # our own, whose acknowledgement was lost
        raise TimeoutError("the key could not be stored")

    def revoke(self, workspace_id: str, key_id: str) -> bool:
        """Whether there was such a key. It works no more once the authorizer's cache has expired."""
        for _ in range(_TRIES):
            key = self._keys.get(workspace_id, key_id)
            if key is None or key.revoked_at:  # before, and its time stays; or by us, unheard
                return key is not None
            change = Change(set={"revoked_at": to_text(self._now())})
            is_as_read = Attr("pk").exists() & Attr("revoked_at").not_exists()
            revoking = self._table.updating({"pk": key.id}, change, is_as_read)
            with suppress(ConditionFailed):  # its use was noted, or somebody rotates or revokes it: look again
                self._feed.append(workspace_id, [self._draft("key.revoked", key)], [revoking])
                return True
        raise TimeoutError("the key is being changed by too many at once")

    def rotate(self, workspace_id: str, key_id: str, overlap: timedelta = OVERLAP) -> tuple[ApiKey, str] | None:
        """A new key of the same name, scopes and lifetime, and its secret; the old one expires after `overlap`, or
        when it would have anyway. Both in one transaction. None: there is no such key. Raises NotRotated: a key is
        rotated once, so that asking twice neither makes keys that nobody holds nor ends one that was just handed out.
        """
        new_id = ids.new("key")
        secret = api_keys.new_secret(new_id)
        for _ in range(_TRIES):
            old = self._keys.get(workspace_id, key_id)
            if old is None:
                return None
            if old.rotated_to == new_id and (made := self._keys.get(workspace_id, new_id)):
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
        ended = replace(old, expires_at=ends_at, rotated_to=new.id)
        change = Change(set={"expires_at": to_text(ends_at), "rotated_to": new.id})
        is_as_read = (
            Attr("pk").exists()
            & Attr("revoked_at").not_exists()
            & Attr("rotated_to").not_exists()
            & (Attr("expires_at").eq(to_text(old.expires_at)) if old.expires_at else Attr("expires_at").not_exists())
        )
        drafts = [self._draft("key.created", new), self._draft("key.rotated", ended)]
        updating = self._table.updating({"pk": old.id}, change, is_as_read)
        self._feed.append(old.workspace_id, drafts, [self._putting(new, secret), updating])
        return new

    def _putting(self, key: ApiKey, secret: str) -> Item:
        return self._table.putting(api_keys.row(key, secret), Attr("pk").not_exists())

    def _draft(self, type_: str, key: ApiKey) -> Draft:
        """Of the key as it is from now on: never its name, nor anything of its secret."""
        data = KeyData(
            key_id=key.id,
            scopes=list(key.scopes),
            expires_at=to_text(key.expires_at) if key.expires_at else None,
            rotated_from=key.rotated_from,
            rotated_to=key.rotated_to,
        )
        return Draft(type=type_, timestamp=self._now(), data=data, actor=acting.current())


def _check_rotatable(key: ApiKey, at: datetime) -> None:
    if key.status(at) != "active":
        raise NotRotated(f"This key is {key.status(at)} and opens nothing. Make a new one.")
    if key.rotated_to:
        raise NotRotated(
            f"This key was rotated before: {key.rotated_to} takes its place. If nobody holds that one's secret, "
            "rotate that one, with no overlap."
        )

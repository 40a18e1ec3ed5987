"""Grants: the sealed tokens of one consent each, changed only by compare-and-set.

A consent may hold several channels (the pages of one login): they share its grant, which is refreshed once for all of
them. Refreshing takes a lease first, so that a rotating refresh token is used by one worker only, and the new grant is
stored before anyone uses it.
"""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition
from pydantic import SecretStr

from punctual import ids, stored_apps
from punctual.clock import Now, to_text
from punctual.providers.base import App, Grant
from punctual.sealing import Context, Sealed, Sealer, Vault
from punctual.tables import Change, ConditionFailed, Item, Table

SHARDS = 8
LEASE_SECONDS = 60
"""Longer than any refresh call's deadline, so that a lease never ends under a living call."""


class GrantMoved(Exception):
    """Someone else refreshed, leased or replaced the grant since it was read."""


@dataclass(frozen=True, kw_only=True)
class StoredGrant:
    """A grant as stored; `version` grows with every refresh."""

    id: str
    workspace_id: str
    provider: str
    channel_ids: tuple[str, ...]
    version: int
    sealed: Sealed
    expires_at: datetime | None
    renewable_until: datetime | None
    dead: bool
    leased_until: datetime | None
    lease: str | None
    failures: int


@dataclass(frozen=True, kw_only=True)
class DueGrant:
    id: str
    refresh_at: str


class Grants:
    def __init__(self, table: Table, vault: Vault, now: Now):
        self._table = table
        self._vault = vault
        self._now = now

    def get(self, grant_id: str) -> StoredGrant | None:
        item = self._table.get(key(grant_id))
        return _stored(item) if item else None

    def open(self, stored: StoredGrant) -> tuple[Grant, App | None]:
        """The tokens themselves, and the registration they were given to."""
        plain = json.loads(self._vault.open(stored.sealed, _context(stored.workspace_id, stored.id)))
        app = plain.pop("app")
        refresh = plain["refresh_token"]
        grant = Grant(
            access_token=SecretStr(plain["access_token"]),
            refresh_token=SecretStr(refresh) if refresh else None,
            expires_at=stored.expires_at,
            renewable_until=stored.renewable_until,
            scopes=tuple(plain["scopes"]),
            server=plain["server"],
            extra=plain["extra"],
        )
        return grant, stored_apps.from_plain(app) if app else None

    def sealer(self, stored: StoredGrant) -> Sealer:
        """To be made before the provider is called: see `Sealer`."""
        return self._vault.sealer(_context(stored.workspace_id, stored.id))

    def create(
        self, workspace_id: str, provider: str, channel_ids: Sequence[str], grant: Grant, app: App | None
    ) -> str:
        """Store what a person's consent gave, for these channels. The new id; later consents have greater ones."""
        grant_id = ids.new("grt")
        item = {
            **key(grant_id),
            **self._fields(self._vault.sealer(_context(workspace_id, grant_id)), grant, app, version=1),
            "workspace_id": workspace_id,
            "provider": provider,
            "channel_ids": list(channel_ids),
        }
        self._table.put(item)
        return grant_id

    def leave(self, grant_id: str, channel_id: str) -> None:
        """The channel needs the grant no more; it is deleted with the last one that did."""
        while True:
            stored = self.get(grant_id)
            if stored is None:
                return
            others = [each for each in stored.channel_ids if each != channel_id]
            seen = Attr("channel_ids").eq(list(stored.channel_ids))
            try:
                if others:
                    self._table.update(key(grant_id), Change(set={"channel_ids": others}), seen)
                else:
                    self._table.delete(key(grant_id), seen)
            except ConditionFailed:
                continue
            return

    def lease(self, stored: StoredGrant) -> StoredGrant:
        """The same grant, for one worker. Raises GrantMoved while another one has it."""
        now = self._now()
        lease = ids.new("att")
        until = now + timedelta(seconds=LEASE_SECONDS)
        free = Attr("leased_until").not_exists() | Attr("leased_until").lt(to_text(now))
        condition = Attr("version").eq(stored.version) & Attr("dead").eq(False) & free
        changed = Change(set={"leased_until": to_text(until), "lease": lease})
        try:
            self._table.update(key(stored.id), changed, condition)
        except ConditionFailed as error:
            current = self.get(stored.id)
            if not current or current.lease != lease:
                raise GrantMoved() from error
        return replace(stored, leased_until=until, lease=lease)

    def renew(self, leased: StoredGrant, sealer: Sealer, grant: Grant, app: App | None) -> StoredGrant:
        """The leased grant, replaced by what the provider gave for it."""
        fields = self._fields(sealer, grant, app, leased.version + 1)
        changed = Change(set=fields, remove=("leased_until", "lease"))
        return _stored(self._settle(leased, changed))

    def postpone(self, leased: StoredGrant, seconds: float) -> None:
        """A transient failure: nothing is lost, the next try comes later."""
        later = to_text(self._now() + timedelta(seconds=seconds))
        changed = Change(set={"refresh_at": later, "failures": leased.failures + 1}, remove=("leased_until", "lease"))
        self._settle(leased, changed)

    def bury(self, stored: StoredGrant) -> None:
        """The provider called this version dead. Raises GrantMoved if it is not the stored one any more.

        It stays due until `mourned`, so that its channels hear of it although this worker may die first.
        """
        clock = {"refresh_at": to_text(self._now()), "refresh_shard": _shard()}
        changed = Change(set={"dead": True, **clock}, remove=("leased_until", "lease"))
        try:
            self._table.update(key(stored.id), changed, Attr("version").eq(stored.version))
        except ConditionFailed as error:
            raise GrantMoved() from error

    def mourned(self, stored: StoredGrant) -> None:
        """All channels of the dead grant know."""
        with suppress(ConditionFailed):
            gone = Change(remove=("refresh_at", "refresh_shard"))
            self._table.update(key(stored.id), gone, Attr("version").eq(stored.version) & Attr("dead").eq(True))

    def due(self, shard: int, limit: int) -> Iterator[DueGrant]:
        condition = KeyCondition("refresh_shard").eq(shard) & KeyCondition("refresh_at").lte(to_text(self._now()))
        page = self._table.query(condition, index="refresh", limit=limit)
        return (DueGrant(id=item["pk"], refresh_at=item["refresh_at"]) for item in page.items)

    def _settle(self, leased: StoredGrant, changed: Change) -> Item:
        try:
            return self._table.update(
                key(leased.id), changed, Attr("version").eq(leased.version) & Attr("lease").eq(leased.lease)
            )
        except ConditionFailed as error:
            raise GrantMoved() from error

    def _fields(self, sealer: Sealer, grant: Grant, app: App | None, version: int) -> Item:
        sealed = sealer.seal(_plain(grant, app))
        refresh_at = refresh_time(grant.expires_at, self._now()) if grant.expires_at else None
        return {
            **sealed.attributes(),
            "version": version,
            "dead": False,
            "failures": 0,
            "expires_at": to_text(grant.expires_at) if grant.expires_at else None,
            "renewable_until": to_text(grant.renewable_until) if grant.renewable_until else None,
            "refresh_at": to_text(refresh_at) if refresh_at else None,
            "refresh_shard": _shard() if refresh_at else None,
        }


def _shard() -> int:
    return random.randrange(SHARDS)  # noqa: S311 - spreads load, guards nothing


def refresh_time(expires_at: datetime, now: datetime) -> datetime:
    """At 80 % of its life, and two minutes before its end at the latest, with jitter so that crowds disperse."""
    life = (expires_at - now).total_seconds()
    ahead = max(life * random.uniform(0.2, 0.25), 120.0)  # noqa: S311 - jitter
    return max(now, expires_at - timedelta(seconds=ahead))


def key(grant_id: str) -> dict[str, str]:
    return {"pk": grant_id, "sk": "grant"}


def _context(workspace_id: str, grant_id: str) -> Context:
    return {"workspace": workspace_id, "grant": grant_id}


def _plain(grant: Grant, app: App | None) -> bytes:
    refresh = grant.refresh_token
    plain: dict[str, Any] = {
        "access_token": grant.access_token.get_secret_value(),
        "refresh_token": refresh.get_secret_value() if refresh else None,
        "scopes": list(grant.scopes),
        "server": grant.server,
        "extra": dict(grant.extra),
        "app": stored_apps.to_plain(app) if app else None,
    }
    return json.dumps(plain).encode()


def _stored(item: Item) -> StoredGrant:
    return StoredGrant(
        id=item["pk"],
        workspace_id=item["workspace_id"],
        provider=item["provider"],
        channel_ids=tuple(item["channel_ids"]),
        version=int(item["version"]),
        sealed=Sealed.of(item),
        expires_at=_moment(item.get("expires_at")),
        renewable_until=_moment(item.get("renewable_until")),
        dead=bool(item["dead"]),
        leased_until=_moment(item.get("leased_until")),
        lease=item.get("lease"),
        failures=int(item["failures"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""Grants: the sealed tokens of one consent each, changed only by compare-and-set.

A consent may hold several channels (the pages of one login): they share its grant, which is refreshed once for all of
them. Refreshing takes a lease first, so that a rotating refresh token is used by one worker only, and the new grant is
stored before anyone uses it. Whatever ends a refresh gives its lease back: one that was not given back is a mark.
"""

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr, ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition
from pydantic import SecretStr

from punctual import ids
from punctual.apps import stored as stored_apps
from punctual.clock import Now, to_text
from punctual.grants import login_rows
from punctual.grants.life import WARN_BEFORE, Life, Task, life_of
from punctual.grants.stored import FAILURES_TOLD, LIFE, DueGrant, StoredGrant, Untold, context, read, to_seal
from punctual.providers.base import App, Grant, Provider
from punctual.sealing import Sealer, Vault
from punctual.tables import Change, ConditionFailed, Item, Table

SHARDS = 8
LEASE_SECONDS = 60
"""Longer than a refresh's calls and the patience with its write, so that no lease ends under a living worker."""
_FREED = ("leased_until", "lease")

_NO_CLOCK: Item = {"refresh_at": None, "refresh_shard": None}


class GrantMoved(Exception):
    """Someone else refreshed, leased or replaced the grant since it was read; `current` is what it is now."""

    def __init__(self, current: StoredGrant | None = None):
        super().__init__("the grant is not as it was read")
        self.current = current


class Grants:
    def __init__(self, table: Table, vault: Vault, now: Now, warn_before: timedelta = WARN_BEFORE):
        self._table = table
        self._vault = vault
        self._now = now
        self._warn_before = warn_before

    def get(self, grant_id: str) -> StoredGrant | None:
        item = self._table.get(key(grant_id))
        return read(item) if item else None

    def open(self, stored: StoredGrant) -> tuple[Grant, App | None]:
        """The tokens themselves, and the registration they were given to."""
        plain = json.loads(self._vault.open(stored.sealed, context(stored.workspace_id, stored.id)))
        app = plain.pop("app")
        refresh = plain["refresh_token"]
        grant = Grant(
            access_token=SecretStr(plain["access_token"]),
            refresh_token=SecretStr(refresh) if refresh else None,
            expires_at=stored.life.expires_at,
            renewable_until=stored.life.renewable_until,
            scopes=stored.scopes,
            server=plain["server"],
            extra=plain["extra"],
        )
        return grant, stored_apps.from_plain(app) if app else None

    def sealer(self, stored: StoredGrant) -> Sealer:
        """To be made before the provider is called: see `Sealer`."""
        return self._vault.sealer(context(stored.workspace_id, stored.id))

    def create(
        self,
        workspace_id: str,
        provider: Provider,
        channel_ids: Sequence[str],
        grant: Grant,
        app: App | None,
        login_id: str | None = None,
    ) -> str:
        """Store what a person's consent gave, for these channels. The new id; later consents have greater ones."""
        grant_id = ids.new("grt")
        item = {
            **key(grant_id),
            **self._sealed(self._vault.sealer(context(workspace_id, grant_id)), grant, app, version=1),
            **_alive(life_of(grant, provider, self._now(), self._warn_before), self._warn_before),
            "workspace_id": workspace_id,
            "provider": provider.spec.id,
            "channel_ids": list(channel_ids),
            "created_at": to_text(self._now()),
        }
        if login_id:
            row = login_rows.row(provider.spec.login, login_id, workspace_id, grant_id)
            self._table.put(row)
            item["login"] = row["pk"]
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
                    self.drop(stored, seen)
            except ConditionFailed:
                continue
            return

    def lease(self, stored: StoredGrant) -> StoredGrant:
        """The same grant, for one worker. Raises GrantMoved while another one has it."""
        return self._lease(stored.id, _as_seen(stored))

    def lease_due(self, grant_id: str) -> StoredGrant:
        """The grant, for one worker, if refreshing it is what is due. Raises GrantMoved with the grant as it is."""
        return self._lease(grant_id, Attr("life.renew_at").lte(to_text(self._now())))

    def renew(
        self, leased: StoredGrant, sealer: Sealer, grant: Grant, app: App | None, provider: Provider
    ) -> StoredGrant:
        """The leased grant, replaced by what the provider gave for it. May be tried again. Raises GrantMoved.

        Where its channels must hear of it, it stays due until they are `told`.
        """
        life = life_of(grant, provider, self._now(), self._warn_before, leased.life)
        missing_scopes = provider.missing_scopes(grant)
        expected = replace(leased, life=life, missing_scopes=missing_scopes, failures=0, failing_since=None)
        fields = {
            **self._sealed(sealer, grant, app, leased.version + 1),
            **_alive(life, self._warn_before),
            "missing_scopes": list(missing_scopes) or None,
            "refreshed_at": to_text(self._now()),
            "renewed_by": leased.lease,
        }
        if leased.untold or expected.facts != leased.facts:
            fields |= self._untold(leased.untold or "facts")
        changed = Change(set=fields, remove=(*_FREED, "failing_since", "last_error", "interrupted_at"))
        try:
            return self._settle(leased, changed)
        except GrantMoved as error:
            if error.current and error.current.renewed_by == leased.lease:
                return error.current  # our own write, whose acknowledgement was lost
            raise

    def postpone(self, leased: StoredGrant, seconds: float, code: str, *, interrupted: bool = False) -> StoredGrant:
        """A transient failure: nothing is lost, the next try comes later; `code` says what failed. `interrupted`:
        nobody knows whether the platform took it for done."""
        now = self._now()
        life = leased.life.put_off(now + timedelta(seconds=seconds))
        fields = {
            **_alive(life, self._warn_before),
            "failures": leased.failures + 1,
            "failing_since": to_text(leased.failing_since or now),
            "last_error": {"code": code, "at": to_text(now)},
            **({"interrupted_at": to_text(now)} if interrupted else {}),
        }
        if leased.untold or leased.failures + 1 == FAILURES_TOLD:
            fields |= self._untold(leased.untold or "facts")
        return self._settle(leased, Change(set=fields, remove=_FREED))

    def strand(self, leased: StoredGrant) -> None:
        """It cannot be renewed any more, and lasts as long as its access token: its people are warned now."""
        life = leased.life.stranded(self._now())
        self._settle(leased, Change(set={"life": LIFE.item(life), **self._untold("warning")}, remove=_FREED))

    def warn(self, stored: StoredGrant) -> StoredGrant:
        """A person must hear that it ends. Raises GrantMoved where that is not so any more, or was seen to already."""
        now = self._now()
        life = stored.life.warned(stored.life.warning_due(now, self._warn_before), now)
        changed = Change(set={"life": LIFE.item(life), **self._untold("warning")})
        free = Attr("leased_until").not_exists() | Attr("leased_until").lt(to_text(now))
        return self._change(stored, changed, free)

    def bury(self, stored: StoredGrant, code: str) -> StoredGrant:
        """It is dead, by what the provider said or by its time; `code` says how. Raises GrantMoved if this version is
        not the stored one any more.

        It stays due until `told`, so that its channels hear of it although this worker may die first.
        """
        changed = Change(set={"dead": True, "ended_by": code, **self._untold("end")}, remove=_FREED)
        return self._update(stored.id, changed, Attr("version").eq(stored.version))

    def told(self, stored: StoredGrant) -> None:
        """All its channels know what is seen here. Raises GrantMoved where there is more to tell."""
        clock = _NO_CLOCK if stored.dead else _clock(stored.life.next_at(self._warn_before))
        changed = Change(set={**clock, "untold": None})
        self._change(stored, changed, Attr("dead").eq(stored.dead) & Attr("failures").eq(stored.failures))

    def reset_clock(self, stored: StoredGrant) -> None:
        """Where there was nothing to do at its time."""
        with suppress(GrantMoved):
            self._change(stored, Change(set=_clock(stored.life.next_at(self._warn_before))), Attr("dead").eq(False))

    def task(self, stored: StoredGrant) -> Task | None:
        """What is to be done for it now."""
        return stored.life.task(self._now(), self._warn_before)

    def note_unrevoked(self, leased: StoredGrant) -> int:
        """How often its platform was asked in vain to end it. Raises GrantMoved."""
        changed = Change(add={"unrevoked": 1}, remove=_FREED)
        return self._settle(leased, changed).unrevoked

    def is_last_of_login(self, stored: StoredGrant) -> bool:
        """Whether no other grant that works came of the same person's consent, in whichever workspace."""
        others = map(self.get, login_rows.others(self._table, stored.login, stored.id))
        return not any(other and not other.dead for other in others)

    def forget(self, grant_id: str) -> None:
        """Whoever uses it."""
        stored = self.get(grant_id)
        if stored:
            self.drop(stored)

    def drop(self, stored: StoredGrant, condition: ConditionBase | None = None) -> None:
        """Raises ConditionFailed. What led to it goes last: while it is there, it can be found."""
        self._table.delete(key(stored.id), condition)
        if stored.login:
            self._table.delete({"pk": stored.login, "sk": stored.id})

    def due(self, shard: int, limit: int) -> Iterator[DueGrant]:
        """Those that have something due, the longest waiting first; the index may be a moment behind."""
        condition = KeyCondition("refresh_shard").eq(shard) & KeyCondition("refresh_at").lte(to_text(self._now()))
        page = self._table.query(condition, index="refresh", limit=limit)
        return (DueGrant(id=item["pk"], provider=item["provider"]) for item in page.items)

    def _lease(self, grant_id: str, wanted: ConditionBase) -> StoredGrant:
        """One that was not given back in time is taken over, and the grant marked: see `interrupted_at`."""
        now = self._now()
        taken = {"leased_until": to_text(now + timedelta(seconds=LEASE_SECONDS)), "lease": ids.new("att")}
        alive = wanted & Attr("dead").eq(False)
        try:
            return self._take(grant_id, taken, alive & Attr("lease").not_exists())
        except GrantMoved as error:
            met = error.current
            if met is None or met.lease is None or met.is_leased(now):
                raise
        marked = {**taken, "interrupted_at": to_text(now)}
        return replace(self._take(grant_id, marked, alive & Attr("lease").eq(met.lease)), took_over=True)

    def _take(self, grant_id: str, taken: Item, condition: ConditionBase) -> StoredGrant:
        try:
            return self._update(grant_id, Change(set=taken), condition)
        except GrantMoved as error:
            if error.current and error.current.lease == taken["lease"]:
                return error.current  # our own write, whose acknowledgement was lost
            raise

    def _settle(self, leased: StoredGrant, changed: Change) -> StoredGrant:
        mine = Attr("version").eq(leased.version) & Attr("lease").eq(leased.lease)
        return self._update(leased.id, changed, mine)

    def _change(self, seen: StoredGrant, changed: Change, condition: ConditionBase) -> StoredGrant:
        return self._update(seen.id, changed, _as_seen(seen) & condition)

    def _update(self, grant_id: str, changed: Change, condition: ConditionBase) -> StoredGrant:
        try:
            return read(self._table.update(key(grant_id), changed, condition, tells_why=True))
        except ConditionFailed as error:
            raise GrantMoved(read(error.item) if error.item else None) from error

    def _sealed(self, sealer: Sealer, grant: Grant, app: App | None, version: int) -> Item:
        """Scopes are no secret, and are read by those who may not open it."""
        sealed = sealer.seal(to_seal(grant, app))
        return {
            **sealed.attributes(),
            "scopes": list(grant.scopes) or None,
            "version": version,
            "dead": False,
            "failures": 0,
        }

    def _untold(self, what: Untold) -> Item:
        return {"untold": what, **_clock(self._now())}


def _alive(life: Life, warn_before: timedelta) -> Item:
    return {"life": LIFE.item(life), **_clock(life.next_at(warn_before))}


def _clock(at: datetime | None) -> Item:
    """A random shard spreads the load, and guards nothing."""
    return {"refresh_at": to_text(at), "refresh_shard": random.randrange(SHARDS)} if at else _NO_CLOCK  # noqa: S311


def _as_seen(seen: StoredGrant) -> ConditionBase:
    return Attr("version").eq(seen.version) & Attr("life").eq(LIFE.item(seen.life))


def key(grant_id: str) -> dict[str, str]:
    return {"pk": grant_id, "sk": "grant"}

"""Grants as their table has them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from punctual.apps import stored as stored_apps
from punctual.grants.facts import GrantFacts
from punctual.grants.life import Life
from punctual.providers.base import App, Grant
from punctual.sealing import Context, Sealed
from punctual.stored import Stored
from punctual.tables import Item

FAILURES_TOLD = 3
"""Refreshes that failed in a row before channels hear of it: one or two are nothing."""
LIFE = Stored(Life)

Untold: TypeAlias = Literal["facts", "warning", "end"]


@dataclass(frozen=True, kw_only=True)
class StoredGrant:
    """A grant as stored; `version` grows with every refresh."""

    id: str
    workspace_id: str
    provider: str
    channel_ids: tuple[str, ...]
    created_at: datetime
    version: int
    sealed: Sealed
    life: Life
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    refreshed_at: datetime | None
    dead: bool
    leased_until: datetime | None
    lease: str | None
    failures: int
    failing_since: datetime | None = None
    last_error: Mapping[str, str] | None = None
    """`code` and `at` of the failure that was last."""
    ended_by: str | None = None
    """The code of what ended it: what the platform said, or its time."""
    login: str | None = None
    """What leads here from who logged in."""
    unrevoked: int = 0
    """How often its platform was asked in vain to end it."""
    untold: Untold | None = None
    """What its channels have not heard of yet, or a person who should."""
    renewed_by: str | None = None
    """The lease under which its present tokens were stored."""
    interrupted_at: datetime | None = None
    """When it was found that a refresh had begun whose end nobody knows; None once one has succeeded."""
    took_over: bool = False
    """Of a leased grant: the lease before it was never given back. Not stored."""

    def is_leased(self, now: datetime) -> bool:
        return self.leased_until is not None and self.leased_until >= now

    @property
    def facts(self) -> GrantFacts:
        failing = self.failures >= FAILURES_TOLD
        return GrantFacts(
            grant_ends_at=self.life.ends_at,
            token_expiring_since=self.life.expiring_since,
            missing_scopes=self.missing_scopes,
            refresh_failing_since=self.failing_since if failing else None,
            grant_expires_at=self.life.expires_at if failing else None,
        )


@dataclass(frozen=True, kw_only=True)
class DueGrant:
    id: str
    provider: str


def context(workspace_id: str, grant_id: str) -> Context:
    """What a grant is sealed under."""
    return {"workspace": workspace_id, "grant": grant_id}


def to_seal(grant: Grant, app: App | None) -> bytes:
    """What is sealed of it."""
    refresh = grant.refresh_token
    plain: dict[str, Any] = {
        "access_token": grant.access_token.get_secret_value(),
        "refresh_token": refresh.get_secret_value() if refresh else None,
        "server": grant.server,
        "extra": dict(grant.extra),
        "app": stored_apps.to_plain(app) if app else None,
    }
    return json.dumps(plain).encode()


def read(item: Item) -> StoredGrant:
    return StoredGrant(
        id=item["pk"],
        workspace_id=item["workspace_id"],
        provider=item["provider"],
        channel_ids=tuple(item["channel_ids"]),
        created_at=datetime.fromisoformat(item["created_at"]),
        version=int(item["version"]),
        sealed=Sealed.of(item),
        life=LIFE.read(item["life"]),
        scopes=tuple(item.get("scopes") or ()),
        missing_scopes=tuple(item.get("missing_scopes") or ()),
        refreshed_at=_moment(item.get("refreshed_at")),
        dead=bool(item["dead"]),
        leased_until=_moment(item.get("leased_until")),
        lease=item.get("lease"),
        failures=int(item["failures"]),
        failing_since=_moment(item.get("failing_since")),
        last_error=item.get("last_error"),
        ended_by=item.get("ended_by"),
        login=item.get("login"),
        unrevoked=int(item.get("unrevoked", 0)),
        untold=item.get("untold"),
        renewed_by=item.get("renewed_by"),
        interrupted_at=_moment(item.get("interrupted_at")),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

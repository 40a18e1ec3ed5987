"""Renditions: what was made of a media by a recipe, and what is still to be made.

pending ── ready | failed

A pending one has a clock of its own: posts ask for renditions and never touch the media's row.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import due
from punctual.clock import Moment, Now
from punctual.media.facts import Facts
from punctual.media.library import PREFIX, Refusal
from punctual.media.recipes import Recipe
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

RenditionStatus: TypeAlias = Literal["pending", "ready", "failed"]
ROW = "rendition#"
PASSING = frozenset({"too_costly", "storage_full"})
"""Refusals that may not come again: a worker was killed for reasons of its own, or there is room by now."""


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """`version` counts writes."""

    media_id: str
    workspace_id: str
    key: str
    """Its recipe's."""
    recipe: Recipe
    status: RenditionStatus
    created_at: Moment
    facts: Facts | None = None
    refusal: Refusal | None = None
    tries: int = 0
    version: int = 1
    next_at: Moment | None = None
    busy_until: Moment | None = None
    """A worker makes it, and none else begins before then."""

    @property
    def may_work_now(self) -> bool:
        """It failed, for a reason that may have passed."""
        return self.refusal is not None and self.refusal.code in PASSING

    @property
    def path(self) -> str:
        """In the bucket."""
        return f"{PREFIX}{self.workspace_id}/{self.media_id}/{self.key}"


STORED = Stored(Rendition)
_IDLE: dict[str, Any] = {"next_at": None, "busy_until": None}
_WRITE = "write_id"
"""Of the last write, so that whoever made it recognises it."""


class Renditions:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def get_all(self, workspace_id: str, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Rendition]:
        """By media and key; those that were never asked for are left out."""
        keys = [key(workspace_id, *each) for each in dict.fromkeys(wanted)]
        found = map(STORED.read, self._table.get_all(keys) if keys else [])
        return {(each.media_id, each.key): each for each in found}

    def of(self, workspace_id: str, media_id: str) -> list[Rendition]:
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with(f"{ROW}{media_id}#")
        return [STORED.read(item) for item in self._table.every(mine)]

    def ask(self, workspace_id: str, media_id: str, recipe: Recipe) -> Rendition:
        """As it is, pending if it was never asked for, or failed for a reason that may have passed.

        Who asks sends a MediaMessage too: without it, the sweep begins a minute later.
        """
        now = self._now()
        asked = Rendition(
            media_id=media_id,
            workspace_id=workspace_id,
            key=recipe.key,
            recipe=recipe,
            status="pending",
            created_at=now,
            next_at=now,
        )
        where = key(workspace_id, media_id, recipe.key)
        try:
            self._table.put({**where, **_item(asked)}, Attr("pk").not_exists())
        except ConditionFailed:
            found = self._table.get(where)
            return self._again(STORED.read(found), now) if found else asked
        return asked

    def begin(self, seen: Rendition, until: datetime) -> Rendition:
        """One more try, which ends by then. Raises ConditionFailed where somebody else began or settled it."""
        return self._change(seen, tries=seen.tries + 1, next_at=until, busy_until=until)

    def give_back(self, begun: Rendition) -> None:
        """A try that did not count. Raises ConditionFailed where it is not as it was seen."""
        self._change(begun, tries=begun.tries - 1, next_at=self._now(), busy_until=None)

    def settle(self, seen: Rendition, *, facts: Facts | None = None, refusal: Refusal | None = None) -> Rendition:
        """How it ended. Raises ConditionFailed where it is not as it was seen."""
        return self._change(seen, **_end(facts, refusal))

    def settling(self, seen: Rendition, *, facts: Facts | None = None, refusal: Refusal | None = None) -> Item:
        """The same, for a transaction."""
        change = _changed(replace(seen, **_end(facts, refusal), version=seen.version + 1))
        return self._table.updating(_key_of(seen), change, _as(seen))

    def remove(self, seen: Rendition) -> None:
        """Its row; once more does no harm."""
        self._table.delete(_key_of(seen))

    def _again(self, found: Rendition, now: datetime) -> Rendition:
        if not found.may_work_now:
            return found
        try:
            return self._change(found, status="pending", refusal=None, tries=0, next_at=now, busy_until=None)
        except ConditionFailed:
            return found

    def _change(self, seen: Rendition, **changes: Any) -> Rendition:
        changed = replace(seen, **changes, version=seen.version + 1)
        write_id = secrets.token_hex(8)
        change = _changed(changed)
        try:
            self._table.update(_key_of(seen), Change(set={**change.set, _WRITE: write_id}), _as(seen), tells_why=True)
        except ConditionFailed as error:
            if (error.item or {}).get(_WRITE) != write_id:  # else it is our own, whose acknowledgement was lost
                raise
        return changed


def key(workspace_id: str, media_id: str, recipe_key: str) -> Item:
    return {"pk": workspace_id, "sk": f"{ROW}{media_id}#{recipe_key}"}


def _key_of(seen: Rendition) -> Item:
    return key(seen.workspace_id, seen.media_id, seen.key)


def _as(seen: Rendition) -> Any:
    return Attr("version").eq(seen.version)


def _end(facts: Facts | None, refusal: Refusal | None) -> dict[str, Any]:
    return {"status": "ready" if facts else "failed", "facts": facts, "refusal": refusal, **_IDLE}


def _item(rendition: Rendition) -> Item:
    """With what the index of the overdue shows of it."""
    clock = due.clock(rendition.media_id, rendition.next_at) if rendition.next_at else due.NO_CLOCK
    return {**STORED.item(rendition), **clock, "rev": rendition.version}


def _changed(rendition: Rendition) -> Change:
    item = _item(rendition)
    names = ("status", "facts", "refusal", "tries", "version", "rev", "busy_until", *due.NO_CLOCK)
    return Change(set={name: item.get(name) for name in names})

"""Renditions: what was made of a media by a recipe, and what is still to be made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from punctual.clock import Moment, Now
from punctual.media.facts import Facts
from punctual.media.library import PREFIX, Refusal
from punctual.media.recipes import Recipe
from punctual.stored import Stored
from punctual.tables import Item, Table

RenditionStatus: TypeAlias = Literal["pending", "ready", "failed"]


@dataclass(frozen=True, kw_only=True)
class Rendition:
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

    @property
    def path(self) -> str:
        """In the bucket."""
        return f"{PREFIX}{self.workspace_id}/{self.media_id}/{self.key}"


STORED = Stored(Rendition)


class Renditions:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def get_all(self, workspace_id: str, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Rendition]:
        """By media and key; those that were never asked for are left out."""
        keys = [key(workspace_id, *each) for each in dict.fromkeys(wanted)]
        found = map(STORED.read, self._table.get_all(keys) if keys else [])
        return {(each.media_id, each.key): each for each in found}


def key(workspace_id: str, media_id: str, recipe_key: str) -> Item:
    return {"pk": workspace_id, "sk": f"rendition#{media_id}#{recipe_key}"}

"""What every kind is, and how it reads an item that may lack anything."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from punctual.events.changes import Change
from punctual.events.told import Facts
from punctual.tables import Item, Table


@dataclass(frozen=True, kw_only=True)
class Said:
    """One event that a change makes. `acted` is whose it was, where the item itself cannot say so: it is gone."""

    type: str
    data: Mapping[str, Any]
    acted: str | None = None


class Kind(ABC):
    name: str
    leaves_a_row: bool = False
    """Whether whoever deletes one leaves a row (leftovers.py): one that is gone without it expired."""

    @abstractmethod
    def has(self, pk: str, sk: str) -> bool:
        """Whether an item with this key is of this kind, and has an id."""

    @abstractmethod
    def subject(self, pk: str, sk: str) -> str:
        """The item's id."""

    @abstractmethod
    def key(self, workspace_id: str, subject: str, facts: Facts) -> Item:
        """The item's key, from what was told of it."""

    @abstractmethod
    def facts(self, item: Item) -> dict[str, Any]:
        """JSON without None: few and small. Never raises, whatever the item lacks: one that is broken must not keep
        the others' events waiting."""

    @abstractmethod
    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        """The events that lead from what was told to what is now, in order. `before` is None where nothing was told
        yet, `after` where the item is gone; never both. `work` is for what the change does not say itself.

        Where the change was read from the table, several may have come between: what came and went among them is not
        told. Of an item that is gone the change may then hold no more than its `workspace_id`."""

    def workspace_id(self, item: Item) -> str | None:
        """None: it is broken, and there is nobody to tell of it."""
        return text(item, "workspace_id")

    def told_first(self, before: Facts | None, after: Facts | None) -> str | None:
        """The beginning of the sort keys of those items, in the item's partition, that are told before it is."""
        return None

    def follows(self, after: Facts | None, told: Sequence[Facts | None]) -> bool:
        """Whether the item is as what was told of those says it must be: what became of them since has its own turn."""
        return False

    def is_over(self, facts: Facts | None) -> bool:
        """Whether it need not change any more."""
        return False


class OfWorkspace(Kind):
    """A kind whose items lie in their workspace's partition, as `<name>#<id>`."""

    def has(self, pk: str, sk: str) -> bool:
        prefix = f"{self.name}#"
        return pk.startswith("ws_") and sk > prefix and sk.startswith(prefix)

    def subject(self, pk: str, sk: str) -> str:
        return sk.removeprefix(f"{self.name}#")

    def key(self, workspace_id: str, subject: str, facts: Facts) -> Item:
        return {"pk": workspace_id, "sk": f"{self.name}#{subject}"}


def text(item: Mapping[str, Any], name: str) -> str | None:
    found = item.get(name)
    return found if isinstance(found, str) and found else None


def number(item: Mapping[str, Any], name: str) -> int | None:
    found = item.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def inner(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def rows(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = item.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def texts(item: Mapping[str, Any], name: str) -> list[str]:
    found = item.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def without_none(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}

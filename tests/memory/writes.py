"""One write: what it needs of the item that stands there, and what it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.memory import expressions
from tests.memory.expressions import Expressions
from tests.memory.indexes import Item, Key, Row
from tests.memory.refusals import ItemRefused, invalid
from tests.memory.stored_tables import StoredTable
from tests.memory.values import item_given_back, stored_item

_TOO_LARGE = "Item size has exceeded the maximum allowed size"
_UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


@dataclass(frozen=True)
class Write:
    """`kind` is Put, Update, Delete or ConditionCheck. What AWS refuses without reading the item is refused by then."""

    kind: str
    table: StoredTable
    key: Key
    expressions: Expressions
    request: Mapping[str, Any]
    put: Row | None = None

    @property
    def old(self) -> Item | None:
        row = self.table.rows.get(self.key)
        return row.item if row else None

    def allowed(self) -> bool:
        return self.expressions.holds("ConditionExpression", self.old or {})

    def outcome(self) -> Row | None:
        """The row it leaves; raises ItemRefused."""
        if self.kind == "Put":
            return self.put
        if self.kind == "Delete":
            return None
        item = self.old or dict(zip(self.table.keys, self.key, strict=True))
        update = self.expressions.update
        return self.table.row(update.carried_out(item, self.expressions.bound) if update else item, _UPDATE_TOO_LARGE)

    def failed_item(self) -> Item | None:
        """For an error, if the caller asked for it."""
        wanted = self.request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        return item_given_back(self.old) if wanted and self.old else None


def planned(kind: str, table: StoredTable, request: Mapping[str, Any]) -> Write:
    bound = expressions.of(request)
    if kind == "Put":
        item = stored_item(request["Item"])
        key = table.key_of(item)
        return Write(kind, table, key, bound, request, table.row(item, _TOO_LARGE))
    key = table.key(request["Key"])
    if kind == "ConditionCheck" and not bound.conditions:
        raise invalid("The expression can not be empty;")
    changed = set(bound.update.names(bound.bound)) & set(table.keys) if bound.update else None
    if changed:
        told = f"Cannot update attribute {changed.pop()}. This attribute is part of the key"
        raise ItemRefused(f"One or more parameter values were invalid: {told}")
    return Write(kind, table, key, bound, request)

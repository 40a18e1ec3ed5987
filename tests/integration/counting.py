"""AWS calls, counted as AWS prices them: calls, bytes, and DynamoDB's read and write units."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil
from typing import Any

from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.values import item_size

_READ_UNIT, _WRITE_UNIT = 4096, 1024
_TRANSACTION = 2
"""A transaction's writes cost twice: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html"""


@dataclass
class Bill:
    calls: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    """Of requests and answers, as JSON."""
    read_units: float = 0
    write_units: int = 0

    def copy(self) -> "Bill":
        return replace(self, calls=Counter(self.calls))


class Counted:
    """A client that puts every call on the bill; `service` names it there."""

    def __init__(self, service: str, client: Any, bill: Bill):
        self._service = service
        self._client = client
        self.bill = bill

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return partial(self._call, name, found) if callable(found) else found

    def _call(self, name: str, method: Any, **given: Any) -> Any:
        before = self._rows()
        answer = method(**given)
        self.bill.calls[f"{self._service}.{name}"] += 1
        self.bill.bytes += len(json.dumps([given, answer], default=repr))
        if isinstance(self._client, MemoryDynamoDB):
            self.bill.read_units += read_units(name, given, answer)
            factor = _TRANSACTION if name == "transact_write_items" else 1
            self.bill.write_units += factor * sum(self._written(before))
        return answer

    def _rows(self) -> dict[str, dict[Any, Any]]:
        if not isinstance(self._client, MemoryDynamoDB):
            return {}
        return {name: dict(table.rows) for name, table in self._client.tables.items()}

    def _written(self, before: Mapping[str, Mapping[Any, Any]]) -> Iterator[int]:
        """Units of each write: the item itself, and every index in which something changed."""
        for name, table in self._client.tables.items():
            for key in {*before[name], *table.rows}:
                old, new = before[name].get(key), table.rows.get(key)
                if old is new:
                    continue
                yield ceil(max(_size(old), _size(new)) / _WRITE_UNIT)
                for index in table.definition.get("GlobalSecondaryIndexes", ()):
                    yield _index_units(index, table.keys, old, new)


def read_units(name: str, given: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Consistent reads cost one unit for 4 KB, others half; a read that finds nothing costs as much as a small one."""
    if name == "get_item":
        return max(1, ceil(item_size(answer.get("Item") or {}) / _READ_UNIT))
    if name == "batch_get_item":
        found = [item for items in answer["Responses"].values() for item in items]
        asked = sum(len(each["Keys"]) for each in given["RequestItems"].values())
        return sum(ceil(item_size(item) / _READ_UNIT) for item in found) + asked - len(found)
    if name == "query":
        units = max(1, ceil(sum(item_size(item) for item in answer["Items"]) / _READ_UNIT))
        return units if given.get("ConsistentRead") else units / 2
    return 0


def _index_units(index: Mapping[str, Any], table_keys: Any, old: Any, new: Any) -> int:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html, "write capacity units"."""
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    shown_old, shown_new = (_shown(index, keys, table_keys, row) for row in (old, new))
    if shown_old == shown_new:
        return 0
    moved = bool(shown_old and shown_new) and any(shown_old[key] != shown_new[key] for key in keys)
    sizes = [item_size(shown) for shown in (shown_old, shown_new) if shown]
    return sum(ceil(size / _WRITE_UNIT) for size in sizes) if moved else ceil(max(sizes) / _WRITE_UNIT)


def _shown(index: Mapping[str, Any], keys: list[str], table_keys: Any, row: Any) -> dict[str, Any]:
    item = row.item if row else {}
    if not all(key in item for key in keys):
        return {}
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return dict(item)
    names = {*keys, *table_keys, *projection.get("NonKeyAttributes", ())}
    return {name: value for name, value in item.items() if name in names}


def _size(row: Any) -> int:
    return item_size(row.item) if row else 0

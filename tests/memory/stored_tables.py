"""One table: its key schema, what it refuses, its rows and its indexes."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.memory.indexes import Item, Key, LaggingRows, Row, SortedRows, projected
from tests.memory.refusals import ItemRefused, client_error, invalid
from tests.memory.values import checked_size, letter, stored

_EMPTY = "One or more parameter values are not valid. "
_NO_EMPTY = "The AttributeValue for a key attribute cannot contain an empty string value. "
_INVALID = "One or more parameter values were invalid: "
_KEY_BYTES = (2048, 1024)


class StoredTable:
    def __init__(self, definition: Mapping[str, Any], lag: Callable[[str, str], float], clock: Callable[[], float]):
        self.definition = definition
        self.name: str = definition["TableName"]
        self.id = str(uuid.uuid4())
        self.types = {one["AttributeName"]: one["AttributeType"] for one in definition["AttributeDefinitions"]}
        self.keys = _names(definition["KeySchema"])
        self.main = SortedRows(self.keys)
        self.listeners: list[Callable[[Item | None, Item | None], None]] = []
        self._indexes: dict[str, LaggingRows] = {}
        for found in definition.get("GlobalSecondaryIndexes") or ():
            name = found["IndexName"]
            index = SortedRows(_names(found["KeySchema"]), name=name, projection=projected(found, self.keys))
            self._indexes[name] = LaggingRows(index, lambda name=name: lag(self.name, name), clock)  # type: ignore[misc]
        self._index_keys = [
            (name, lagging.index.name) for lagging in self._indexes.values() for name in lagging.index.keys
        ]
        _check_definitions(self.types, [self.keys, *(lagging.index.keys for lagging in self._indexes.values())])

    @property
    def rows(self) -> dict[Key, Row]:
        return self.main.rows

    def key(self, given: Mapping[str, Any]) -> Key:
        """Of a request's Key."""
        found = {name: stored(value) for name, value in given.items()}
        if found.keys() != set(self.keys) or any(letter(found[name]) != self.types[name] for name in self.keys):
            raise ItemRefused("The provided key element does not match the schema")
        return self._checked(found)

    def key_of(self, item: Item) -> Key:
        """Of a whole item, as it is put."""
        for name in self.keys:
            if name not in item:
                raise ItemRefused(f"{_INVALID}Missing the key {name} in the item")
            if letter(item[name]) != self.types[name]:
                mismatch = f"expected: {self.types[name]} actual: {letter(item[name])}"
                raise ItemRefused(f"{_INVALID}Type mismatch for key {name} {mismatch}")
        return self._checked(item)

    def index(self, name: str | None) -> SortedRows:
        if name is None:
            return self.main
        if name not in self._indexes:
            raise invalid(f"The table does not have the specified index: {name}")
        return self._indexes[name].arrive()

    def settle(self) -> None:
        for lagging in self._indexes.values():
            lagging.arrive(float("inf"))

    def row(self, item: Item, refusal: str) -> Row:
        """The item, checked against the indexes' schemas and the greatest size."""
        for name, index in self._index_keys:
            if name in item:
                self._check_index_key(name, item[name], index)
        return Row(item, checked_size(item, refusal))

    def write(self, key: Key, row: Row | None) -> None:
        before = self.rows.get(key)
        self.main.write(key, row)
        for told in self.listeners:
            told(before.item if before else None, row.item if row else None)
        for lagging in self._indexes.values():
            lagging.write(key, row)

    def describe(self) -> dict[str, Any]:
        kept = ("TableName", "KeySchema", "AttributeDefinitions")
        indexes = [
            {**found, "IndexStatus": "ACTIVE", "ItemCount": len(self._indexes[found["IndexName"]].index.rows)}
            for found in self.definition.get("GlobalSecondaryIndexes") or ()
        ]
        arn = f"arn:aws:dynamodb:eu-central-1:123456789012:table/{self.name}"
        known = {"TableStatus": "ACTIVE", "TableId": self.id, "TableArn": arn, "ItemCount": len(self.rows)}
        listed = {"GlobalSecondaryIndexes": indexes} if indexes else {}
        return {**{name: self.definition[name] for name in kept}, **known, **listed}

    def _checked(self, item: Mapping[str, Any]) -> Key:
        found = tuple(item[name] for name in self.keys)
        for name, value, most in zip(self.keys, found, _KEY_BYTES, strict=False):
            if value in ("", b""):
                raise invalid(f"{_EMPTY}{_NO_EMPTY}Key: {name}")
            if self.types[name] != "N" and len(value if isinstance(value, bytes) else value.encode()) > most:
                raise ItemRefused(f"{_INVALID}Size of key {name} has exceeded the maximum size limit of {most} bytes")
        return found

    def _check_index_key(self, name: str, value: Any, index: str) -> None:
        if letter(value) != self.types[name]:
            mismatch = f"Expected: {self.types[name]} Actual: {letter(value)} IndexName: {index}"
            raise ItemRefused(f"{_INVALID}Type mismatch for Index Key {name} {mismatch}")
        if value in ("", b""):
            told = "A value specified for a secondary index key is not supported. "
            raise invalid(f"{_EMPTY}{told}{_NO_EMPTY}IndexName: {index}, IndexKey: {name}")


def _names(schema: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(key["AttributeName"] for key in sorted(schema, key=lambda key: key["KeyType"]))


def _check_definitions(types: Mapping[str, str], schemas: Sequence[Sequence[str]]) -> None:
    if set(types) != {name for schema in schemas for name in schema}:
        raise client_error(
            "CreateTable",
            "ValidationException",
            f"{_INVALID}Number of attributes in KeySchema does not exactly match AttributeDefinitions",
        )

"""A sorted view of a table: its own order, or a global secondary index, which may lag."""

import heapq
import itertools
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from tests.memory.values import item_size

Item: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[Any, ...]
Entry: TypeAlias = tuple[Any, Key]
_range = itemgetter(0)


@dataclass(frozen=True)
class Row:
    item: Item
    size: int


@dataclass(frozen=True)
class Span:
    """The range keys a query wants: `low` to `high`, each with whether it belongs, or what begins with `prefix`."""

    low: tuple[Any, bool] | None = None
    high: tuple[Any, bool] | None = None
    prefix: Any = None

    def within(self, entries: Sequence[Entry]) -> tuple[int, int]:
        if self.prefix is not None:
            length = len(self.prefix)
            return (
                bisect_left(entries, self.prefix, key=_range),
                bisect_right(entries, self.prefix, key=lambda entry: entry[0][:length]),
            )
        start, end = 0, len(entries)
        if self.low:
            start = (bisect_left if self.low[1] else bisect_right)(entries, self.low[0], key=_range)
        if self.high:
            end = (bisect_right if self.high[1] else bisect_left)(entries, self.high[0], key=_range)
        return start, max(start, end)


class SortedRows:
    """Rows by hash key, in the order of their range key (None where the schema has none)."""

    def __init__(self, keys: Sequence[str], *, name: str = "", projection: frozenset[str] | None = None):
        self.name = name
        self.keys = tuple(keys)
        self._hash_name, self._range_name = (*self.keys, "")[:2]
        self._projection = projection
        self.rows: dict[Key, Row] = {}
        self.partitions: dict[Any, list[Entry]] = {}
        self._scan_order: list[tuple[Any, Entry]] | None = None

    def write(self, key: Key, row: Row | None) -> None:
        old = self._place(self.rows.get(key))
        new = self._place(row)
        if old != new:
            self._scan_order = None
            if old:
                self._drop(old, key)
            if new:
                insort(self.partitions.setdefault(new[0], []), (new[1], key))
        if row and new:
            self.rows[key] = row
        elif old:
            del self.rows[key]

    def between(self, hash_key: Any, span: Span, after: Entry | None, *, forward: bool) -> Iterator[Entry]:
        entries = self.partitions.get(hash_key, [])
        start, end = span.within(entries)
        if after and forward:
            start = max(start, bisect_right(entries, after))
        elif after:
            end = min(end, bisect_left(entries, after))
        return iter(entries[place] for place in (range(start, end) if forward else range(end - 1, start - 1, -1)))

    def all_from(self, after: tuple[Any, Entry] | None) -> Iterator[Entry]:
        if self._scan_order is None:
            self._scan_order = sorted(
                (hash_key, entry) for hash_key, entries in self.partitions.items() for entry in entries
            )
        order = self._scan_order
        start = bisect_right(order, after) if after else 0
        return (order[place][1] for place in range(start, len(order)))

    def shown(self, row: Row) -> Row:
        """What the index holds of a row."""
        if self._projection is None:
            return row
        item = {name: value for name, value in row.item.items() if name in self._projection}
        return Row(item, item_size(item))

    def _place(self, row: Row | None) -> tuple[Any, Any] | None:
        """Hash and range key; None for what a sparse index does not hold."""
        if row is None or self._hash_name not in row.item:
            return None
        if not self._range_name:
            return row.item[self._hash_name], None
        return (row.item[self._hash_name], row.item[self._range_name]) if self._range_name in row.item else None

    def _drop(self, place: tuple[Any, Any], key: Key) -> None:
        entries = self.partitions[place[0]]
        del entries[bisect_left(entries, (place[1], key))]
        if not entries:
            del self.partitions[place[0]]


class LaggingRows:
    """Writes on their way to an index: those to one item arrive in order, those to different items need not."""

    def __init__(self, index: SortedRows, lag: Callable[[], float], clock: Callable[[], float]):
        self.index = index
        self._lag = lag
        self._clock = clock
        self._pending: list[tuple[float, int, Key, Row | None]] = []
        self._order = itertools.count()
        self._latest: dict[Key, tuple[float, int]] = {}

    def write(self, key: Key, row: Row | None) -> None:
        lag = self._lag()
        if lag <= 0 and key not in self._latest:
            self.index.write(key, row)
            return
        turn = next(self._order)
        due = max(self._clock() + max(lag, 0), self._latest.get(key, (0.0, 0))[0])
        self._latest[key] = (due, turn)
        heapq.heappush(self._pending, (due, turn, key, row))

    def arrive(self, until: float | None = None) -> SortedRows:
        """The index with what has reached it by now, or by `until`."""
        if self._pending:
            now = self._clock() if until is None else until
            while self._pending and self._pending[0][0] <= now:
                due, turn, key, row = heapq.heappop(self._pending)
                self.index.write(key, row)
                if self._latest[key] == (due, turn):
                    del self._latest[key]
        return self.index


def projected(definition: Mapping[str, Any], table_keys: Sequence[str]) -> frozenset[str] | None:
    """The attributes an index holds; None for all."""
    projection = definition["Projection"]
    if projection["ProjectionType"] == "ALL":
        return None
    keys = {key["AttributeName"] for key in definition["KeySchema"]}
    return frozenset({*table_keys, *keys, *projection.get("NonKeyAttributes", ())})

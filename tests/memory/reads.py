"""query and scan: spans of a sorted index, in pages."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.memory import expressions
from tests.memory.conditions import Comparison
from tests.memory.expressions import Expressions
from tests.memory.indexes import Entry, Item, Key, SortedRows, Span
from tests.memory.parsing import Path, Value
from tests.memory.refusals import invalid
from tests.memory.stored_tables import StoredTable
from tests.memory.values import item_given_back, letter, stored_item

_NOT_SUPPORTED = "Query key condition not supported"


def query(table: StoredTable, request: Mapping[str, Any], page_bytes: int) -> Item:
    index = _index(table, request)
    bound = expressions.of(request)
    if "KeyConditionExpression" not in bound.conditions:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    hash_key, span = _key_condition(table, index, bound)
    _check_filter(index, bound)
    after = _start(table, index, request)
    if after and after[0] != hash_key:
        raise invalid("The provided starting key is outside query boundaries based on provided conditions")
    forward = request.get("ScanIndexForward", True)
    return _page(
        index, table, index.between(hash_key, span, after and after[1], forward=forward), request, bound, page_bytes
    )


def scan(table: StoredTable, request: Mapping[str, Any], page_bytes: int) -> Item:
    index = _index(table, request)
    bound = expressions.of(request)
    return _page(index, table, index.all_from(_start(table, index, request)), request, bound, page_bytes)


def _index(table: StoredTable, request: Mapping[str, Any]) -> SortedRows:
    if request.get("IndexName") and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    return table.index(request.get("IndexName"))


def _page(
    index: SortedRows,
    table: StoredTable,
    entries: Iterator[Entry],
    request: Mapping[str, Any],
    bound: Expressions,
    page_bytes: int,
) -> Item:
    """A full page names where it ended, also where nothing follows: only an answer without a key is the last."""
    limit = request.get("Limit") or float("inf")
    items: list[Item] = []
    seen = read_bytes = 0
    ended_at: Key | None = None
    for _, key in entries:
        row = index.shown(index.rows[key])
        if read_bytes + row.size > page_bytes and seen:
            break
        seen, read_bytes, ended_at = seen + 1, read_bytes + row.size, key
        if bound.holds("FilterExpression", row.item):
            items.append(item_given_back(row.item))
        if seen >= limit:
            break
    else:
        ended_at = None
    answer: Item = {"Items": items, "Count": len(items), "ScannedCount": seen}
    if ended_at:
        answer["LastEvaluatedKey"] = _last_key(index, table, ended_at)
    return answer


def _last_key(index: SortedRows, table: StoredTable, key: Key) -> Item:
    item = index.rows[key].item
    return item_given_back({name: item[name] for name in dict.fromkeys((*index.keys, *table.keys))})


def _start(table: StoredTable, index: SortedRows, request: Mapping[str, Any]) -> tuple[Any, Entry] | None:
    """Hash key and entry of the item to go on after; it need not stand there any more."""
    if not request.get("ExclusiveStartKey"):
        return None
    given = stored_item(request["ExclusiveStartKey"])
    wanted = {*index.keys, *table.keys}
    if given.keys() != wanted or any(letter(given[name]) != table.types[name] for name in wanted):
        raise invalid("The provided starting key is invalid")
    key = tuple(given[name] for name in table.keys)
    return given[index.keys[0]], (given[index.keys[1]] if len(index.keys) > 1 else None, key)


def _key_condition(table: StoredTable, index: SortedRows, bound: Expressions) -> tuple[Any, Span]:
    condition = bound.conditions["KeyConditionExpression"]
    if not condition.conjunctive or len(condition.comparisons) > 2:
        raise invalid(f"Invalid operator used in KeyConditionExpression, or too many conditions: {_NOT_SUPPORTED}")
    found = dict(_named(comparison, bound.bound) for comparison in condition.comparisons)
    hash_name, *range_name = index.keys
    if hash_name not in found:
        raise invalid(f"Query condition missed key schema element: {hash_name}")
    if not found.keys() <= {*index.keys} or len(found) < len(condition.comparisons):
        raise invalid(_NOT_SUPPORTED)
    for name, (_, values) in found.items():
        _check_values(table, name, values)
    sign, (hash_key, *_) = found[hash_name]
    if sign != "=":
        raise invalid(_NOT_SUPPORTED)
    return hash_key, _span(*found[range_name[0]]) if len(found) > 1 else Span()


def _named(comparison: Comparison, bound: Item) -> tuple[str, tuple[str, list[Any]]]:
    first, *others = comparison.operands
    if not isinstance(first, Path) or len(first.parts) > 1 or not all(isinstance(one, Value) for one in others):
        raise invalid(_NOT_SUPPORTED)
    return str(first.resolved(bound)[0]), (comparison.operator, [one.read({}, bound) for one in others])


def _check_values(table: StoredTable, name: str, values: Iterable[Any]) -> None:
    told = "One or more parameter values were invalid: Condition parameter type does not match schema type"
    for value in values:
        if letter(value) != table.types[name]:
            raise invalid(told)
        if value in ("", b""):
            raise invalid(f"One or more parameter values are not valid, an empty string among them. Key: {name}")


def _span(sign: str, values: list[Any]) -> Span:
    first = values[0] if values else None
    match sign:
        case "=":
            return Span(low=(first, True), high=(first, True))
        case "<" | "<=":
            return Span(high=(first, sign == "<="))
        case ">" | ">=":
            return Span(low=(first, sign == ">="))
        case "BETWEEN":
            return Span(low=(first, True), high=(values[1], True))
        case "begins_with":
            return Span(prefix=first)
    raise invalid(_NOT_SUPPORTED)


def _check_filter(index: SortedRows, bound: Expressions) -> None:
    condition = bound.conditions.get("FilterExpression")
    for path in condition.paths if condition else ():
        name = path.resolved(bound.bound)[0]
        if name in index.keys:
            told = "Filter Expression can only contain non-primary key attributes"
            raise invalid(f"{told}: Primary key attribute: {name}")

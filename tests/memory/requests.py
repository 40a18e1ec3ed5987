"""Random requests to one table of template.yaml, and answers in a form that two clients can be compared by."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.template import resources

_TEXTS = st.sampled_from(["", "a", "ab", "b", "é", "z" * 30])
_NUMBERS = st.sampled_from([0, 1, -1, 2, 10, 100, Decimal("1.5"), Decimal("-0.25")])
_SCALARS = st.one_of(_TEXTS, _NUMBERS, st.booleans(), st.none(), st.sampled_from([b"a", b"ab"]))
_KNOWN = st.one_of(_TEXTS, _NUMBERS, st.booleans(), st.sampled_from([b"a", b"ab"]))
_SETS = st.sampled_from([{"a"}, {"a", "b"}, {1, 2}, {2}, {b"a"}])
_VALUES = st.one_of(_SCALARS, _SCALARS, _SETS, st.lists(_SCALARS, max_size=2), st.fixed_dictionaries({"x": _SCALARS}))
_HELD = {"n": _NUMBERS, "t": _TEXTS, "v": _VALUES, "w": _VALUES}  # moto fails inside where it orders unlike types
_PLACES = st.sampled_from([*_HELD])
_INDEXED: dict[str, SearchStrategy[Any]] = {
    "workspace_id": st.sampled_from(["ws1", "ws2"]),
    "listed_at": st.sampled_from(["2027-01", "2027-02", "2027-1"]),
    "channel_id": st.sampled_from(["c1", "c2"]),
    "channel_order": st.sampled_from(["1", "2", "3"]),
    "due_shard": st.sampled_from([0, 1]),
    "next_at": st.sampled_from(["2027-01", "2027-02"]),
    "status": st.sampled_from(["READY", "SENT"]),
}
keys = st.fixed_dictionaries({"pk": st.sampled_from(["p1", "p2"]), "sk": st.sampled_from(["a", "ab", "b", "c"])})
_free = st.fixed_dictionaries({}, optional=_HELD)
_indexed = st.fixed_dictionaries({}, optional=_INDEXED)
items = st.builds(lambda key, free, indexed: {**free, **indexed, **key}, keys, _free, _indexed)


def _compared(path: str, sign: str, *values: Any) -> ConditionBase:
    found: ConditionBase = getattr(Attr(path), sign)(*values)
    return found


_ORDERS = st.sampled_from(["lt", "lte", "gt", "gte"])
_ATOMS: SearchStrategy[Any] = st.one_of(
    st.builds(_compared, _PLACES, st.sampled_from(["eq", "ne"]), _KNOWN),
    st.builds(_compared, st.just("n"), _ORDERS, _NUMBERS),
    st.builds(_compared, st.just("t"), _ORDERS, _TEXTS),
    st.builds(_compared, _PLACES, st.sampled_from(["exists", "not_exists"])),
    st.builds(
        _compared, st.just("n"), st.just("between"), st.sampled_from([0, Decimal("0.5")]), st.sampled_from([1, 5])
    ),
    st.builds(_compared, _PLACES, st.just("is_in"), st.lists(_KNOWN, min_size=1, max_size=3)),
    st.builds(_compared, st.just("t"), st.just("begins_with"), st.sampled_from(["a", "ab"])),
    st.builds(_compared, st.sampled_from(["t", "v", "w"]), st.just("contains"), st.sampled_from(["a", "b"])),
    st.builds(lambda size: Attr("t").exists() & Attr("t").size().gt(size), st.sampled_from([0, 1, 2])),
)
conditions: SearchStrategy[Any] = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda one, other: one & other, inner, inner),
        st.builds(lambda one, other: one | other, inner, inner),
        st.builds(lambda one: ~one, inner),
    ),
    max_leaves=4,
)


def _set(place: str, value: Any) -> dict[str, Any]:
    return _updating(f"SET #{place} = :v", place, value)


def _updating(expression: str, place: str, value: Any = None) -> dict[str, Any]:
    given: dict[str, Any] = {"UpdateExpression": expression}
    given |= {"ExpressionAttributeNames": {f"#{place}": place}} if "#" in expression else {}
    return given | ({"ExpressionAttributeValues": {":v": value}} if ":v" in expression else {})


_PUT = st.one_of(*(st.builds(_set, st.just(name), held) for name, held in {**_HELD, **_INDEXED}.items()))
_COUNTED = st.sampled_from(["n", "n", "t", "v"])
updates: SearchStrategy[dict[str, Any]] = st.one_of(
    _PUT,
    _PUT,
    st.builds(lambda name: _updating(f"REMOVE #{name}", name), st.sampled_from([*_HELD, *_INDEXED])),
    st.builds(lambda name, value: _updating(f"ADD #{name} :v", name, value), _COUNTED, st.one_of(_NUMBERS, _SETS)),
    st.builds(lambda name, value: _updating(f"DELETE #{name} :v", name, value), st.sampled_from(["v", "w"]), _SETS),
    st.builds(lambda name, value: _updating(f"SET #{name} = #{name} + :v", name, value), _COUNTED, _NUMBERS),
    st.builds(lambda value: _updating("SET n=if_not_exists(n, :v)", "n", value), _NUMBERS),
    st.builds(lambda value: _updating("SET n = if_not_exists(n, :v) - :v", "n", value), _NUMBERS),
    st.builds(lambda value: _updating("SET w = v, v = :v REMOVE t", "v", value), _VALUES),
    st.builds(lambda value: _updating("SET v.x = :v", "v", value), _VALUES),
    st.builds(lambda value: _updating("SET v = list_append(v, :v)", "v", [value]), _VALUES),
)


_TABLE = ("pk", st.sampled_from(["p1", "p2"]), "sk", st.sampled_from(["a", "ab", "b"]))
_INDEXES = {
    "by_time": ("workspace_id", "listed_at"),
    "by_channel": ("channel_id", "channel_order"),
    "due": ("due_shard", "next_at"),
}
_RANGES = st.sampled_from(["eq", "lt", "lte", "gt", "gte", "begins_with", "between", None])


def _query(
    index: str | None, hash_key: ConditionBase, name: str, sign: str | None, bounds: list[str]
) -> dict[str, Any]:
    low, high = sorted(bounds)
    values = [low, high] if sign == "between" else [low[:4] if sign == "begins_with" else low]
    condition = hash_key & getattr(Key(name), sign)(*values) if sign else hash_key
    return {"KeyConditionExpression": condition, **({"IndexName": index} if index else {})}


def _queries(
    index: str | None, hash_name: str, hash_keys: Any, name: str, ranges: Any
) -> SearchStrategy[dict[str, Any]]:
    hash_key = st.builds(lambda value: Key(hash_name).eq(value), hash_keys)
    bounds = st.lists(ranges, min_size=2, max_size=2)
    return st.builds(_query, st.just(index), hash_key, st.just(name), _RANGES, bounds)


_paging = st.fixed_dictionaries({}, optional={"Limit": st.sampled_from([1, 2, 3]), "ScanIndexForward": st.booleans()})
_filtering = st.fixed_dictionaries({}, optional={"FilterExpression": _ATOMS})
queries: SearchStrategy[dict[str, Any]] = st.builds(
    lambda query, paging, filtering: {**query, **paging, **filtering},
    st.one_of(
        _queries(None, *_TABLE),
        *(_queries(index, one, _INDEXED[one], other, _INDEXED[other]) for index, (one, other) in _INDEXES.items()),
    ),
    _paging,
    _filtering,
)


def table(name: str) -> dict[str, Any]:
    """The template's WorkTable under another name."""
    properties = resources("AWS::DynamoDB::Table")["WorkTable"]["Properties"]
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {"TableName": name, **{one: properties[one] for one in wanted}}


_MOST_PAGES = 50
_COMPARED = ("Item", "Attributes")


def outcome(client: Any, operation: str, request: Mapping[str, Any]) -> Any:
    """What was answered, or the error's code, reasons and item."""
    try:
        answer = getattr(client, operation)(**request)
    except ClientError as error:
        found: Any = error.response
        reasons = [(reason["Code"], reason.get("Item")) for reason in found.get("CancellationReasons", [])]
        if ("ValidationError", None) in reasons:
            return "ValidationException", [], None  # all that moto says of it: test_unlike_moto.py
        return found["Error"]["Code"], reasons, found.get("Item")
    except (ParamValidationError, TypeError) as error:
        return type(error).__name__
    return {name: _exact(value) for name, value in answer.items() if name in _COMPARED}


def _exact(value: Any) -> Any:
    """With the type beside each value: to Python True equals 1."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return type(value).__name__, value


def pages(client: Any, query: Mapping[str, Any]) -> Iterator[Any]:
    """Each page that was read; an empty one at the end says nothing."""
    start: dict[str, Any] = {}
    for _ in range(_MOST_PAGES):
        answer = client.query(**query, **start)
        if answer["ScannedCount"]:
            yield [_exact(item) for item in answer["Items"]], answer["Count"], answer["ScannedCount"]
        if "LastEvaluatedKey" not in answer:
            return
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    raise AssertionError("the pages have no end")

"""Each form of an update, on an item made for it; the random ones against moto rarely meet these.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

KEY = {"pk": "p", "sk": "s"}


def updated(item: dict[str, Any], expression: str, value: Any) -> dict[str, Any]:
    """What the update leaves beside the key."""
    client = MemoryDynamoDB()
    create_tables(client)
    client.put_item(TableName="WorkTable", Item={**KEY, **item})
    values = {"ExpressionAttributeValues": {":v": value}} if ":v" in expression else {}
    client.update_item(TableName="WorkTable", Key=KEY, UpdateExpression=expression, **values)
    found: dict[str, Any] = client.get_item(TableName="WorkTable", Key=KEY)["Item"]
    return {name: value for name, value in found.items() if name not in KEY}


@pytest.mark.parametrize(
    ("item", "expression", "value", "expected"),
    [
        ({"n": 1}, "SET n = n + :v", 2, {"n": 3}),
        ({"n": 1}, "SET n = n - :v", 2, {"n": -1}),
        ({"n": 1}, "SET n = if_not_exists(n, :v)", 5, {"n": 1}),
        ({}, "SET n = if_not_exists(n, :v) + :v", 5, {"n": 10}),
        ({"a": 1, "b": 2}, "SET a = b, b = a", None, {"a": 2, "b": 1}),
        ({"l": [1]}, "SET l = list_append(:v, l)", [0], {"l": [0, 1]}),
        ({"l": [1]}, "SET l[5] = :v", 2, {"l": [1, 2]}),
        ({"l": [1, 2]}, "SET l[0] = :v", 3, {"l": [3, 2]}),
        ({"l": [*range(12)]}, "REMOVE l[2], l[10], l[0]", None, {"l": [1, 3, 4, 5, 6, 7, 8, 9, 11]}),
        ({"m": {"x": 1}}, "SET m.y = :v REMOVE m.x", 2, {"m": {"y": 2}}),
        ({}, "ADD n :v", 2, {"n": 2}),
        ({"n": 1}, "ADD n :v", -2, {"n": -1}),
        ({}, "ADD s :v", {"a"}, {"s": {"a"}}),
        ({"s": {"a"}}, "ADD s :v", {"b"}, {"s": {"a", "b"}}),
        ({"s": {"a", "b"}}, "DELETE s :v", {"a", "c"}, {"s": {"b"}}),
        ({"s": {"a"}}, "DELETE s :v", {"a", "b"}, {}),
        ({}, "DELETE s :v", {"a"}, {}),
    ],
)
def test_an_update_leaves_this(item: dict[str, Any], expression: str, value: Any, expected: dict[str, Any]) -> None:
    assert updated(item, expression, value) == expected


@pytest.mark.parametrize(
    ("item", "expression", "value"),
    [
        ({"t": "x"}, "SET t = t + :v", 1),
        ({"t": "x"}, "SET t = list_append(t, :v)", [1]),
        ({"n": Decimal("9e125")}, "SET n = n + :v", Decimal("9e125")),
        ({}, "SET m.x = :v", 1),
        ({}, "SET n = m", None),
        ({"t": "x"}, "SET t.x = :v", 1),
        ({"t": "x"}, "SET t[0] = :v", 1),
        ({"t": "x"}, "ADD t :v", 1),
        ({"s": {"a"}}, "ADD s :v", {1}),
        ({}, "ADD s :v", "a"),
        ({"s": {"a"}}, "DELETE s :v", {1}),
        ({}, "SET a = :v, a = :v", 1),
        ({"a": {"b": 1}}, "SET a.b = :v REMOVE a", 1),
        ({}, "SET a = :v SET b = :v", 1),
        ({}, "SET a = :v, pk = :v", "x"),
        ({"t": "x"}, "SET t.x.y = :v", 1),
        ({}, "SET a :v", 1),
        ({}, "SET a", None),
        ({}, "SET a = ", None),
        ({}, "", None),
    ],
)
def test_an_update_is_refused(item: dict[str, Any], expression: str, value: Any) -> None:
    with pytest.raises(ClientError) as caught:
        updated(item, expression, value)
    assert caught.value.response["Error"]["Code"] == "ValidationException"

"""What the differential tests do not reach: refusals of shapes, isolation, lagging indexes, the template's tables."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError, ParamValidationError

from punctual.tables import Change, Table
from tests.memory import requests
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

KEY = {"pk": "p", "sk": "s"}
DUE = {"due_shard": 0, "next_at": "2027-01"}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(**options: Any) -> MemoryDynamoDB:
    client = MemoryDynamoDB(**options)
    create_tables(client)
    return client


def due(client: MemoryDynamoDB) -> list[Any]:
    return Table(client, "WorkTable").query(Key("due_shard").eq(0), index="due").items


def test_every_table_of_the_template_stands() -> None:
    client = made()
    found = client.describe_table(TableName="WorkTable")["Table"]
    assert found["TableStatus"] == "ACTIVE"
    assert found["TableId"] != client.describe_table(TableName="GrantsTable")["Table"]["TableId"]
    assert {index["IndexName"] for index in found["GlobalSecondaryIndexes"]} >= {"due", "by_time"}


def test_callers_share_nothing_with_the_table() -> None:
    client = made()
    item: dict[str, Any] = {**KEY, "list": [{"a": 1}], "map": {"set": {"x"}}, "bytes": bytearray(b"ab")}
    client.put_item(TableName="WorkTable", Item=item)
    item["list"][0]["a"] = 2
    item["bytes"][0] = 0
    for _ in range(2):
        found = client.get_item(TableName="WorkTable", Key=KEY)["Item"]
        assert found == {**KEY, "list": [{"a": 1}], "map": {"set": {"x"}}, "bytes": b"ab"}
        found["list"][0]["a"] = 3
        found["map"]["set"].add("y")
        found["more"] = 1
    answer = client.update_item(TableName="WorkTable", Key=KEY, UpdateExpression="REMOVE bytes", ReturnValues="ALL_NEW")
    answer["Attributes"]["list"].clear()
    (queried,) = client.query(TableName="WorkTable", KeyConditionExpression=Key("pk").eq("p"))["Items"]
    assert queried["list"] == [{"a": 1}]


def test_an_update_leaves_what_was_read_before_alone() -> None:
    client = made()
    client.put_item(TableName="WorkTable", Item={**KEY, "v": {"x": {"y": 1}}})
    values = {"ExpressionAttributeValues": {":two": 2}}
    changed = {"UpdateExpression": "SET v.x.y = :two", **values, "ReturnValues": "ALL_OLD"}
    old = client.update_item(TableName="WorkTable", Key=KEY, **changed)["Attributes"]
    assert old["v"] == {"x": {"y": 1}}
    assert client.get_item(TableName="WorkTable", Key=KEY)["Item"]["v"] == {"x": {"y": 2}}


def test_an_index_lags_by_a_clock() -> None:
    clock = Clock()
    client = made(index_lag=2.0, clock=clock)
    client.put_item(TableName="WorkTable", Item={**KEY, **DUE})
    assert due(client) == []
    clock.now += 1
    Table(client, "WorkTable").update(KEY, Change(remove=["next_at"]))
    clock.now += 1
    assert [item["next_at"] for item in due(client)] == ["2027-01"]
    clock.now += 1
    assert due(client) == []


def test_an_index_lags_as_a_callable_says_and_writes_to_one_item_keep_their_order() -> None:
    clock, lags = Clock(), iter([5.0, 0.0, 1.0, 0.0])
    client = made(
        index_lag=lambda table, index: next(lags) if (table, index) == ("WorkTable", "due") else 0.0, clock=clock
    )
    for next_at in ("2027-01", "2027-02", "2027-03"):
        client.put_item(TableName="WorkTable", Item={**KEY, **DUE, "next_at": next_at})
    client.put_item(TableName="WorkTable", Item={**KEY, "sk": "other", **DUE})
    clock.now += 2
    assert [item["sk"] for item in due(client)] == ["other"]
    clock.now += 3
    assert [item["next_at"] for item in due(client)] == ["2027-01", "2027-03"]


def test_settling_lets_every_write_arrive() -> None:
    client = made(index_lag=float("inf"), clock=Clock())
    client.put_item(TableName="WorkTable", Item={**KEY, **DUE})
    client.settle()
    assert len(due(client)) == 1


def test_an_index_holds_what_it_projects_and_what_has_its_keys() -> None:
    client = made()
    client.put_item(TableName="WorkTable", Item={**KEY, **DUE, "text": "Hello", "rev": 1})
    client.put_item(TableName="WorkTable", Item={**KEY, "sk": "sparse", "due_shard": 0})
    assert due(client) == [{**KEY, **DUE, "rev": 1}]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("put_item", {"Item": {"pk": "", "sk": "s"}}),
        ("put_item", {"Item": {"pk": "p"}}),
        ("put_item", {"Item": {"pk": 1, "sk": "s"}}),
        ("put_item", {"Item": {**KEY, "next_at": ""}}),
        ("put_item", {"Item": {**KEY, "due_shard": "0"}}),
        ("put_item", {"Item": {**KEY, "text": "x" * 410_000}}),
        ("put_item", {"Item": KEY, "ConditionExpression": "a = "}),
        ("put_item", {"Item": KEY, "ConditionExpression": "a = :v"}),
        ("put_item", {"Item": KEY, "ConditionExpression": "status = pk"}),
        ("put_item", {"Item": KEY, "ConditionExpression": "((a = pk) AND b = pk) AND ((c = pk))"}),
        ("put_item", {"Item": KEY, "ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": 1, ":w": 1}}),
        ("get_item", {"Key": {"pk": "p"}}),
        ("get_item", {"Key": {**KEY, "more": "x"}}),
        ("get_item", {"Key": {"pk": "p", "sk": ""}}),
        ("update_item", {"Key": KEY, "UpdateExpression": "REMOVE sk"}),
        ("query", {"KeyConditionExpression": Key("sk").eq("s")}),
        ("query", {"KeyConditionExpression": Key("pk").gt("s")}),
        ("query", {"KeyConditionExpression": Key("pk").eq(1)}),
        ("query", {"KeyConditionExpression": Key("pk").eq("p"), "ExclusiveStartKey": {"pk": "p"}}),
        ("query", {"KeyConditionExpression": Key("due_shard").eq(0), "IndexName": "due", "ConsistentRead": True}),
        ("query", {"KeyConditionExpression": Key("pk").eq("p"), "IndexName": "none"}),
    ],
)
def test_a_request_that_is_wrong_is_refused(operation: str, request_: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(made(), operation)(TableName="WorkTable", **request_)
    assert caught.value.response["Error"]["Code"] == "ValidationException"


def test_errors_say_which_operation_they_are_of() -> None:
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\) when calling the GetItem operation"):
        MemoryDynamoDB().get_item(TableName="WorkTable", Key=KEY)


def test_what_boto3_refuses_itself_is_refused_as_boto3_does() -> None:
    client = made()
    with pytest.raises(TypeError, match="Float types are not supported"):
        client.put_item(TableName="WorkTable", Item={**KEY, "a": [1.5]})
    with pytest.raises(ParamValidationError):
        client.put_item(TableName="WorkTable", Item=KEY, Conditon="a = :v")
    with pytest.raises(ParamValidationError):
        client.query(TableName="WorkTable", KeyConditionExpression=Key("pk").eq("p"), Limit=0)


def test_a_transaction_takes_a_hundred_operations_on_different_items() -> None:
    client = made()
    puts = [{"Put": {"TableName": "WorkTable", "Item": {"pk": "p", "sk": str(number)}}} for number in range(101)]
    for wrong in (puts, [], [puts[0], puts[0]], [{**puts[0], "Delete": {}}]):
        with pytest.raises(ClientError) as caught:
            client.transact_write_items(TransactItems=wrong)
        assert caught.value.response["Error"]["Code"] == "ValidationException"
    client.transact_write_items(TransactItems=puts[:100])
    assert client.scan(TableName="WorkTable")["Count"] == 100


def test_a_batch_is_got_at_once() -> None:
    client = made()
    client.put_item(TableName="WorkTable", Item={**KEY, "n": 1})
    wanted = {"WorkTable": {"Keys": [KEY, {**KEY, "sk": "none"}]}}
    assert client.batch_get_item(RequestItems=wanted)["Responses"] == {"WorkTable": [{**KEY, "n": Decimal(1)}]}
    with pytest.raises(ClientError, match="duplicates"):
        client.batch_get_item(RequestItems={"WorkTable": {"Keys": [KEY, KEY]}})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Key("sk").eq("b"), ["b"]),
        (Key("sk").lt("b"), ["a", "ab"]),
        (Key("sk").lte("b"), ["a", "ab", "b"]),
        (Key("sk").gt("ab"), ["b", "c"]),
        (Key("sk").gte("ab"), ["ab", "b", "c"]),
        (Key("sk").between("ab", "b"), ["ab", "b"]),
        (Key("sk").begins_with("a"), ["a", "ab"]),
    ],
)
def test_a_query_takes_each_comparison_of_the_range_key(condition: ConditionBase, expected: list[str]) -> None:
    client = made()
    for sk in ("c", "a", "b", "ab"):
        client.put_item(TableName="WorkTable", Item={**KEY, "sk": sk})
    found = client.query(TableName="WorkTable", KeyConditionExpression=Key("pk").eq("p") & condition)["Items"]
    assert [item["sk"] for item in found] == expected


@pytest.mark.parametrize("value", ["xay", {"a", "b"}, ["b", "a"], b"xay"])
def test_strings_sets_and_lists_contain(value: Any) -> None:
    client = made()
    client.put_item(TableName="WorkTable", Item={**KEY, "v": value})
    wanted, other = (b"a", b"c") if isinstance(value, bytes) else ("a", "c")
    assert client.scan(TableName="WorkTable", FilterExpression=Attr("v").contains(wanted))["Count"] == 1
    assert client.scan(TableName="WorkTable", FilterExpression=Attr("v").contains(other))["Count"] == 0


def test_paths_lead_into_maps_and_lists() -> None:
    client = made()
    client.put_item(TableName="WorkTable", Item={**KEY, "m": {"x": [1, {"y": 2}]}, "t": "text"})
    nowhere = [Attr(path).not_exists() for path in ("m.x[2]", "m.x[0].y", "m[0]", "t.x", "t[0]", "none.x", "none[0]")]
    for condition in (Attr("m.x[1].y").eq(2), Attr("m.x").size().eq(2), *nowhere):
        assert client.scan(TableName="WorkTable", FilterExpression=condition)["Count"] == 1


def test_a_scan_goes_on_where_it_ended() -> None:
    client = made()
    for number in range(7):
        client.put_item(TableName="WorkTable", Item={"pk": str(number % 3), "sk": str(number)})
    found: list[str] = []
    start: dict[str, Any] = {}
    for _ in range(4):
        answer = client.scan(TableName="WorkTable", Limit=2, **start)
        found += [item["sk"] for item in answer["Items"]]
        start = {"ExclusiveStartKey": answer.get("LastEvaluatedKey")}
    assert sorted(found) == [str(number) for number in range(7)]
    assert start == {"ExclusiveStartKey": None}


def test_a_scan_sees_what_was_written_since_the_last() -> None:
    client = made()
    for number in range(3):
        client.put_item(TableName="WorkTable", Item={**KEY, "sk": str(number)})
        assert client.scan(TableName="WorkTable")["Count"] == number + 1
    client.delete_item(TableName="WorkTable", Key={**KEY, "sk": "1"})
    assert [item["sk"] for item in client.scan(TableName="WorkTable")["Items"]] == ["0", "2"]


def test_a_query_goes_on_after_an_item_that_is_gone() -> None:
    client = made()
    for number in range(4):
        client.put_item(TableName="WorkTable", Item={"pk": "p", "sk": str(number)})
    query = {"TableName": "WorkTable", "KeyConditionExpression": Key("pk").eq("p"), "Limit": 2}
    start = client.query(**query)["LastEvaluatedKey"]
    client.delete_item(TableName="WorkTable", Key=start)
    assert [item["sk"] for item in client.query(**query, ExclusiveStartKey=start)["Items"]] == ["2", "3"]
    assert len([*requests.pages(client, query)]) == 2


@pytest.mark.parametrize(
    "condition", ["(a = pk)", "((a = pk) AND (b = pk)) OR (pk = pk)", "NOT (a = sk OR (a = sk AND b = sk))"]
)
def test_parentheses_that_group_are_taken(condition: str) -> None:
    """Only a pair right inside another is refused, measured on AWS: https://github.com/ExtendDB/extenddb/pull/71"""
    client = made()
    client.put_item(TableName="WorkTable", Item={"pk": "x", "sk": "y", "a": "x"})
    client.put_item(TableName="WorkTable", Item={"pk": "x", "sk": "y"}, ConditionExpression=condition)


def test_a_page_ends_at_a_megabyte_of_items() -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html"""
    client = made()
    for number in range(5):
        client.put_item(TableName="WorkTable", Item={"pk": "p", "sk": str(number), "text": "x" * 390_000})
    query = {"TableName": "WorkTable", "KeyConditionExpression": Key("pk").eq("p")}
    assert [len(items) for items, _, _ in requests.pages(client, query)] == [2, 2, 1]

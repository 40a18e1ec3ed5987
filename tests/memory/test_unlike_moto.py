"""Where moto is wrong, or crashes, and the stand-in is not: each with what AWS says.

The links are to AWS's documentation where it says so, else to what others measured against AWS.
"""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError

from punctual.tables import ConditionFailed, Table
from tests.memory import requests
from tests.memory.dynamodb import MemoryDynamoDB

KEY = {"pk": "p", "sk": "s"}


@pytest.fixture
def client() -> MemoryDynamoDB:
    found = MemoryDynamoDB()
    found.create_table(**requests.table("WorkTable"))
    return found


@pytest.fixture
def table(client: MemoryDynamoDB) -> Table:
    return Table(client, "WorkTable")


def refused(client: MemoryDynamoDB, operation: str, **request: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**request)
    found: Any = caught.value.response
    return {"code": found["Error"]["Code"], "reasons": [one["Code"] for one in found.get("CancellationReasons", [])]}


def holds(table: Table, item: dict[str, Any], condition: ConditionBase) -> bool:
    table.client.put_item(TableName=table.name, Item={**KEY, **item})
    try:
        table.put({**KEY, **item}, condition)
    except ConditionFailed:
        return False
    return True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Attr("a").eq(None), False),
        (Attr("a").is_in([None]), False),
        (Attr("a").ne(None), True),
        (Attr("a").size().gt(0), False),
    ],
)
def test_an_attribute_that_is_missing_is_no_null(table: Table, condition: ConditionBase, expected: bool) -> None:
    """moto: a missing attribute equals NULL, and size() of it crashes. AWS, measured:
    https://github.com/ExtendDB/extenddb/pull/5; NULL exists:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Condition.html"""
    assert holds(table, {}, condition) is expected


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        ([1], Attr("a").lt("x")),
        ("x", Attr("a").gt(1)),
        (1, Attr("a").between("a", "b")),
        (True, Attr("a").eq(1)),
        ([True], Attr("a").eq([1])),
    ],
)
def test_values_of_unlike_types_are_neither_equal_nor_in_order(
    table: Table, value: Any, condition: ConditionBase
) -> None:
    """moto lets Python compare, which raises or takes True for 1. "a is less than b" needs both of one type:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Condition.html"""
    assert not holds(table, {"a": value}, condition)


def test_a_full_page_names_where_it_ended_even_at_the_end(table: Table) -> None:
    """moto looks ahead. "If LastEvaluatedKey is not empty, it does not necessarily mean that there is more data in
    the result set":
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html and
    https://github.com/aws/aws-sdk-js/issues/1981"""
    table.put(KEY)
    page = table.query(Key("pk").eq("p"), limit=1)
    assert page.next_key == KEY
    after = table.query(Key("pk").eq("p"), limit=1, start=page.next_key)
    assert (after.items, after.next_key) == ([], None)


def test_what_an_item_forbids_cancels_a_transaction_with_a_reason(client: MemoryDynamoDB) -> None:
    """moto raises ValidationException. The reasons' ValidationError tells of an operand's wrong type, too:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
    client.put_item(TableName="WorkTable", Item={**KEY, "t": "text"})
    adding = {"UpdateExpression": "ADD t :one", "ExpressionAttributeValues": {":one": 1}}
    put = {"Put": {"TableName": "WorkTable", "Item": {"pk": "other", "sk": "s"}}}
    update = {"Update": {"TableName": "WorkTable", "Key": KEY, **adding}}
    found = refused(client, "transact_write_items", TransactItems=[put, update])
    assert found == {"code": "TransactionCanceledException", "reasons": ["None", "ValidationError"]}
    assert client.scan(TableName="WorkTable")["Count"] == 1


def test_a_wrong_key_cancels_a_transaction_and_an_empty_one_is_refused(client: MemoryDynamoDB) -> None:
    """Measured on AWS in four regions: https://github.com/paritysuite/dynamodb-conformance/pull/60"""

    def deleting(sk: Any) -> list[Any]:
        return [{"Delete": {"TableName": "WorkTable", "Key": {"pk": "p", "sk": sk}}}]

    wrong = refused(client, "transact_write_items", TransactItems=deleting(1))
    assert wrong == {"code": "TransactionCanceledException", "reasons": ["ValidationError"]}
    assert refused(client, "transact_write_items", TransactItems=deleting(""))["code"] == "ValidationException"


def test_a_transaction_is_carried_out_once_for_its_token(client: MemoryDynamoDB) -> None:
    """moto ignores tokens. "Multiple identical calls have the same effect as one single call":
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
    adding = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": 1}}
    update = {"Update": {"TableName": "WorkTable", "Key": KEY, **adding}}
    for _ in range(2):
        client.transact_write_items(TransactItems=[update], ClientRequestToken="token")
    assert client.get_item(TableName="WorkTable", Key=KEY)["Item"]["n"] == 1
    other = [{"Delete": {"TableName": "WorkTable", "Key": KEY}}]
    found = refused(client, "transact_write_items", TransactItems=other, ClientRequestToken="token")
    assert found["code"] == "IdempotentParameterMismatchException"


def test_numbers_come_back_without_trailing_zeros(table: Table) -> None:
    """moto keeps them. "Leading and trailing zeroes are trimmed":
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""
    table.client.put_item(TableName="WorkTable", Item={**KEY, "a": Decimal("1.50"), "b": Decimal("1E+3")})
    found = table.client.get_item(TableName="WorkTable", Key=KEY)["Item"]
    assert (str(found["a"]), str(found["b"])) == ("1.5", "1000")


@pytest.mark.parametrize("condition", ["a < :v", "begins_with(a, :v)", "a BETWEEN :v AND :v"])
def test_operands_that_no_order_knows_are_refused(client: MemoryDynamoDB, condition: str) -> None:
    """moto finds them false. Measured on AWS: https://github.com/floci-io/floci/pull/1442"""
    request = {"ConditionExpression": condition, "ExpressionAttributeValues": {":v": True}}
    assert refused(client, "put_item", TableName="WorkTable", Item=KEY, **request)["code"] == "ValidationException"

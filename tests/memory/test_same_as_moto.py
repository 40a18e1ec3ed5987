"""The stand-in against moto: the same random requests, the same answers and the same refusals.

Where moto itself is wrong, requests.py makes no such request, and test_unlike_moto.py says what is right.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import boto3
import pytest
from boto3.dynamodb.conditions import ConditionExpressionBuilder
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.memory import requests
from tests.memory.dynamodb import MemoryDynamoDB

Request: TypeAlias = dict[str, Any]

_examples = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # the failed assertion names the request; shrinking takes minutes, at moto's speed
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_names = (f"Table{number}" for number in itertools.count())


class Twins:
    """One new table in both clients."""

    def __init__(self, moto: Any):
        self.name = next(_names)
        self.clients = (moto, MemoryDynamoDB())
        for client in self.clients:
            client.create_table(**requests.table(self.name))

    def agree(self, operation: str, request: Mapping[str, Any]) -> Any:
        theirs, ours = (requests.outcome(client, operation, request) for client in self.clients)
        assert ours == theirs, f"{operation} {request}"
        return ours

    def agree_on_everything(self) -> None:
        theirs, ours = (_everything(client, self.name) for client in self.clients)
        assert ours == theirs


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield boto3.resource("dynamodb", region_name="eu-central-1").meta.client


def _with(request: Request, condition: Any) -> Request:
    if condition is None:
        return request
    text, names, values = ConditionExpressionBuilder().build_expression(condition)
    found = {**request, "ConditionExpression": text}
    for given_as, bound in (("ExpressionAttributeNames", names), ("ExpressionAttributeValues", values)):
        found |= {given_as: {**request.get(given_as, {}), **bound}} if bound else {}
    return found


def _telling(request: Request, failed: str) -> Request:
    return {**request, "ReturnValuesOnConditionCheckFailure": failed}


def _returning(request: Request, wanted: str, failed: str) -> Request:
    return {**_telling(request, failed), "ReturnValues": wanted}


_condition = st.one_of(st.none(), requests.conditions)
_puts = st.builds(_with, st.builds(lambda item: {"Item": item}, requests.items), _condition)
_updates = st.builds(
    _with, st.builds(lambda key, update: {"Key": key, **update}, requests.keys, requests.updates), _condition
)
_deletes = st.builds(_with, st.builds(lambda key: {"Key": key}, requests.keys), _condition)
_checks = st.builds(_with, st.builds(lambda key: {"Key": key}, requests.keys), requests.conditions)
_old, _new = st.sampled_from(["NONE", "ALL_OLD"]), st.sampled_from(["NONE", "ALL_OLD", "ALL_NEW"])
_writes = st.one_of(
    st.tuples(st.just("put_item"), st.builds(_returning, _puts, _old, _old)),
    st.tuples(st.just("put_item"), st.builds(_returning, _puts, _old, _old)),
    st.tuples(st.just("update_item"), st.builds(_returning, _updates, _new, _old)),
    st.tuples(st.just("update_item"), st.builds(_returning, _updates, _new, _old)),
    st.tuples(st.just("delete_item"), st.builds(_returning, _deletes, _old, _old)),
    st.tuples(st.just("get_item"), st.builds(lambda key: {"Key": key}, requests.keys)),
)
_kinds = {"Put": _puts, "Update": _updates, "Delete": _deletes, "ConditionCheck": _checks}
_operations = st.one_of(
    *(st.tuples(st.just(kind), st.builds(_telling, requests_, _old)) for kind, requests_ in _kinds.items())
)


@settings(_examples, max_examples=25)
@given(writes=st.lists(_writes, min_size=4, max_size=12))
def test_single_writes_answer_and_leave_the_same(moto: Any, writes: list[tuple[str, Request]]) -> None:
    twins = Twins(moto)
    for operation, request in writes:
        twins.agree(operation, {"TableName": twins.name, **request})
    twins.agree_on_everything()


@settings(_examples, max_examples=25)
@given(
    items=st.lists(requests.items, max_size=4),
    transactions=st.lists(st.lists(_operations, min_size=1, max_size=4), min_size=1, max_size=4),
)
def test_transactions_answer_and_leave_the_same(moto: Any, items: list[Request], transactions: list[Any]) -> None:
    twins = Twins(moto)
    for item in items:
        twins.agree("put_item", {"TableName": twins.name, "Item": item})
    for operations in transactions:
        named = [{kind: {"TableName": twins.name, **request}} for kind, request in operations]
        twins.agree("transact_write_items", {"TransactItems": named})
    twins.agree_on_everything()


@settings(_examples, max_examples=25)
@given(
    items=st.lists(requests.items, min_size=2, max_size=8), queries=st.lists(requests.queries, min_size=2, max_size=6)
)
def test_queries_answer_the_same_pages(moto: Any, items: list[Request], queries: list[Request]) -> None:
    twins = Twins(moto)
    for item in items:
        twins.agree("put_item", {"TableName": twins.name, "Item": item})
    for query in queries:
        theirs, ours = ([*requests.pages(client, {"TableName": twins.name, **query})] for client in twins.clients)
        assert ours == theirs, query


def _everything(client: Any, name: str) -> Any:
    """All items, and what each index holds."""
    indexes = [None, *(index["IndexName"] for index in requests.table(name)["GlobalSecondaryIndexes"])]
    found = [client.scan(TableName=name, **({"IndexName": index} if index else {}))["Items"] for index in indexes]
    return [sorted(items, key=lambda item: (item["pk"], item["sk"])) for items in found]

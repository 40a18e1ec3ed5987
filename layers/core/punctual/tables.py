"""DynamoDB, as the stores use it: native Python types in and out, conditions as boto3's own objects.

`client` is `boto3.resource("dynamodb").meta.client`, which converts types in every call, transactions too.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

Item: TypeAlias = dict[str, Any]
Key: TypeAlias = Mapping[str, str]

MAX_OPERATIONS = 100
"""Of one transaction."""
_MOST_KEYS = 100
_TYPES = TypeDeserializer()
_RACED = ("ConditionalCheckFailed", "TransactionConflict")


class ConditionFailed(Exception):
    """A conditional write met another state than it named. In a transaction, `failed` holds the operations' places;
    `item` is the one that an update met, if it asked for it and there was one."""

    def __init__(self, failed: Sequence[int] = (0,), item: Item | None = None):
        super().__init__("the item is not in the state that this write needs")
        self.failed = tuple(failed)
        self.item = item


@dataclass(frozen=True, kw_only=True)
class Page:
    items: list[Item]
    next_key: Item | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an update does: `set` and `remove` attributes, `add` to numbers; None in `set` removes too."""

    set: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    add: Mapping[str, int] = field(default_factory=dict)

    def expression(self) -> dict[str, Any]:
        values = {name: _storable(value) for name, value in self.set.items() if value is not None}
        gone = [*self.remove, *(name for name, value in self.set.items() if value is None)]
        parts = []
        if values:
            parts.append("SET " + ", ".join(f"#{name} = :{name}" for name in values))
        if gone:
            parts.append("REMOVE " + ", ".join(f"#{name}" for name in gone))
        if self.add:
            parts.append("ADD " + ", ".join(f"#{name} :{name}" for name in self.add))
        given = {**values, **self.add}
        found: dict[str, Any] = {
            "UpdateExpression": " ".join(parts),
            "ExpressionAttributeNames": {f"#{name}": name for name in [*given, *gone]},
        }
        if given:
            found["ExpressionAttributeValues"] = {f":{name}": value for name, value in given.items()}
        return found


class Table:
    def __init__(self, client: Any, name: str, sleep: Callable[[float], None] = time.sleep):
        self.client = client
        self.name = name
        self._sleep = sleep

    def get(self, key: Key) -> Item | None:
        """Always consistent: whoever reads an item here decides something on it."""
        answer = self.client.get_item(TableName=self.name, Key=dict(key), ConsistentRead=True)
        found: Item | None = _native(answer.get("Item"))
        return found

    def get_all(self, keys: Sequence[Key]) -> list[Item]:
        """Those of the items that are there, consistent, in no order."""
        found: list[Item] = []
        for start in range(0, len(keys), _MOST_KEYS):
            some = [dict(key) for key in keys[start : start + _MOST_KEYS]]
            asked: Any = {self.name: {"Keys": some, "ConsistentRead": True}}
            while asked:
                answer = self.client.batch_get_item(RequestItems=asked)
                found += _native(answer["Responses"].get(self.name, []))
                asked = answer.get("UnprocessedKeys")
        return found

    def identity(self) -> str:
        """Not its name: a table restored from a backup under the same name is another one."""
        found: str = self.client.describe_table(TableName=self.name)["Table"]["TableId"]
        return found

    def put(self, item: Item, condition: ConditionBase | None = None) -> None:
        self._write("put_item", self.putting(item, condition)["Put"])

    def update(
        self, key: Key, change: Change, condition: ConditionBase | None = None, *, tells_why: bool = False
    ) -> Item:
        """The item as it is after the update. `tells_why`: its ConditionFailed has the item, which costs no read."""
        told = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if tells_why else {}
        request = {**self.updating(key, change, condition)["Update"], **told}
        answer = self._write("update_item", request, ReturnValues="ALL_NEW")
        found: Item = _native(answer["Attributes"])
        return found

    def delete(self, key: Key, condition: ConditionBase | None = None) -> None:
        self._write("delete_item", self.deleting(key, condition)["Delete"])

    def putting(self, item: Item, condition: ConditionBase | None = None) -> Item:
        """A put for `transact`; None values are left out, so that sparse indexes stay sparse."""
        sent = {name: _storable(value) for name, value in item.items() if value is not None}
        return {"Put": {"TableName": self.name, "Item": sent, **_conditional(condition)}}

    def updating(self, key: Key, change: Change, condition: ConditionBase | None = None) -> Item:
        return {
            "Update": {
                "TableName": self.name,
                "Key": dict(key),
                **_merged(change.expression(), _conditional(condition)),
            }
        }

    def deleting(self, key: Key, condition: ConditionBase | None = None) -> Item:
        return {"Delete": {"TableName": self.name, "Key": dict(key), **_conditional(condition)}}

    def query(
        self,
        condition: ConditionBase,
        *,
        index: str | None = None,
        limit: int | None = None,
        start: Item | None = None,
        forward: bool = True,
    ) -> Page:
        """One page. On the table itself the read is consistent; an index never is."""
        given: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": forward,
        }
        given |= {"IndexName": index} if index else {"ConsistentRead": True}
        given |= {"Limit": limit} if limit else {}
        given |= {"ExclusiveStartKey": start} if start else {}
        answer = self.client.query(**given)
        return Page(items=_native(answer["Items"]), next_key=answer.get("LastEvaluatedKey"))

    def every(self, condition: ConditionBase, *, index: str | None = None) -> Iterator[Item]:
        start = None
        while True:
            page = self.query(condition, index=index, start=start)
            yield from page.items
            start = page.next_key
            if not start:
                return

    def scan(self, limit: int, start: Item | None = None, where: ConditionBase | None = None) -> Page:
        """Any items, consistent; for work that goes through the whole table. `limit` counts what is looked through,
        not only what `where` lets pass."""
        given: dict[str, Any] = {"TableName": self.name, "Limit": limit, "ConsistentRead": True}
        given |= {"FilterExpression": where} if where else {}
        answer = self.client.scan(**given, **({"ExclusiveStartKey": start} if start else {}))
        return Page(items=_native(answer["Items"]), next_key=answer.get("LastEvaluatedKey"))

    def _write(self, operation: str, request: Item, **more: Any) -> Any:
        """A single write that meets a transaction at work is refused, and botocore does not try it again."""
        again = Retrying(
            retry=retry_if_exception(_is_conflict),
            stop=stop_after_attempt(8),
            wait=wait_random_exponential(multiplier=0.02, max=0.5),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return again(getattr(self.client, operation), **request, **more)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise ConditionFailed(item=_from_the_wire(error.response.get("Item"))) from error
            raise


def transact(client: Any, operations: Sequence[Item]) -> None:
    """All or nothing, at most 100 operations. Raises ConditionFailed with the places of those that met another state,
    or another transaction at work."""
    try:
        client.transact_write_items(TransactItems=list(operations))
    except ClientError as error:
        reasons = error.response.get("CancellationReasons", [])
        failed = [place for place, reason in enumerate(reasons) if reason.get("Code") in _RACED]
        if failed:
            raise ConditionFailed(failed) from error
        raise


def _is_conflict(error: BaseException) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] == "TransactionConflictException"


def from_stream(image: Mapping[str, Any]) -> Item:
    """An item as DynamoDB's streams, and its errors, tell it: boto3 converts answers only."""
    return {name: _native(_TYPES.deserialize(value)) for name, value in image.items()}


def _from_the_wire(item: Any) -> Item | None:
    return from_stream(item) if item else None


def _native(value: Any) -> Any:
    """boto3 answers every number as a Decimal, which JSON does not know."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _native(inner) for name, inner in value.items()}
    return [_native(inner) for inner in value] if isinstance(value, list) else value


def _storable(value: Any) -> Any:
    """boto3 takes no floats."""
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {name: _storable(inner) for name, inner in value.items()}
    return [_storable(inner) for inner in value] if isinstance(value, list | tuple) else value


def _conditional(condition: ConditionBase | None) -> Item:
    if condition is None:
        return {}
    built = ConditionExpressionBuilder().build_expression(condition)
    return _merged(
        {"ConditionExpression": built.condition_expression},
        {"ExpressionAttributeNames": built.attribute_name_placeholders} if built.attribute_name_placeholders else {},
        {"ExpressionAttributeValues": built.attribute_value_placeholders} if built.attribute_value_placeholders else {},
    )


def _merged(*parts: Item) -> Item:
    merged: Item = {}
    for part in parts:
        for name, value in part.items():
            merged[name] = {**merged[name], **value} if isinstance(value, dict) and name in merged else value
    return merged

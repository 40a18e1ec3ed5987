"""DynamoDB in memory, for tests that moto is too slow for: what Punctual uses of it, and no more.

A drop-in for `boto3.resource("dynamodb").meta.client`: native Python values in and out, botocore's errors.

    client = MemoryDynamoDB(index_lag=0.2, clock=lambda: moved.now().timestamp())
    create_tables(client)

`index_lag` is how many seconds of `clock` a write takes to reach the secondary indexes; a callable is asked for each
write, with the table's name and the index's. `settle()` lets every write arrive.
"""

import time
from collections.abc import Callable, Mapping
from functools import wraps
from threading import RLock
from typing import Any, TypeAlias

from botocore.exceptions import ClientError, ParamValidationError

from tests.memory import reads, transactions
from tests.memory.refusals import ItemRefused, client_error, condition_failed, invalid
from tests.memory.stored_tables import StoredTable
from tests.memory.values import item_given_back
from tests.memory.writes import Write, planned

Answer: TypeAlias = dict[str, Any]
Lag: TypeAlias = float | Callable[[str, str], float]

_BOUND = "ExpressionAttributeNames ExpressionAttributeValues"
_CONDITION = f"ConditionExpression {_BOUND} ReturnValues ReturnValuesOnConditionCheckFailure"
_READ = f"IndexName FilterExpression {_BOUND} Limit ExclusiveStartKey ConsistentRead"
_MOST_GOT = 100


def operation(needed: str, known: str = "") -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """One call at a time, with parameters that the stand-in knows; errors carry the operation's name."""
    required = frozenset(needed.split())
    allowed = required | set(known.split())

    def decorate(method: Callable[..., Answer]) -> Callable[..., Answer]:
        name = "".join(word.title() for word in method.__name__.split("_"))

        @wraps(method)
        def call(self: "MemoryDynamoDB", **given: Any) -> Answer:
            if not required <= given.keys() <= allowed:
                wrong = sorted((given.keys() - allowed) | (required - given.keys()))
                raise ParamValidationError(report=f"{name}: missing, or unknown to this stand-in: {wrong}")
            try:
                with self.lock:
                    answer = method(self, given)
            except ItemRefused as refused:
                raise client_error(name, "ValidationException", str(refused)) from refused
            except ClientError as error:
                raise ClientError(error.response, name) from error
            answer["ResponseMetadata"] = {"HTTPStatusCode": 200, "RetryAttempts": 0, "HTTPHeaders": {}}
            return answer

        return call

    return decorate


class MemoryDynamoDB:
    def __init__(
        self,
        *,
        index_lag: Lag = 0.0,
        clock: Callable[[], float] = time.monotonic,
        page_bytes: int = 1024 * 1024,
    ):
        self.lock = RLock()
        self.tables: dict[str, StoredTable] = {}
        self.index_lag = index_lag
        self._clock = clock
        self._page_bytes = page_bytes
        self._tokens = transactions.Tokens(clock)

    @operation(
        "TableName KeySchema AttributeDefinitions",
        "GlobalSecondaryIndexes BillingMode ProvisionedThroughput",
    )
    def create_table(self, given: Answer) -> Answer:
        name = given["TableName"]
        if name in self.tables:
            raise client_error("CreateTable", "ResourceInUseException", f"Table already exists: {name}")
        self.tables[name] = StoredTable(given, self._lag, self._clock)
        return {"TableDescription": self.tables[name].describe()}

    @operation("TableName")
    def describe_table(self, given: Answer) -> Answer:
        return {"Table": self._table(given).describe()}

    @operation("TableName Key", "ConsistentRead")
    def get_item(self, given: Answer) -> Answer:
        table = self._table(given)
        row = table.rows.get(table.key(given["Key"]))
        return {"Item": item_given_back(row.item)} if row else {}

    @operation("TableName Item", _CONDITION)
    def put_item(self, given: Answer) -> Answer:
        return self._write("Put", given, ("ALL_OLD",))

    @operation("TableName Key", f"UpdateExpression {_CONDITION}")
    def update_item(self, given: Answer) -> Answer:
        return self._write("Update", given, ("ALL_OLD", "ALL_NEW"))

    @operation("TableName Key", _CONDITION)
    def delete_item(self, given: Answer) -> Answer:
        return self._write("Delete", given, ("ALL_OLD",))

    @operation("TableName KeyConditionExpression", f"{_READ} ScanIndexForward")
    def query(self, given: Answer) -> Answer:
        _check_limit(given)
        return reads.query(self._table(given), given, self._page_bytes)

    @operation("TableName", _READ)
    def scan(self, given: Answer) -> Answer:
        _check_limit(given)
        return reads.scan(self._table(given), given, self._page_bytes)

    @operation("RequestItems")
    def batch_get_item(self, given: Answer) -> Answer:
        wanted: Mapping[str, Any] = given["RequestItems"]
        if not 1 <= sum(len(one["Keys"]) for one in wanted.values()) <= _MOST_GOT:
            raise invalid("Too many items requested for the BatchGetItem call")
        found: dict[str, list[Answer]] = {}
        for name, one in wanted.items():
            table = self._table({"TableName": name})
            keys = [table.key(key) for key in one["Keys"]]
            if len(set(keys)) < len(keys):
                raise invalid("Provided list of item keys contains duplicates")
            found[name] = [item_given_back(table.rows[key].item) for key in keys if key in table.rows]
        return {"Responses": found, "UnprocessedKeys": {}}

    @operation("TransactItems", "ClientRequestToken")
    def transact_write_items(self, given: Answer) -> Answer:
        operations, token = given["TransactItems"], given.get("ClientRequestToken")
        if not self._tokens.already_done(token, operations):
            transactions.write(operations, self._table)
            self._tokens.remember(token, operations)
        return {}

    def settle(self) -> None:
        with self.lock:
            for table in self.tables.values():
                table.settle()

    def _write(self, kind: str, given: Answer, returned: tuple[str, ...]) -> Answer:
        wanted = given.get("ReturnValues", "NONE")
        if wanted not in ("NONE", *returned):
            raise invalid(f"ReturnValues can only be NONE or {' or '.join(returned)} here, not {wanted}")
        write: Write = planned(kind, self._table(given), given)
        if not write.allowed():
            raise condition_failed(kind, write.failed_item())
        old, new = write.old, write.outcome()
        write.table.write(write.key, new)
        answered = new.item if new and wanted == "ALL_NEW" else old if wanted == "ALL_OLD" else None
        return {"Attributes": item_given_back(answered)} if answered else {}

    def _table(self, given: Mapping[str, Any]) -> StoredTable:
        found = self.tables.get(given["TableName"])
        if not found:
            raise client_error("DynamoDB", "ResourceNotFoundException", "Requested resource not found")
        return found

    def _lag(self, table: str, index: str) -> float:
        return self.index_lag(table, index) if callable(self.index_lag) else self.index_lag


def _check_limit(given: Answer) -> None:
    if given.get("Limit", 1) < 1:
        raise ParamValidationError(
            report=f"Invalid value for parameter Limit, value: {given['Limit']}, valid min value: 1"
        )

"""DynamoDB in memory, whose transactions become visible item by item.

    client = Unfolding()
    client.hidden               how many writes of transactions nobody sees yet
    client.show(place)          one of them is seen from now on, whichever it is

Until all of a transaction is seen, whoever writes one of its hidden items meets a conflict.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-isolation
"""

from collections.abc import Mapping
from typing import Any

from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.indexes import Key
from tests.memory.refusals import client_error, transaction_canceled
from tests.memory.writes import planned
from tests.template import create_tables

_KINDS = {"put_item": "Put", "update_item": "Update", "delete_item": "Delete"}
_ONGOING = "Transaction is ongoing for the item"


class Unfolding:
    def __init__(self) -> None:
        self._true, self._seen = MemoryDynamoDB(), MemoryDynamoDB()
        create_tables(self._true)
        create_tables(self._seen)
        self._pending: list[tuple[str, Key]] = []

    @property
    def hidden(self) -> int:
        return len(self._pending)

    def show(self, place: int) -> None:
        self._copy(*self._pending.pop(place))

    def transact_write_items(self, **given: Any) -> Any:
        places = [self._place(kind, request) for each in given["TransactItems"] for kind, request in each.items()]
        met = [place in self._pending for place in places]
        if any(met):
            conflict, none = {"Code": "TransactionConflict", "Message": _ONGOING}, {"Code": "None"}
            raise transaction_canceled([conflict if each else none for each in met])
        answer = self._true.transact_write_items(**given)
        self._pending += places
        return answer

    def __getattr__(self, name: str) -> Any:
        if name not in _KINDS:
            return getattr(self._seen, name)

        def write(**given: Any) -> Any:
            place = self._place(_KINDS[name], given)
            if place in self._pending:
                raise client_error(name, "TransactionConflictException", _ONGOING)
            answer = getattr(self._true, name)(**given)
            self._copy(*place)
            return answer

        return write

    def _place(self, kind: str, request: Mapping[str, Any]) -> tuple[str, Key]:
        return request["TableName"], planned(kind, self._true.tables[request["TableName"]], request).key

    def _copy(self, table: str, key: Key) -> None:
        self._seen.tables[table].write(key, self._true.tables[table].rows.get(key))

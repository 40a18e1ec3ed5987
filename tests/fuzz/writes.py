"""What calls stored: on the handlers' own database by its writes, on the laptop by reading all tables."""

from collections.abc import Collection, Iterator
from typing import Any

from tests.integration.api.deployed import KEPT

_SINGLE = ("put_item", "update_item", "delete_item")
COUNTED = frozenset({"last_used_at", "tries"})
"""Of a key and of a connect link: noted whatever becomes of the call."""
Place = tuple[str, str, str]


class NotedWrites:
    """Stands before a DynamoDB client. `changes` are of the tables that are kept: not the sandbox's own, nor the
    limits; what is put and taken away again is none."""

    def __init__(self, client: Any, tables: Collection[str] = KEPT):
        self._client = client
        self._tables = tables
        self._before: dict[Place, Any] = {}

    def begin(self) -> None:
        self._before.clear()

    def changes(self) -> list[str]:
        return [f"{place[0]} {place[2]}" for place, before in self._before.items() if self._read(place) != before]

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self._client, operation)

        def noted(**request: Any) -> Any:
            for place in _written(operation, request):
                if place[0] in self._tables and place not in self._before:
                    self._before[place] = self._read(place)
            return call(**request)

        return noted

    def _read(self, place: Place) -> Any:
        table, pk, sk = place
        item = self._client.get_item(TableName=table, Key={"pk": pk, "sk": sk} if sk else {"pk": pk}).get("Item")
        return {name: value for name, value in (item or {}).items() if name not in COUNTED}


def _written(operation: str, request: dict[str, Any]) -> Iterator[Place]:
    if operation in _SINGLE:
        yield _place(request)
    elif operation == "transact_write_items":
        for item in request["TransactItems"]:
            ((kind, given),) = item.items()
            if kind != "ConditionCheck":
                yield _place(given)
    else:
        assert operation != "batch_write_item", "not noted"


def _place(request: dict[str, Any]) -> Place:
    key = request.get("Key") or request["Item"]
    return request["TableName"], key["pk"], key.get("sk", "")

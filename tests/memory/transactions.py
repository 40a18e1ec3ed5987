"""transact_write_items: all or nothing, each operation's reason in its place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.memory.refusals import ItemRefused, client_error, invalid, on_the_wire, transaction_canceled
from tests.memory.stored_tables import StoredTable
from tests.memory.values import item_size, stored
from tests.memory.writes import Write, planned

_MOST = 100
_MOST_BYTES = 4 * 1024 * 1024
_REMEMBERED_SECONDS = 600
_KINDS = frozenset({"Put", "Update", "Delete", "ConditionCheck"})
_NO_REASON = {"Code": "None"}


class Tokens:
    """Answers to a ClientRequestToken that was carried out before, for ten minutes."""

    def __init__(self, clock: Callable[[], float]):
        self._clock = clock
        self._done: dict[str, tuple[float, Any]] = {}

    def already_done(self, token: str | None, operations: Sequence[Any]) -> bool:
        at, same = self._done.get(token or "", (float("-inf"), None))
        if not token or self._clock() - at >= _REMEMBERED_SECONDS:
            return False
        if same != _request(operations):
            code = "IdempotentParameterMismatchException"
            raise client_error("TransactWriteItems", code, "The token was used with other parameters")
        return True

    def remember(self, token: str | None, operations: Sequence[Any]) -> None:
        if token:
            self._done[token] = (self._clock(), _request(operations))


def write(operations: Sequence[Mapping[str, Any]], table: Callable[[Mapping[str, Any]], StoredTable]) -> None:
    if not 1 <= len(operations) <= _MOST:
        raise invalid("Member must have length less than or equal to 100, and greater than or equal to 1")
    plans = [_planned(operation, table) for operation in operations]
    writes = [plan for plan in plans if isinstance(plan, Write)]
    if len({(plan.table.name, plan.key) for plan in writes}) < len(writes):
        raise invalid("Transaction request cannot include multiple operations on one item")
    outcomes = [_outcome(plan) for plan in plans]
    reasons = [outcome if isinstance(outcome, dict) else _NO_REASON for outcome in outcomes]
    if any(reason is not _NO_REASON for reason in reasons):
        raise transaction_canceled(reasons)
    if sum(item_size(row.item) for row in outcomes if row is not None and not isinstance(row, dict)) > _MOST_BYTES:
        raise invalid("Transaction request exceeds the maximum size of 4 MB")
    for plan, outcome in zip(writes, outcomes, strict=True):
        if plan.kind != "ConditionCheck":
            plan.table.write(plan.key, outcome)


def _planned(operation: Mapping[str, Any], table: Callable[[Mapping[str, Any]], StoredTable]) -> Write | ItemRefused:
    if len(operation) != 1 or not operation.keys() <= _KINDS:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    ((kind, request),) = operation.items()
    found = table(request)
    try:
        return planned(kind, found, request)
    except ItemRefused as refused:
        return refused


def _outcome(plan: Write | ItemRefused) -> Any:
    """The row that an operation leaves, or the reason why it cannot."""
    if isinstance(plan, ItemRefused):
        return _refused(plan)
    if not plan.allowed():
        item = plan.failed_item()
        found = {"Item": on_the_wire(item)} if item else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **found}
    try:
        return None if plan.kind == "ConditionCheck" else plan.outcome()
    except ItemRefused as refused:
        return _refused(refused)


def _refused(refused: ItemRefused) -> dict[str, str]:
    return {"Code": "ValidationError", "Message": str(refused)}


def _request(operations: Sequence[Any]) -> Any:
    return stored(list(operations))

"""Which items each worker writes, and whether two of them ever write one at the same time, as DynamoDB would see it."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from tests.memory import faults
from tests.memory.faults import Call, Fault

Place = tuple[str, str, str]
"""A table, and an item's key in it."""
_SINGLE = ("put_item", "update_item", "delete_item")
_WHO: ContextVar[str] = ContextVar("who", default="")


@contextmanager
def working(who: str) -> Iterator[None]:
    token = _WHO.set(who)
    try:
        yield
    finally:
        _WHO.reset(token)


@dataclass(frozen=True)
class Writing:
    who: str
    places: frozenset[Place]
    is_transaction: bool


class Writes:
    """A policy for `Faulty`. A write that meets another one on one of its items is refused, where either of them is a
    transaction; and every `spoilt`th write is, whatever it meets: in AWS something else may be at work."""

    def __init__(self, *, takes_seconds: float = 0.0, spoilt: int = 0):
        self.made: list[Writing] = []
        self.conflicts: list[Place] = []
        self._takes = takes_seconds
        self._spoilt = spoilt
        self._count = 0
        self._lock = threading.Lock()
        self._busy: dict[Place, bool] = {}

    def __call__(self, name: str, kwargs: dict[str, Any]) -> Fault | None:
        is_transaction = name == "transact_write_items"
        return self._meet if is_transaction or name in _SINGLE else None

    def _meet(self, name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        writing = Writing(_WHO.get(), _places(kwargs), name == "transact_write_items")
        with self._lock:
            self._count += 1
            is_spoilt = self._spoilt and self._count % self._spoilt == 0
            met = [each for each in writing.places if writing.is_transaction or self._busy.get(each)]
            met = [each for each in met if each in self._busy]
            self.conflicts += met
            if met or is_spoilt:
                return faults.conflict()(name, kwargs, call)
            self.made.append(writing)
            for each in writing.places:
                self._busy[each] = writing.is_transaction
        try:
            time.sleep(self._takes)
            return call()
        finally:
            with self._lock:
                for each in writing.places:
                    self._busy.pop(each, None)


def _places(kwargs: Mapping[str, Any]) -> frozenset[Place]:
    requests = [request for each in kwargs.get("TransactItems", ()) for request in each.values()] or [kwargs]
    keys = [(request["TableName"], request.get("Key") or request["Item"]) for request in requests]
    return frozenset((table, key["pk"], key.get("sk", "")) for table, key in keys)

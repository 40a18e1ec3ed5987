"""A token bucket for each server of a platform that limits all accounts of this stack together.

Kept as one time, the generic cell rate algorithm: two conditional updates at most, no read, and nobody waits for a
lock. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from datetime import datetime

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual.providers.base import Rate
from punctual.tables import Change, ConditionFailed, Table

_TRIES = 3


class Buckets:
    def __init__(self, table: Table):
        self._table = table

    def take(self, name: str, rate: Rate, at: datetime) -> float:
        """Seconds to wait before asking again; 0: a token was there and is taken."""
        key = {"pk": f"bucket#{name}", "sk": "bucket"}
        now, cost = round(at.timestamp() * 1000), round(1000 / rate.per_second)
        full = now + cost * (rate.burst - 1)
        for _ in range(_TRIES):
            if self._add(key, cost, now, full) or self._begin(key, now + cost, now):
                return 0.0
            item = self._table.get(key)
            empty_at = int(item["empty_at"]) if item else now
            if empty_at > full:
                return (empty_at - full) / 1000
        return cost / 1000

    def _add(self, key: dict[str, str], cost: int, now: int, full: int) -> bool:
        """To a bucket in use, with room for one more."""
        room = Attr("empty_at").gte(now) & Attr("empty_at").lte(full)
        return self._update(key, Change(add={"empty_at": cost}), room)

    def _begin(self, key: dict[str, str], empty_at: int, now: int) -> bool:
        """With a bucket that nobody used for a while."""
        idle = Attr("empty_at").not_exists() | Attr("empty_at").lt(now)
        return self._update(key, Change(set={"empty_at": empty_at}), idle)

    def _update(self, key: dict[str, str], change: Change, condition: ConditionBase) -> bool:
        try:
            self._table.update(key, change, condition)
        except ConditionFailed:
            return False
        return True

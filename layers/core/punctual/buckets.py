"""Token buckets, each kept as one time: the generic cell rate algorithm.

An item holds one or several. Who takes, takes a token of each, in one conditional update, or of none; a bucket in use
costs a second one, and nobody waits for a lock. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import and_

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual.providers.base import Rate
from punctual.tables import Change, ConditionFailed, Item, Key, Table

_TRIES = 4
_KEPT = timedelta(days=1)
_SECOND = 1_000_000
"""Times are whole microseconds: DynamoDB adds numbers, and knows no times."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A bucket's tokens, and the seconds until it is full again; where it is empty, `wait` until it has one."""

    left: int
    full_in: float
    wait: float = 0.0


class Buckets:
    def __init__(self, table: Table):
        self._table = table

    def take(self, name: str, rate: Rate, at: datetime) -> float:
        """Seconds to wait before asking again; 0: a token was there and is taken."""
        return self.take_each({"pk": f"bucket#{name}", "sk": "bucket"}, {"all": rate}, at)["all"].wait

    def take_each(self, key: Key, rates: Mapping[str, Rate], at: datetime) -> dict[str, Level]:
        """The buckets' levels afterwards. Where one makes wait, nothing was taken of any."""
        now = round(at.timestamp() * _SECOND)
        expires = {"expires_epoch": int((at + _KEPT).timestamp())}
        held: Item = {}
        for _ in range(_TRIES):
            levels = {name: _level(held.get(name, now), rate, now) for name, rate in rates.items()}
            if any(level.wait for level in levels.values()):
                return levels
            used = {name for name in rates if held.get(name, 0) >= now}
            added = {name: _cost(rates[name]) for name in used}
            begun = {name: now + _cost(rate) for name, rate in rates.items() if name not in used}
            conditions = [_room(name, rates[name], now) if name in used else _idle(name, now) for name in rates]
            try:
                change = Change(set={**begun, **expires}, add=added)
                after = self._table.update(key, change, reduce(and_, conditions), tells_why=True)
            except ConditionFailed as error:
                held = error.item or {}
                continue
            return {name: _left(after[name], rate, now) for name, rate in rates.items()}
        return {name: Level(left=0, full_in=0.0, wait=1 / rate.per_second) for name, rate in rates.items()}


def _cost(rate: Rate) -> int:
    return round(_SECOND / rate.per_second)


def _latest(rate: Rate, now: int) -> int:
    """Of the times at which a bucket may be empty and still have a token now."""
    return now + _cost(rate) * (rate.burst - 1)


def _room(name: str, rate: Rate, now: int) -> ConditionBase:
    """In use, with one more in it."""
    return Attr(name).between(now, _latest(rate, now))


def _idle(name: str, now: int) -> ConditionBase:
    """Full: nobody used it for a while."""
    return Attr(name).not_exists() | Attr(name).lt(now)


def _level(empty_at: int, rate: Rate, now: int) -> Level:
    found = _left(empty_at, rate, now)
    return found if found.left else Level(left=0, full_in=found.full_in, wait=(empty_at - _latest(rate, now)) / _SECOND)


def _left(empty_at: int, rate: Rate, now: int) -> Level:
    ahead = max(empty_at - now, 0)
    return Level(left=max(rate.burst - -(-ahead // _cost(rate)), 0), full_in=ahead / _SECOND)

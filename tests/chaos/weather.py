"""Which faults a storm meets, how often, and until when: all drawn from its seed."""

from bisect import bisect
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from random import Random

from tests.chaos.stage import Stage

KINDS = {
    "dynamodb": (
        "throttle",
        "conflict",
        "outage",
        "lost_answer",
        "sent_twice",
        "stall_before",
        "stall_after",
        "die_before",
        "die_after",
    ),
    "kms": ("throttle", "outage", "stall_before", "stall_after", "die_before", "die_after"),
    "sqs": ("refused", "outage", "lost_answer", "lost", "twice", "late", "stall_before", "die_before", "die_after"),
    "scheduler": ("refused", "lost_answer", "lost", "twice", "late", "die_before", "die_after"),
    "http": (
        "unreachable",
        "request_lost",
        "answer_lost",
        "cut",
        "slow_there",
        "slow_back",
        "gateway_before",
        "gateway_after",
        "limited",
        "garbage",
        "die_before",
        "die_after",
    ),
    "clock": ("run_missed", "run_twice", "not_deleted", "zombie", "skewed"),
}
_LEAST, _MOST = 0.0008, 0.015
_OFTENER = {"kms": 3.0, "scheduler": 4.0, "http": 4.0, "sqs": 2.0, "clock": 6.0}
_PLACID = 0.15
_HOT = 3


@dataclass
class Weather:
    """`rates` is how likely a call of that group meets a kind of fault."""

    rng: Random
    stage: Stage
    rates: dict[str, dict[str, float]] = field(default_factory=dict)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When the tables cannot be reached at all."""
    index_lag: float = 0.0
    is_calm: bool = False
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ends = {group: list(accumulate(rates.values())) for group, rates in self.rates.items()}

    def pick(self, group: str, operation: str = "", *, is_hot: bool = False) -> str | None:
        """The fault that this call meets, if any; what is being sent meets more of them."""
        if self.is_calm or not self.rates.get(group):
            return None
        names = list(self.rates[group])
        for _ in range(_HOT if is_hot else 1):
            place = bisect(self._ends[group], self.rng.random())
            if place < len(names):
                return self.counted(group, names[place])
        return None

    def meets(self, kind: str) -> bool:
        """Whether a fault of the group `clock` happens now."""
        rate = self.rates.get("clock", {}).get(kind, 0.0)
        found = not self.is_calm and rate > 0 and self.rng.random() < rate
        if found:
            self.counted("clock", kind)
        return found

    def counted(self, group: str, kind: str) -> str:
        name = f"{group} {kind}"
        self.counts[name] = self.counts.get(name, 0) + 1
        return kind

    def tables_are_out(self) -> bool:
        return any(start <= self.stage.now() < end for start, end in self.outages)

    def lag(self, table: str, index: str) -> float:
        """Of a write on its way to an index; the far side's tables are not ours to judge, and events have chances of
        their own."""
        if self.is_calm or not self.index_lag or table in ("SandboxTable", "EventsTable"):
            return 0.0
        return self.rng.uniform(0.0, self.index_lag)


def drawn(rng: Random, stage: Stage) -> Weather:
    """Of a storm; some are placid but for what the posts' own texts ask for."""
    if rng.random() < _PLACID:
        return Weather(rng, stage)
    rates = {group: _rates(rng, names, _OFTENER.get(group, 1.0)) for group, names in KINDS.items()}
    return Weather(rng, stage, rates, index_lag=rng.choice((0.0, 0.2, 2.0)))


def _rates(rng: Random, names: tuple[str, ...], oftener: float) -> dict[str, float]:
    strength = rng.choice((0.0, 0.3, 1.0, 1.0, 3.0))
    found = {}
    for name in names:
        if rng.random() < 0.6:
            rate = _LEAST * (_MOST / _LEAST) ** rng.random()
            found[name] = rate * strength * oftener * (0.5 if name.startswith("die") else 1.0)
    return found

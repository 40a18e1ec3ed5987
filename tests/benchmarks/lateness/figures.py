"""The arithmetic of the comparison, and nothing else."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """In milliseconds after the posts' time; `early` counts those before it. Where nothing arrived: not a number."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float
    early: int

    @classmethod
    def of(cls, milliseconds: Collection[float]) -> "Lateness":
        ordered = sorted(milliseconds)
        p50, p95, p99, worst = (percentile(ordered, percent) for percent in (50, 95, 99, 100))
        early = sum(each < 0 for each in ordered)
        return cls(count=len(ordered), p50=p50, p95=p95, p99=p99, worst=worst, early=early)

    @property
    def share_early(self) -> float:
        return self.early / self.count if self.count else math.nan


@dataclass(frozen=True, kw_only=True)
class Tally:
    """`lost` were scheduled and never seen; `doubled` were seen more than once; `strange` were never scheduled."""

    scheduled: int
    lost: int
    doubled: int
    strange: int

    @classmethod
    def of(cls, scheduled: Collection[str], seen: Collection[str]) -> "Tally":
        times = Counter(seen)
        wanted = set(scheduled)
        return cls(
            scheduled=len(wanted),
            lost=sum(times[text] == 0 for text in wanted),
            doubled=sum(times[text] > 1 for text in wanted),
            strange=len(times.keys() - wanted),
        )

    @property
    def each_once(self) -> bool:
        return not (self.lost or self.doubled or self.strange)


def percentile(ordered: Sequence[float], percent: float) -> float:
    """By nearest rank: always a figure that was measured, and the worst where there are few."""
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)] if ordered else math.nan

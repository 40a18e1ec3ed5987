"""Posts through our real decision code on a moved clock, with AWS's delays drawn from simulation_figures.py.

    python -m tests.benchmarks.lateness.simulation [--posts 100000] [--concurrency 200] [--only spread|bursts|delay]

`--concurrency` is the template's PublisherConcurrency; bursts are tried with provisioned pollers too.

What is real: Writing, Scheduling, Publishing, Sweeping and their stores, every line. What is not: AWS, the platform,
the processor and the clock. 100,000 posts take some ten minutes on two idle cores, the bursts as long again.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

from tests.benchmarks.lateness import simulation_paths  # noqa: F401 - first: the others import our code
from tests.benchmarks.lateness.simulation_pollers import Polling, provisioned, standard
from tests.benchmarks.lateness.simulation_printing import print_bursts, print_figures, print_spread
from tests.benchmarks.lateness.simulation_runs import Outcome, Say, bare_scheduler, burst, spread
from tests.benchmarks.lateness.simulation_stack import Setting

HOUR = 3600.0
DEPLOYED = standard()
PROMISE = 2.0
PROVISIONED = (provisioned(2), provisioned(10), provisioned(50))
_SIZES = (10, 30, 100, 300, 1000, 3000, 10000)
_FINE_ENOUGH = 1.2
_PROCESSES = 2
_DELAY_POSTS, _DELAY_SPAN = 1500, 300.0
"""Some 5 posts a second: few enough for the messages' delay to be all that is late."""


@dataclass(kw_only=True)
class Bursts:
    """What one kind of polling makes of ever more posts at one second."""

    polling: Polling
    tried: dict[int, Outcome] = field(default_factory=dict)

    @property
    def largest(self) -> int:
        return max((size for size, found in self.tried.items() if keeps_promise(found)), default=0)


@dataclass(kw_only=True)
class Report:
    """What was asked for; None and empty is the rest."""

    spread: Outcome | None = None
    bare: Outcome | None = None
    """The Scheduler at T itself, beside it."""
    bursts: list[Bursts] = field(default_factory=list)
    breaking_delay: float | None = None
    """Seconds on every message's way, at which the promise no longer holds."""


def keeps_promise(found: Outcome) -> bool:
    return not found.early and found.share(0.99) <= PROMISE


def run(
    posts: int = 100_000, seed: int = 1, polling: Polling = DEPLOYED, only: str | None = None, say: Say = print
) -> Report:
    report = Report()
    if only in (None, "spread"):
        report.spread = spread_over_an_hour(posts, Setting(seed=seed, polling=polling), say)
        report.bare = bare_scheduler(posts, seed)
    if only in (None, "bursts"):
        report.bursts = [search_burst(each, seed, say) for each in (polling, *PROVISIONED)]
    if only in (None, "delay"):
        report.breaking_delay = search_delay(seed, say)
    return report


def spread_over_an_hour(posts: int, setting: Setting, say: Say = print, processes: int = _PROCESSES) -> Outcome:
    """Each process has a part of the hour, and begins it with idle pollers and no warm environment."""
    say(f"{posts:,} posts spread over an hour, {setting.polling.name} …")
    parts = [replace(setting, seed=setting.seed * 1000 + number) for number in range(processes)]
    found = Outcome(posts=0)
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(partial(spread, posts // processes, HOUR / processes, say=say), parts):
            found.add(part)
    return found


def search_burst(polling: Polling, seed: int = 1, say: Say = print, sizes: tuple[int, ...] = _SIZES) -> Bursts:
    """Ever larger ones until the promise breaks, and then between."""
    found = Bursts(polling=polling)
    for size in _steps(found, sizes):
        found.tried[size] = one = _burst(size, polling, seed)
        say(f"{polling.name}: {size:,} at one second, p99 {one.share(0.99):.2f} s")
    return found


def search_delay(seed: int = 1, say: Say = print) -> float:
    """By halves, to an eighth of a second."""
    low, high = 0.0, 8.0
    while high - low > 0.125:
        delay = (low + high) / 2
        found = spread(_DELAY_POSTS, _DELAY_SPAN, Setting(seed=seed, extra_sqs_delay=delay))
        say(f"every message {delay:.2f} s later: p99 {found.share(0.99):.2f} s")
        low, high = (delay, high) if keeps_promise(found) else (low, delay)
    return high


def _steps(found: Bursts, sizes: tuple[int, ...]) -> Iterator[int]:
    broken = 0
    for size in sizes:
        yield size
        if found.largest < size:
            broken = size
            break
    while found.largest and broken / found.largest > _FINE_ENOUGH:
        middle = int((found.largest * broken) ** 0.5)
        yield middle
        broken = middle if found.largest < middle else broken


def _burst(posts: int, polling: Polling, seed: int) -> Outcome:
    """Small ones several times: one post in a hundred must be some posts."""
    whole = Outcome(posts=0)
    for number in range(max(1, min(10, 1000 // posts))):
        whole.add(burst(posts, Setting(polling=polling, seed=seed * 1000 + number)))
    return whole


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--posts", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--concurrency", type=int, default=DEPLOYED.most)
    asked.add_argument("--only", choices=("spread", "bursts", "delay"))
    given = asked.parse_args()
    print_figures()
    show(run(given.posts, given.seed, standard(given.concurrency), given.only))


def show(report: Report) -> None:
    if report.spread and report.bare:
        print_spread(report.spread, report.bare)
    print_bursts(report.bursts)
    if report.breaking_delay:
        print(f"\nThe promise breaks when every message comes {report.breaking_delay:.2f} s later than it does.")


if __name__ == "__main__":
    main()

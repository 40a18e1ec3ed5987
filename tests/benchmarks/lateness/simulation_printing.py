"""The simulation's tables, for people."""

from collections.abc import Sequence
from random import Random
from typing import Any

from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_runs import Outcome

_SHARES = (0.5, 0.95, 0.99, 1.0)
_DRAWN = 20_000


def print_figures() -> None:
    random = Random(1)
    print("Assumed of AWS and of the platform, seconds:")
    for figure in figures.ALL:
        drawn = sorted(figure.draw(random) for _ in range(_DRAWN))
        p50, p99 = drawn[_DRAWN // 2], drawn[_DRAWN * 99 // 100]
        print(f"  {figure.what}: p50 {p50:.3f}, p99 {p99:.3f}\n      {figure.source}")


def print_spread(found: Outcome, bare: Outcome) -> None:
    print(f"\n{'seconds after T':<28}{'posts':>9}{'p50':>9}{'p95':>9}{'p99':>9}{'worst':>9}{'early':>7}")
    for name, each in (("Punctual", found), ("the bare Scheduler at T", bare)):
        shares = "".join(f"{abs(each.share(share)):9.3f}" for share in _SHARES)
        print(f"{name:<28}{each.posts:>9,}{shares}{each.early:>7}")
    print("  what else happened:", ", ".join(f"{name} {count:,}" for name, count in _happened(found)))


def print_bursts(tables: Sequence[Any]) -> None:
    for table in tables:
        print(f"\n{table.polling.name}: largest burst with p99 ≤ 2 s: {table.largest:,}")
        print(
            f"{'posts at one second':>20}{'p50':>9}{'p95':>9}{'p99':>9}{'worst':>9}{'early':>7}{'batches at once':>17}"
        )
        for size, found in sorted(table.tried.items()):
            shares = "".join(f"{abs(found.share(share)):9.3f}" for share in _SHARES)
            print(f"{size:>20,}{shares}{found.early:>7}{found.peaks['batches at once']:>17}")


def _happened(found: Outcome) -> list[tuple[str, int]]:
    return [*sorted(found.counts.items()), *sorted(found.peaks.items())]

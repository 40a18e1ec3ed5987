"""make bench-refresh: very many grants due within one hour, a fifth of all calls failing.

    python -m tests.benchmarks.refreshing [--grants 10000] [--failing 0.2] [--seed 1]

Twice: once with failures alone, and once with a platform beside the others that answers nothing for five minutes. Ends
with 1 where a grant was refreshed after its token had ended, or not at all.
"""

import argparse
import logging
import sys
import time

from tests.benchmarks.lateness import simulation_paths  # noqa: F401 - first: the others import our code
from tests.benchmarks.refreshing.platforms import TOKEN_CALL
from tests.benchmarks.refreshing.prices import of_a_thousand
from tests.benchmarks.refreshing.simulation import Outcome, Setting, simulate

AWAY = ("steady", 4800.0, 5100.0)


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench-refresh", description=__doc__)
    asked.add_argument("--grants", type=int, default=10_000)
    asked.add_argument("--failing", type=float, default=0.2)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    logging.getLogger("punctual").setLevel(logging.CRITICAL)
    print(f"Assumed: {TOKEN_CALL.what}: {TOKEN_CALL.source}; AWS as in make bench-lateness")
    held = True
    for title, away in (("failures alone", ("", 0.0, 0.0)), ("one platform away for five minutes", AWAY)):
        began = time.monotonic()
        found = simulate(Setting(grants=given.grants, failing=given.failing, seed=given.seed, away=away))
        print(f"\n{title} ({time.monotonic() - began:.0f} s)")
        show(found)
        held = held and keeps_promise(found)
    sys.exit(0 if held else 1)


def keeps_promise(found: Outcome) -> bool:
    return found.refreshed == found.grants and found.dead == 0 and found.share(1) > 0


def show(found: Outcome) -> None:
    print(f"  {found.refreshed:,} of {found.grants:,} grants refreshed, {found.dead} dead")
    print(f"  {'seconds left when refreshed':<30}{'p50':>9}{'p99':>9}{'least':>9}")
    for name in (None, *sorted(found.margins)):
        shares = "".join(f"{found.share(part, name):9.0f}" for part in (0.5, 0.99, 1.0))
        print(f"    {name or 'all':<28}{shares}")
    for name, count in sorted(found.far.items()):
        print(f"  {name}: {count:,}")
    print(f"  the refresher says: {found.swept}")
    print(f"  {len(found.run_seconds)} runs with work, the longest {max(found.run_seconds):.1f} s")
    for name, count in sorted(found.calls.items()):
        print(f"  {name}: {count:,}, {count / found.refreshed:.2f} a grant")
    print(f"  AWS calls a grant: {found.calls.total() / found.refreshed:.2f}")
    dollars = of_a_thousand(found)
    parts = ", ".join(f"{name} {each:.4f}" for name, each in dollars.items())
    print(f"  dollars for 1,000 refreshes: {sum(dollars.values()):.4f} ({parts})")


if __name__ == "__main__":
    main()

"""Many storms, on all cores: python -m tests.chaos [--deliveries 10000] [--seed N] [--sabotage no_fence].

Each storm has a seed of its own, which its violations name; `--only SEED` runs that one alone and tells all of it.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.chaos.report import Total
from tests.chaos.sabotage import ALL
from tests.chaos.storm import DELIVERIES, Report, run

_SPREAD = 100_000
"""Seeds of one run's storms; runs with neighbouring seeds share none."""


def main() -> int:
    asked = _parsed()
    total, began = Total(), time.monotonic()
    for report in _reports(asked):
        total.add(report)
        rate = total.deliveries / (time.monotonic() - began)
        _say(f"\r{total.deliveries} deliveries, {rate:.0f} a second, {total.violations} violations", end="")
        if total.deliveries >= asked.deliveries or (asked.stop and total.violations):
            break
    _say()
    total.tell(_say)
    return 1 if total.violations else 0


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--deliveries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=None, help="of the whole run; another one each time if not given")
    parser.add_argument("--only", type=int, default=None, help="the seed of one storm")
    parser.add_argument("--sabotage", choices=sorted(ALL), default=None)
    parser.add_argument("--stop", action="store_true", help="at the first violation")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    return parser.parse_args()


def _reports(asked: argparse.Namespace) -> Iterator[Report]:
    if asked.only is not None:
        asked.deliveries = 1
        yield run(asked.only, asked.sabotage)
        return
    seed = asked.seed if asked.seed is not None else int(time.time())
    _say(f"seed {seed}")
    storms = range(seed * _SPREAD, seed * _SPREAD + asked.deliveries // (DELIVERIES // 2) + 1)
    pool = ProcessPoolExecutor(asked.workers, multiprocessing.get_context("spawn"))
    try:
        for done in as_completed([pool.submit(run, seed, asked.sabotage) for seed in storms]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _say(text: str = "", end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""make bench-lateness: Punctual's local stack beside BullMQ on Redis, and then the simulation of AWS, in one go.

    python -m tests.benchmarks.lateness [--posts 100000]

Some forty minutes on two idle cores. Ends with 1 where a promise is broken, with 2 where BullMQ cannot be had.
"""

import argparse
import sys

from local.problems import exit_on_problem
from tests.benchmarks.lateness import side_by_side, simulation, simulation_printing
from tests.benchmarks.lateness.simulation import keeps_promise

ROUNDS = {1: 5, 20: 3, 200: 1}
POSTS_IN_THE_RUN_WITH_THE_KILL = 20


@exit_on_problem
def main() -> None:
    asked = argparse.ArgumentParser(prog="bench-lateness", description=__doc__)
    asked.add_argument("--posts", type=int, default=100_000, help="in the simulation")
    posts = asked.parse_args().posts
    ended = side_by_side.compare(ROUNDS, POSTS_IN_THE_RUN_WITH_THE_KILL)
    simulation_printing.print_figures()
    report = simulation.run(posts)
    simulation.show(report)
    kept = report.spread is not None and keeps_promise(report.spread)
    sys.exit(ended or (0 if kept else side_by_side.BROKEN))


if __name__ == "__main__":
    main()

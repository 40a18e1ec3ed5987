"""Webhooks through random faults: python -m tests.chaos_webhooks [--events 5000] [--seed N] [--sabotage no_retries].

The same events are sent twice: to the healthy endpoints alone, and to them beside all the bad ones.
"""

import argparse
import sys
import time

from tests.chaos_webhooks.sabotage import ALL, HONEST
from tests.chaos_webhooks.scene import Report, run

MOST_DELAYED_SECONDS = 0.5
"""The healthy endpoints' median event, by the bad ones. What is much slower waits for dead senders, who are others."""


def main() -> int:
    asked = _parsed()
    seed = asked.seed if asked.seed is not None else int(time.time())
    _say(f"seed {seed}, {asked.events} events")
    sabotage = ALL[asked.sabotage] if asked.sabotage else HONEST
    alone = run(seed, asked.events, healthy_only=True, sabotage=sabotage)
    _tell("healthy endpoints alone", alone)
    beside = run(seed, asked.events, sabotage=sabotage)
    _tell("beside the bad ones", beside)
    if beside.lag_at(0.5) > alone.lag_at(0.5) + MOST_DELAYED_SECONDS:
        beside.violations.append("bad endpoints delay healthy ones")
    for violation in (*alone.violations, *beside.violations):
        _say(f"VIOLATED: {violation}")
    return 1 if alone.violations or beside.violations else 0


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos_webhooks", description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--sabotage", choices=sorted(ALL), default=None)
    return parser.parse_args()


def _tell(what: str, report: Report) -> None:
    _say(f"{what}: {report.events} events in the feed")
    for name, sent in report.sent.items():
        _say(f"  {name:12} {sent}")
    shares = {"p50": 0.5, "p75": 0.75, "p99": 0.99, "most": 1.0}
    lag = ", ".join(f"{name} {report.lag_at(share):.2f} s" for name, share in shares.items())
    _say(f"  lag of healthy endpoints: {lag}")
    _say("  " + ", ".join(f"{name}: {count}" for name, count in sorted(report.counts.items())))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

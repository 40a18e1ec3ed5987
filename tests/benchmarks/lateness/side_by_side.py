"""How late Punctual's local stack is, and how late the classic design: delayed BullMQ jobs on Redis. In one run.

    python -m tests.benchmarks.lateness.side_by_side [--rounds 1:5 20:3 200:1] [--kill 20]

Both post to the same sandbox, whose stamp on each post is the measure. Ends with 1 where a promise is broken, with 2
where BullMQ cannot be had and the comparison is missing.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
from rich.console import Console

from local.problems import exit_on_problem
from local.stack import Stack, running
from tests.benchmarks.lateness import killing, punctual_side, rounds, sandbox
from tests.benchmarks.lateness.bullmq import packages
from tests.benchmarks.lateness.bullmq import side as bullmq_side
from tests.benchmarks.lateness.report import Report, show
from tests.benchmarks.lateness.rounds import Measured, Say
from tests.benchmarks.lateness.sides import Side

BROKEN, MISSING = 1, 2
WARMING_POSTS = 60
console = Console(highlight=False)


@exit_on_problem
def main() -> None:
    parser = argparse.ArgumentParser(prog="side_by_side")
    parser.add_argument("--rounds", nargs="+", default=["1:5", "20:3", "200:1"], metavar="POSTS:TIMES")
    parser.add_argument(
        "--kill", type=int, default=20, metavar="POSTS", help="in the run with the kill; 0 leaves it out"
    )
    asked = parser.parse_args()
    times = {int(size): int(number) for size, number in (each.split(":") for each in asked.rounds)}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(compare(times, asked.kill))


def compare(times: dict[int, int], kill: int) -> int:
    """What the process should end with."""
    begun = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - begun:5.0f} s[/dim]  {text}", soft_wrap=True)

    with ExitStack() as opened:
        stack = opened.enter_context(running(say=say))
        sides, missing = _started(opened, stack, say)
        far = opened.enter_context(stack.client())
        far.timeout = sandbox.PATIENT
        report = _measured(stack, sides, far, times, kill, say)
    checks = show(console, report)
    if missing:
        console.print(f"\nThe comparison is missing: {missing}", style="bold", soft_wrap=True)
        return MISSING
    return 0 if all(check.kept for check in checks) else BROKEN


def _started(opened: ExitStack, stack: Stack, say: Say) -> tuple[list[Side], str]:
    """Punctual first, BullMQ after it; or Punctual alone, and why."""
    ours = opened.enter_context(punctual_side.connected(stack))
    concurrency = punctual_side.concurrency(stack)
    try:
        found = packages.installed()
    except packages.Missing as error:
        return [ours], str(error)
    say(
        f"BullMQ {found.bullmq} on Redis {found.redis.version} ({found.redis.source}) and Node {found.node.version} "
        f"({found.node.source}); {concurrency} posts at once on either side"
    )
    handle = bullmq_side.BullMqSide.handle
    classic = bullmq_side.running(
        found, api=f"{stack.url}/sandbox/api", token=sandbox.token(stack, handle), concurrency=concurrency
    )
    return [ours, opened.enter_context(classic)], ""


def _measured(
    stack: Stack, sides: Sequence[Side], far: httpx.Client, times: dict[int, int], kill: int, say: Say
) -> Report:
    _warm(stack, sides, max(times, default=0), far, say)
    measured = {(side.name, size): Measured(side) for size in times for side in sides}
    for size, number in times.items():
        for each in (done for turn in range(number) for done in rounds.play(sides, size, turn, far, say)):
            measured[each.side.name, size].posts.extend(each.posts)
    seen = rounds.seen_by(far, sides)
    survived = killing.kill_run(sides, kill, far, say) if kill else []
    return Report(measured=measured, seen=seen, survived=survived)


def _warm(stack: Stack, sides: Sequence[Side], largest: int, far: httpx.Client, say: Say) -> None:
    """Workers of the publisher, of the sandbox as many as calls at once, and a round of each that does not count."""
    many = min(punctual_side.concurrency(stack), max(largest, WARMING_POSTS))
    say(
        f"Warming: publisher, {many} workers of the sandbox, and {WARMING_POSTS} posts on either side that do not count"
    )
    stack.warm(workers=10)
    limits = httpx.Limits(max_connections=None)
    with (
        httpx.Client(base_url=stack.url, timeout=900, trust_env=False, limits=limits) as client,
        ThreadPoolExecutor(many) as pool,
    ):
        list(pool.map(lambda _: client.get("/sandbox/api/timeline"), range(many)))
    rounds.play(sides, WARMING_POSTS, 0, far, say)


if __name__ == "__main__":
    main()

"""kill -9 of each one's worker in the middle of a run: what is lost, what goes out twice.

The posts are slow at the sandbox, so that the kill meets calls under way. Punctual's go under the sandbox's idempotency
keys, as its users' posts do where a platform has them; BullMQ's go plainly, as the classic design sends them.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from tests.benchmarks.lateness.figures import Lateness, Tally
from tests.benchmarks.lateness.rounds import (
    AHEAD_SECONDS,
    PREPARING_SECONDS,
    WRITING_SECONDS,
    Measured,
    Round,
    Say,
    plan,
    sleep_until,
    whole_second,
)
from tests.benchmarks.lateness.sandbox import arrivals
from tests.benchmarks.lateness.sides import Side

SPREAD_SECONDS = 5
SLOW_SECONDS = 2
KILLED_AFTER_SECONDS = 2.9
SETTLING_SECONDS = 330
"""Punctual's leases and the sweep's minutes; BullMQ looks for stalled jobs each 30 s, and needs two looks."""
LAST_CALLS_SECONDS = 4.0


@dataclass(frozen=True, kw_only=True)
class Survived:
    """`cut` calls were under way at the kill; `unfinished` posts had not ended when we stopped waiting."""

    side: Side
    killed: int
    cut: int
    unfinished: int
    tally: Tally
    lateness: Lateness


def kill_run(sides: Sequence[Side], count: int, far: httpx.Client, say: Say) -> list[Survived]:
    ours = whole_second() + timedelta(seconds=AHEAD_SECONDS + count * WRITING_SECONDS)
    apart = timedelta(seconds=PREPARING_SECONDS + SPREAD_SECONDS)
    rounds = [_spread(plan(side, count, at, f" [sandbox:slow={SLOW_SECONDS}]"))
              for side, at in zip(sides, (ours, ours - apart), strict=False)]  # fmt: skip
    for each in rounds:
        each.side.schedule(each.posts)
    kills = {each.side.name: _kill(each, say) for each in sorted(rounds, key=lambda each: each.due_at)}
    left = _settled(sides, say)
    time.sleep(LAST_CALLS_SECONDS)
    return [_survived(each, *kills[each.side.name], left[each.side.name], far) for each in rounds]


def _spread(planned: Round) -> Round:
    posts = [
        replace(post, due_at=post.due_at + timedelta(seconds=number % SPREAD_SECONDS))
        for number, post in enumerate(planned.posts)
    ]
    return replace(planned, posts=posts)


def _kill(each: Round, say: Say) -> tuple[int, datetime]:
    at = each.due_at + timedelta(seconds=KILLED_AFTER_SECONDS)
    sleep_until(at)
    killed = each.side.kill_workers()
    say(f"{each.side.name:>8}: kill -9 of {killed} worker process{'' if killed == 1 else 'es'}")
    return killed, at


def _settled(sides: Sequence[Side], say: Say) -> dict[str, int]:
    """What each still has to do: nothing, unless our patience ended first."""
    begun = time.monotonic()
    while True:
        left = {side.name: side.unfinished() for side in sides}
        if not any(left.values()) or time.monotonic() - begun > SETTLING_SECONDS:
            return left
        say("unfinished after the kill: " + ", ".join(f"{name} {count}" for name, count in left.items()))
        time.sleep(10)


def _survived(each: Round, killed: int, at: datetime, unfinished: int, far: httpx.Client) -> Survived:
    seen = arrivals(far, each.side.handle)
    found = Measured(each.side, list(each.posts))
    mine = {post.text for post in each.posts}
    under_way = {arrival.text for arrival in seen
                 if arrival.text in mine and at - timedelta(seconds=SLOW_SECONDS) < arrival.at <= at}  # fmt: skip
    return Survived(
        side=each.side,
        killed=killed,
        cut=len(under_way),
        unfinished=unfinished,
        tally=found.tally(seen),
        lateness=found.lateness(seen),
    )

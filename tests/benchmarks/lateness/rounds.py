"""Rounds: one system's posts, all due at one second, and how late the sandbox saw each."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from tests.benchmarks.lateness.figures import Lateness, Tally
from tests.benchmarks.lateness.sandbox import Arrival, arrivals
from tests.benchmarks.lateness.sides import Planned, Side

Say = Callable[[str], None]
AHEAD_SECONDS = 42
"""More than the local stack's lead and its Scheduler's precision: the Scheduler itself must wake Punctual's posts."""
WRITING_SECONDS = 0.5
"""For each post, on a machine that has other things to do."""
PREPARING_SECONDS = 20
"""Before its time, Punctual prepares: the other system's second must not fall into that."""
LOOKS_EACH_SECONDS = 2.0
PATIENCE_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Round:
    side: Side
    posts: Sequence[Planned]

    @property
    def due_at(self) -> datetime:
        return self.posts[0].due_at


@dataclass
class Measured:
    """What was scheduled on one side at one size, over all its rounds; arrivals are read when all have ended."""

    side: Side
    posts: list[Planned] = field(default_factory=list)

    def lateness(self, seen: Sequence[Arrival]) -> Lateness:
        due = {post.text: post.due_at for post in self.posts}
        return Lateness.of([(each.at - due[each.text]).total_seconds() * 1000 for each in seen if each.text in due])

    def tally(self, seen: Sequence[Arrival]) -> Tally:
        mine = {post.text for post in self.posts}
        return Tally.of(mine, [each.text for each in seen if each.text in mine])


def plan(side: Side, size: int, due_at: datetime, said: str = "") -> Round:
    """Every text is its own: one that comes twice is a double."""
    run = secrets.token_hex(4)
    texts = [f"lateness {run} {number}{said}" for number in range(size)]
    return Round(side=side, posts=[Planned(text=text, due_at=due_at) for text in texts])


def play(sides: Sequence[Side], size: int, number: int, far: httpx.Client, say: Say) -> list[Round]:
    """One round of each, its seconds well apart; who goes first alternates. The first of `sides` is Punctual."""
    ours = whole_second() + timedelta(seconds=AHEAD_SECONDS + size * WRITING_SECONDS)
    before, after = timedelta(seconds=PREPARING_SECONDS + size / 10), timedelta(seconds=8 + size / 4)
    due = [ours, ours - before if number % 2 else ours + after]
    rounds = [plan(side, size, at.replace(microsecond=0)) for side, at in zip(sides, due, strict=False)]
    for each in rounds:
        each.side.schedule(each.posts)
    for each in sorted(rounds, key=lambda each: each.due_at):
        wait(each, far)
        seen = arrivals(far, each.side.handle)
        found = Measured(each.side, list(each.posts)).lateness(seen)
        say(
            f"{each.side.name:>8}, {size} due at {each.due_at:%H:%M:%S} UTC: "
            f"p50 {found.p50:.0f} ms, worst {found.worst:.0f} ms"
        )
    return rounds


def wait(each: Round, far: httpx.Client) -> None:
    """Until all have arrived, or long enough; a look costs the emulator little, and both sides the same."""
    sleep_until(each.due_at)
    wanted = {post.text for post in each.posts}
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        time.sleep(LOOKS_EACH_SECONDS)
        if wanted <= {arrival.text for arrival in arrivals(far, each.side.handle)}:
            return


def whole_second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def sleep_until(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def seen_by(far: httpx.Client, sides: Sequence[Side]) -> Mapping[str, list[Arrival]]:
    return {side.name: arrivals(far, side.handle) for side in sides}

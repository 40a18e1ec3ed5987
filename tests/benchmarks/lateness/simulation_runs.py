"""What is simulated: posts spread over a span, posts at one second, and the Scheduler alone beside them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_provider import LONG_LEAD_SECONDS, kind_of_work
from tests.benchmarks.lateness.simulation_stack import Setting, Stack, seeded

_FIRST_DUE = 1000.0
_POSTS_A_CHANNEL = 10
_SHORT_NOTICE = 0.1

Say = Callable[[str], None]
"""Tells a person how far it is; goes to other processes, and so must be a plain function."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    written_at: float
    due_at: float
    work: dict[str, float]


@dataclass(kw_only=True)
class Outcome:
    """Seconds from T to the start of the publishing call, one a post; and what else happened."""

    posts: int
    late: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    peaks: Counter[str] = field(default_factory=Counter)

    def share(self, part: float) -> float:
        """The lateness that `part` of all posts keep; one that was never sent is late for ever."""
        ordered = sorted(self.late) + [float("inf")] * (self.posts - len(self.late))
        return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]

    @property
    def early(self) -> int:
        return sum(1 for each in self.late if each < 0)

    def add(self, other: "Outcome") -> None:
        self.posts += other.posts
        self.late += other.late
        self.counts += other.counts
        self.peaks |= other.peaks


def spread(posts: int, seconds: float, setting: Setting, say: Say | None = None) -> Outcome:
    """One in ten is written less than four minutes before its time, and goes to the queue at once. No two share their
    channel and their second: such posts go out in order, and the later one waits for the earlier."""
    random = Random(setting.seed)
    plan = [_some_post(random, _FIRST_DUE + int(random.uniform(0, seconds))) for _ in range(posts)]
    return _run(plan, setting, say=say)


def burst(posts: int, setting: Setting) -> Outcome:
    """All due at one second, each on a channel of its own; nothing else is going on."""
    random = Random(setting.seed)
    due_at = _FIRST_DUE
    plan = [Planned(written_at=due_at - random.uniform(600, 900), due_at=due_at, work={}) for _ in range(posts)]
    return _run(plan, setting, posts_a_channel=1)


def bare_scheduler(posts: int, seed: int) -> Outcome:
    """A schedule at T itself, a queue, and a function that reads three items and posts."""
    random = Random(seed)
    found = Outcome(posts=posts)
    for _ in range(posts):
        reads = sum(figures.DYNAMODB.draw(random) for _ in range(3)) + figures.KMS.draw(random)
        found.late.append(figures.SCHEDULER.draw(random) + figures.SQS.draw(random) + reads)
    return found


def _some_post(random: Random, due_at: float) -> Planned:
    work = kind_of_work(random)
    is_short = random.random() < _SHORT_NOTICE and max(work.values(), default=0) < 15
    ahead = random.uniform(30, 240) if is_short else random.uniform(LONG_LEAD_SECONDS + 120, LONG_LEAD_SECONDS + 420)
    return Planned(written_at=due_at - ahead, due_at=due_at, work=work)


def _run(
    plan: list[Planned],
    setting: Setting,
    posts_a_channel: int = _POSTS_A_CHANNEL,
    say: Say | None = None,
) -> Outcome:
    with seeded(setting.seed):
        stack = Stack(setting)
        stack.connect(max(1, len(plan) // posts_a_channel))
        due: dict[str, float] = {}

        def write(post: Planned, number: int) -> None:
            channel_id = stack.channel_ids[number % len(stack.channel_ids)]
            due[stack.write(channel_id, post.due_at, post.work)] = post.due_at

        for number, post in enumerate(sorted(plan, key=lambda post: post.due_at)):
            stack.timeline.plan(post.written_at, lambda post=post, number=number: write(post, number))
        end = max(post.due_at for post in plan) + 600
        stack.sweep_each_minute(end)
        if say:
            _report_progress(stack, end, say)
        stack.timeline.run(end)
        stack.timeline.close()
        return _outcome(stack, due)


def _report_progress(stack: Stack, end: float, say: Say) -> None:
    for minutes in range(5, int(end / 60), 5):
        told = f"  {minutes} of {end / 60:.0f} minutes"
        stack.timeline.plan(minutes * 60.0, lambda told=told: say(told))


def _outcome(stack: Stack, due: dict[str, float]) -> Outcome:
    calls = stack.provider.calls
    late = {delivery_id: round(at - due[delivery_id], 6) for delivery_id, at in calls}
    counts = stack.counts + stack.pollers.counts
    counts["messages"] = stack.sqs.sent
    counts["sent twice"] = len(calls) - len(late)
    counts["told otherwise"] = sum(
        1 for each, told in stack.told.items() if told is None or abs(told / 1000 - late.get(each, -1)) > 0.002
    )
    counts["DynamoDB calls"] = stack.dynamodb.calls.total()
    peaks = Counter({"batches at once": stack.pollers.most_at_once})
    peaks["longest sweep, s"] = counts.pop("longest sweep, s", 0)
    return Outcome(posts=len(due), late=list(late.values()), counts=counts, peaks=peaks)

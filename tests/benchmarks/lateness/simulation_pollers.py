"""Lambda's event source mapping: how many batches are taken from the queue at once, and in which environments.

First come, first served; SQS's fair queues are not modelled. A message is taken as soon as a poller is free, so that
batches are full only where messages wait.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_aws import Environment, Machine

_IDLE_SECONDS = 60.0
"""After which a poller beyond the first is given up: assumed."""
_KEPT_WARM_SECONDS = 300.0
"""An environment that nobody uses: assumed; AWS says no more than 'some time'."""
VISIBILITY_SECONDS = 90.0


@dataclass(frozen=True, kw_only=True)
class Polling:
    """How many batches may be at work: `first` at once, then ever more while messages wait."""

    name: str
    first: int
    most: int
    more_per_second: float
    batch_size: int = 10
    window_seconds: float = 0.0
    """MaximumBatchingWindowInSeconds: how long a poller waits for its batch to fill; 0 in template.yaml."""
    polls_per_second: float | None = None
    """For each batch that may be at work, where AWS names a limit."""


def standard(concurrency: int = 200) -> Polling:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: five at once, up to 300 more a minute
    (taken as one each fifth of a second); with a maximum concurrency never fewer than five."""
    name = f"standard, PublisherConcurrency {concurrency}"
    return Polling(name=name, first=min(5, concurrency), most=concurrency, more_per_second=5.0)


def provisioned(minimum: int, maximum: int = 200) -> Polling:
    """The same page, and https://aws.amazon.com/blogs/aws/aws-lambda-enhances-sqs-processing-with-new-provisioned-mode-3x-faster-scaling-16x-higher-capacity
    : each poller runs ten batches and asks ten times a second; up to 1,000 more concurrent runs a minute."""
    first, most = 10 * minimum, 10 * maximum
    name = f"provisioned, at least {minimum} pollers"
    return Polling(name=name, first=first, most=most, more_per_second=1000 / 60, polls_per_second=1.0)


class Pollers:
    """`handle` runs one message in one of the environment's threads."""

    def __init__(
        self, machine: Machine, polling: Polling, memory_megabytes: int, handle: Callable[[str, Environment], None]
    ):
        self._machine = machine
        self._timeline = machine.timeline
        self._polling = polling
        self._memory = memory_megabytes
        self._handle = handle
        self._waiting: deque[tuple[float, str]] = deque()
        self._free = [0.0] * polling.first
        self._count = polling.first
        self._grown_at = 0.0
        self._is_growing = self._is_asking = False
        self._polled_until = 0.0
        self._idle: list[tuple[float, Environment]] = []
        self.counts: Counter[str] = Counter()
        self.batches: Counter[int] = Counter()
        self.most_at_once = 0

    def arrived(self, body: str) -> None:
        self._waiting.append((self._timeline.at, body))
        self._take()
        if self._waiting and self._polling.window_seconds:
            self._timeline.plan(self._timeline.at + self._polling.window_seconds, self._take)

    def _take(self) -> None:
        self._give_up_idle()
        while self._is_batch() and self._free and self._may_poll():
            self._free.pop()
            size = min(self._polling.batch_size, len(self._waiting))
            self._begin([self._waiting.popleft()[1] for _ in range(size)])
        if self._waiting and not self._free and not self._is_growing and self._count < self._polling.most:
            self._is_growing = True
            self._grown_at = max(self._timeline.at, self._grown_at) + 1 / self._polling.more_per_second
            self._timeline.plan(self._grown_at, self._grow)

    def _is_batch(self) -> bool:
        """Whether one is full, or has waited for as long as it may."""
        if not self._waiting or len(self._waiting) >= self._polling.batch_size:
            return bool(self._waiting)
        return self._waiting[0][0] + self._polling.window_seconds <= self._timeline.at

    def _grow(self) -> None:
        self._is_growing = False
        if self._waiting and not self._free:
            self._count += 1
            self._free.append(self._timeline.at)
        self._take()

    def _give_up_idle(self) -> None:
        """The longest idle stand first: the last one freed is the first one used."""
        while self._count > self._polling.first and self._free and self._free[0] < self._timeline.at - _IDLE_SECONDS:
            del self._free[0]
            self._count -= 1

    def _may_poll(self) -> bool:
        """At most so many polls a second; where there are too many, the next one comes when it may."""
        each = self._polling.polls_per_second
        if each is None:
            return True
        now, rate = self._timeline.at, each * self._count
        at = max(self._polled_until, now - 1) + 1 / rate
        if at <= now:
            self._polled_until = at
        elif not self._is_asking:
            self._is_asking = True
            self._timeline.plan(at, self._ask)
        return at <= now

    def _ask(self) -> None:
        self._is_asking = False
        self._take()

    def _begin(self, bodies: list[str]) -> None:
        self.batches[len(bodies)] += 1
        self.most_at_once = max(self.most_at_once, self._count - len(self._free))
        environment, ready_in = self._environment()
        left = [len(bodies)]

        def run(body: str) -> None:
            self._run(body, environment)
            left[0] -= 1
            if not left[0]:
                self._end(environment)

        def begin() -> None:
            environment.awake = len(bodies)
            for body in bodies:
                self._timeline.work(lambda body=body: run(body))

        self._timeline.plan(self._timeline.at + ready_in, begin)

    def _run(self, body: str, environment: Environment) -> None:
        worker = self._timeline.working
        assert worker is not None
        worker.environment = environment
        try:
            self._handle(body, environment)
        except Exception as fault:  # noqa: BLE001 - as the function does: the message comes again
            self.counts[f"failed: {type(fault).__name__}"] += 1
            self._timeline.plan(self._timeline.at + VISIBILITY_SECONDS, lambda: self.arrived(body))
        environment.awake -= 1

    def _end(self, environment: Environment) -> None:
        now = self._timeline.at
        self._idle.append((now, environment))
        self._free.append(now)
        self._timeline.plan(now, self._take)

    def _environment(self) -> tuple[Environment, float]:
        """The one used last, or a new one and how long that takes."""
        oldest = self._timeline.at - _KEPT_WARM_SECONDS
        while self._idle and self._idle[0][0] < oldest:
            del self._idle[0]
        self.counts["invocations"] += 1
        if self._idle:
            return self._idle.pop()[1], 0.0
        self.counts["cold starts"] += 1
        return Environment(self._memory), figures.COLD_START.draw(self._machine.random)

"""AWS as the simulation has it: calls that take time and processor, a queue that delays, a Scheduler that is late."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_clock import START, Timeline
from tests.benchmarks.lateness.simulation_figures import Figure


class Environment:
    """One Lambda environment: its records share its processor, and those that wait for an answer use none of it."""

    def __init__(self, memory_megabytes: int):
        self._slowness = figures.VCPU_MEGABYTES / memory_megabytes
        self.awake = 0
        self.publishing: Any = None
        """Our code with its clients, once a message has come."""

    def lasts(self, waiting: float, cpu: float) -> float:
        """Of a call: its own wait and work, or, where the others' work fills the time, its turn among them."""
        own = cpu * self._slowness
        return max(waiting + own, self.awake * own)


class Machine:
    """What our code runs on: everything that takes time goes through here."""

    def __init__(self, timeline: Timeline, random: Random):
        self.timeline = timeline
        self.random = random

    def call(self, figure: Figure, cpu: float) -> None:
        worker = self.timeline.working
        if worker:
            self.timeline.sleep(worker.environment.lasts(figure.draw(self.random), cpu))

    def compute(self, cpu: float) -> None:
        worker = self.timeline.working
        if worker:
            self.timeline.sleep(worker.environment.lasts(0.0, cpu))

    def sleep(self, seconds: float) -> None:
        """Asleep or waiting for a platform: the processor is the others'."""
        worker = self.timeline.working
        if worker:
            worker.environment.awake -= 1
            self.timeline.sleep(seconds)
            worker.environment.awake += 1


class Timed:
    """A client in memory whose calls take as long as AWS's."""

    def __init__(self, client: Any, machine: Machine, figure: Figure):
        self._client = client
        self._machine = machine
        self._figure = figure
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = partial(self._call, name, getattr(self._client, name))
        setattr(self, name, found)
        return found

    def _call(self, name: str, method: Callable[..., Any], **given: Any) -> Any:
        self._machine.call(self._figure, figures.AWS_CALL_CPU)
        self.calls[name] += 1
        return method(**given)


class Sqs:
    """`arrived` gets each body when the function could have it; `extra_delay` is on top of every message's way."""

    def __init__(self, machine: Machine, arrived: Callable[[str], None], extra_delay: float = 0.0):
        self._machine = machine
        self._arrived = arrived
        self._extra_delay = extra_delay
        self.sent = 0

    def send_message(self, *, MessageBody: str, DelaySeconds: int = 0, **_: Any) -> dict[str, str]:  # noqa: N803
        self._machine.call(figures.SEND, figures.AWS_CALL_CPU)
        self.put(MessageBody, DelaySeconds)
        return {}

    def send_message_batch(self, *, Entries: list[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803
        self._machine.call(figures.SEND, figures.AWS_CALL_CPU)
        for entry in Entries:
            self.put(entry["MessageBody"])
        return {}

    def put(self, body: str, delay_seconds: int = 0) -> None:
        self.sent += 1
        way = figures.SQS.draw(self._machine.random) + self._extra_delay
        timeline = self._machine.timeline
        timeline.plan(timeline.at + delay_seconds + way, lambda: self._arrived(body))


class Scheduler:
    """Fires each schedule once, up to a minute late."""

    def __init__(self, machine: Machine, sqs: Sqs):
        self._machine = machine
        self._sqs = sqs

    def create_schedule(self, *, ScheduleExpression: str, Target: dict[str, str], **_: Any) -> dict[str, str]:  # noqa: N803
        asked = datetime.strptime(ScheduleExpression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
        at = (asked - START).total_seconds() + figures.SCHEDULER.draw(self._machine.random)
        self._machine.timeline.plan(at, lambda: self._sqs.put(Target["Input"]))
        return {}

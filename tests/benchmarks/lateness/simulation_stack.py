"""The stack under simulation: the real stores, the real Writing, Publishing and Sweeping, over tables in memory."""

import random as everyones
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from unittest.mock import patch

from pydantic import SecretStr

from punctual import ids
from punctual.attaching import Attaching
from punctual.attempts import Attempts
from punctual.buckets import Buckets
from punctual.channels import Channels
from punctual.clock import to_text
from punctual.composing import Composing
from punctual.deliveries import Deliveries
from punctual.drafts import NewPost
from punctual.duplicates import Duplicates
from punctual.grants.grants import Grants
from punctual.media.asking import Asking
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.media.uses import Uses
from punctual.messages import Queue, parse
from punctual.pauses import Pauses
from punctual.planning import Planning
from punctual.posts import Posts
from punctual.preflight import Preflight
from punctual.providers.base import Account, Grant
from punctual.publishing import Invocation, Publishing, Tools
from punctual.refreshing import Refreshing
from punctual.scheduling import ScheduleTarget, Scheduling, Timing
from punctual.sealing import Vault
from punctual.spacing import Spacing
from punctual.sweeping import Sweeping
from punctual.tables import Table
from punctual.workspaces import Workspaces
from punctual.writing import Writing
from tests.benchmarks.lateness import simulation_figures as figures
from tests.benchmarks.lateness.simulation_aws import Environment, Machine, Scheduler, Sqs, Timed
from tests.benchmarks.lateness.simulation_clock import START, Timeline
from tests.benchmarks.lateness.simulation_pollers import Pollers, Polling, standard
from tests.benchmarks.lateness.simulation_provider import OnlySimulated, SimulatedProvider
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.shelves import no_files
from tests.template import create_tables

INVOCATION = timedelta(seconds=60)
SWEEP_LIMIT = 1000
"""As functions/sweeper/app.py has it."""
PRECISION_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a run varies; the rest is as template.yaml deploys it."""

    polling: Polling = field(default_factory=standard)
    lead_seconds: int = 180
    extra_sqs_delay: float = 0.0
    memory_megabytes: int = 512
    slack: float = 0.02
    seed: int = 1


class Stack:
    def __init__(self, setting: Setting):
        self.random = Random(setting.seed)
        self.timeline = Timeline(setting.slack)
        self.machine = Machine(self.timeline, self.random)
        now = self.timeline.now
        self.memory = MemoryDynamoDB(clock=lambda: START.timestamp() + self.timeline.at)
        names = create_tables(self.memory)
        self.dynamodb = Timed(self.memory, self.machine, figures.DYNAMODB)
        kms = Timed(MemoryKms("key"), self.machine, figures.KMS)
        self.pollers = Pollers(self.machine, setting.polling, setting.memory_megabytes, self._handle)
        self.sqs = Sqs(self.machine, self.pollers.arrived, setting.extra_sqs_delay)
        self.provider = SimulatedProvider(self.machine, now)
        self.providers = OnlySimulated(self.provider)
        self._work = Table(self.dynamodb, names["WorkTable"], self.machine.sleep)
        self._grants = Grants(Table(self.dynamodb, names["GrantsTable"], self.machine.sleep), Vault(kms, "key"), now)
        self._queue = Queue(self.sqs, "queue")
        self._channels = Channels(self._work, now)
        self.deliveries = Deliveries(self._work)
        self.posts = Posts(self._work, self.deliveries, now)
        self._writing = self._make_writing(setting)
        preflight = Preflight(
            posts=self.posts,
            deliveries=self.deliveries,
            channels=self._channels,
            pauses=Pauses(self._work, now),
            providers=self.providers,  # type: ignore[arg-type]  # as the writer's
            library=Library(self._work, now),
            renditions=Renditions(self._work, now),
            now=now,
        )
        self._sweeping = Sweeping(self._work, self.posts, self._queue, self._queue, preflight, now)
        self._sweeper = Environment(setting.memory_megabytes)
        self._sweeper.awake = 1
        self.counts: Counter[str] = Counter()
        self.told: dict[str, int | None] = {}
        """Delivery → its own `lateness_ms`."""
        Pauses(self._work, now).know_table()
        self.workspace_id = Workspaces(self._work, now).create("simulated").id
        self.channel_ids: list[str] = []

    def connect(self, count: int) -> None:
        for number in range(count):
            account = Account(id=str(number), handle=f"account{number}", server="https://platform.example")
            channel = self._channels.claim(self.workspace_id, "simulated", account)
            grant = Grant(access_token=SecretStr("token"), server=account.server)
            grant_id = self._grants.create(self.workspace_id, self.provider, [channel.id], grant, None)
            self._channels.activate(channel, account, grant_id)
            self.channel_ids.append(channel.id)

    def write(self, channel_id: str, due_at: float, work: dict[str, float]) -> str:
        """The new delivery's id."""
        target = {"channel_id": channel_id, "settings": work}
        at = to_text(START + timedelta(seconds=due_at))
        given = {"text": "Hello", "scheduled_at": at, "targets": [target], "allow_duplicate": True}
        draft = NewPost.model_validate(given)
        written = self._writing.create(self.workspace_id, draft)
        (delivery,) = written.deliveries
        self.timeline.plan(due_at + 180, lambda: self._forget(written.post.id))
        return delivery.id

    def sweep_each_minute(self, until: float) -> None:
        at = self.timeline.at + self.random.uniform(0, 60)
        while at < until:
            self.timeline.plan(at, lambda: self.timeline.work(self._sweep))
            at += 60

    def _sweep(self) -> None:
        """Not stopped at the function's 55 s: a longest sweep beyond them is one that AWS would have cut off."""
        worker, began = self.timeline.working, self.timeline.at
        assert worker is not None
        worker.environment = self._sweeper
        swept = self._sweeping.sweep(SWEEP_LIMIT)
        self.counts["woken by the sweep"] += swept.woken
        self.counts["longest sweep, s"] = max(self.counts["longest sweep, s"], round(self.timeline.at - began))

    def _handle(self, body: str, environment: Environment) -> None:
        deadline = self.timeline.now() + INVOCATION
        if environment.publishing is None:
            environment.publishing = self._publisher()
            self.machine.compute(figures.CLIENTS_CPU)
        environment.publishing.handle(parse(body), Invocation(deadline=deadline, id="simulated"))
        self.counts["ran into the deadline"] += self.timeline.now() > deadline

    def _publisher(self) -> Publishing:
        now = self.timeline.now
        tools = Tools(
            posts=self.posts,
            deliveries=self.deliveries,
            attempts=Attempts(self._work, now),
            channels=self._channels,
            pauses=Pauses(self._work, now),
            buckets=Buckets(self._work),
            refreshing=Refreshing(self._grants, self._channels, self.providers, now, sleep=self.machine.sleep),
            providers=self.providers,
            shelf=no_files(self._work, now),
            queue=self._queue,
            now=now,
            sleep=self.machine.sleep,
            meter=_uncounted,
        )
        return Publishing(tools)

    def _make_writing(self, setting: Setting) -> Writing:
        target = ScheduleTarget(group="posts", queue_arn="queue", role_arn="role")
        timing = Timing(lead_seconds=setting.lead_seconds, precision_seconds=PRECISION_SECONDS)
        scheduler = Scheduler(self.machine, self.sqs)
        now = self.timeline.now
        scheduling = Scheduling(scheduler, target, self._queue, timing, now)
        composing = Composing(self._channels, self.providers, Attaching(Library(self._work, now)))
        return Writing(
            client=self.dynamodb,
            posts=self.posts,
            deliveries=self.deliveries,
            duplicates=Duplicates(self._work, self.deliveries),
            planning=Planning(composing, Spacing(self.deliveries), scheduling, now),
            scheduling=scheduling,
            asking=Asking(Renditions(self._work, now), self._queue),
            uses=Uses(self._work),
            now=now,
        )

    def _forget(self, post_id: str) -> None:
        """What has ended is counted and dropped, or a long run would fill the memory."""
        (delivery,) = self.deliveries.of_post(post_id)
        if not delivery.is_terminal:
            self.timeline.plan(self.timeline.at + 60, lambda: self._forget(post_id))
            return
        self.counts[f"ended {delivery.status}"] += 1
        self.told[delivery.id] = delivery.lateness_ms
        table = self.memory.tables[self._work.name]
        for _, key in list(table.main.partitions[post_id]):
            table.write(key, None)


def _uncounted(name: str, provider: str, value: float = 1) -> None:
    pass


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Ids by number, and everybody's random numbers from the seed: the same run again is the same run."""
    numbers = count(1)
    everyones.seed(seed)
    with patch.object(ids, "new", lambda prefix: f"{prefix}_{next(numbers):026d}"):
        yield

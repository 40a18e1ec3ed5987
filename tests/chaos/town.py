"""The whole stack on one stage: publisher workers, sweeper, refresher and API processes, side by side, in weather."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from punctual import ids
from punctual.messages import Wake, parse
from punctual.publishing import Invocation
from punctual.tables import Table
from sandbox.network import Network
from tests.chaos import watching
from tests.chaos.clients import Message, Reach, Scheduler, Sqs
from tests.chaos.following import Follower
from tests.chaos.hosts import Aws, Host
from tests.chaos.ledger import Ledger
from tests.chaos.sabotage import HONEST, Sabotage
from tests.chaos.stage import Process, Stage
from tests.chaos.weather import Weather
from tests.chaos.wires import Wires, sleeping, watch
from tests.integration.moved_clock import Killed
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.template import create_tables

BASE = "https://punctual.example"
PUBLISHER_SECONDS, CLOCKWORK_SECONDS, API_SECONDS = 60, 55, 25
_ZOMBIE_SECONDS = 400
_SKEW_SECONDS = 2.4
"""Either way: the clocks' relative skew stays below the protocol's grace."""


@dataclass
class Town:
    rng: Random
    stage: Stage
    weather: Weather
    sabotage: Sabotage = HONEST
    batch: int = 3
    concurrency: int = 20
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        stage = self.stage
        self.ledger = Ledger(stage)
        self.reach = Reach(stage, self.weather, self.ledger)
        self.dynamodb: Any = MemoryDynamoDB(clock=lambda: stage.now().timestamp(), index_lag=self.weather.lag)
        create_tables(self.dynamodb)
        sqs = Sqs(stage, self.weather, self._invoke, batch=self.batch, concurrency=self.concurrency)
        scheduler = Scheduler(stage, self.weather, sqs)
        self.aws = Aws(dynamodb=self.dynamodb, kms=MemoryKms("key"), sqs=sqs, scheduler=scheduler)
        far_table = Table(self.dynamodb, "SandboxTable", stage.sleep)
        network = Network(table=far_table, now=stage.now, sleep=sleeping(stage.sleep), public_url=BASE)
        self.wires = Wires(self.reach, network)
        watch(self.dynamodb.tables["SandboxTable"], self.ledger.take)
        watching.watch(self.dynamodb.tables["WorkTable"], self.ledger)
        self.follower: Follower | None = None
        self._clockwork = Process("clockwork")
        self._free: dict[str, list[Host]] = {"publisher": [], "sweeper": [], "refresher": [], "api": []}
        self._count = 0

    def follow(self) -> None:
        """From now on what happens is told as events."""
        self.follower = Follower(self)

    def open(self) -> None:
        """From now on the sweeper and the refresher run each minute."""
        self.stage.every(60, partial(self.tick, "sweeper", lambda host: host.sweeping.sweep(200)), self._clockwork)
        self.stage.every(60, partial(self.tick, "refresher", self.refresh), self._clockwork)

    def request(self, what: Callable[[Host], None], about: str, seconds: float = 0.0) -> None:
        """A call of the API, in a process of its own; `what` catches what a user would be told."""
        self.stage.plan(seconds, partial(self._serve, what, about), self._clockwork, about)

    def host(self, kind: str, seconds: float) -> Host:
        """A warm process that is free, or a new one; it ends after so many seconds."""
        if self._free[kind]:
            host = self._free[kind].pop()
            host.process.skew = self._skew() or host.process.skew
        else:
            self._count += 1
            process = Process(f"{kind}-{self._count}", skew=self._skew())
            host = Host(process, self.reach, self.aws, self.wires, self.sabotage)
        host.process.ends_at = self.stage.now() + timedelta(seconds=seconds)
        return host

    def release(self, kind: str, host: Host) -> None:
        if not host.process.is_dead:
            host.process.ends_at = None
            self._free[kind].append(host)

    def new_id(self, prefix: str) -> str:
        """In place of `ids.new`: by the process's own moved clock, and the same for the same seed."""
        actor = self.stage.current
        at = self.stage.now() + (actor.process.skew if actor else timedelta(0))
        return f"{prefix}_{int(at.timestamp() * 1000):012X}{self.rng.getrandbits(56):014X}"

    def backup(self) -> dict[str, Any]:
        return copy.deepcopy(dict(self.dynamodb.tables["WorkTable"].rows))

    def _skew(self) -> timedelta:
        seconds = self.rng.uniform(-_SKEW_SECONDS, _SKEW_SECONDS) if self.weather.meets("skewed") else 0.0
        return timedelta(seconds=seconds)

    def _serve(self, what: Callable[[Host], None], about: str) -> None:
        host = self.host("api", API_SECONDS)

        def served() -> None:
            what(host)
            self.release("api", host)

        self.stage.plan(0, served, host.process, about)

    def tick(self, kind: str, run: Callable[[Host], Any]) -> None:
        if self.weather.meets("run_missed"):
            self.ledger.note(f"fault: {kind} missed", "")
            return
        for _ in range(2 if self.weather.meets("run_twice") else 1):
            host = self.host(kind, CLOCKWORK_SECONDS)
            self.stage.plan(self.rng.uniform(0, 1), partial(self._turn, kind, host, run), host.process)

    def _turn(self, kind: str, host: Host, run: Callable[[Host], Any]) -> None:
        try:
            run(host)
        except Exception as fault:  # noqa: BLE001 - as Lambda does; a minute later it runs again
            self.ledger.note(f"{kind} failed: {type(fault).__name__}", "")
        self.release(kind, host)

    def refresh(self, host: Host) -> None:
        host.refreshing.sweep(20, host.now() + timedelta(seconds=CLOCKWORK_SECONDS - 25))

    def _invoke(self, batch: list[Message]) -> None:
        """One invocation of the publisher, its messages side by side."""
        is_zombie = self.weather.meets("zombie")
        host = self.host("publisher", _ZOMBIE_SECONDS if is_zombie else PUBLISHER_SECONDS)
        invocation = Invocation(deadline=host.now() + timedelta(seconds=PUBLISHER_SECONDS), id=host.process.name)
        open_ones = list(batch)
        self.aws.sqs.running += 1
        for message in batch:
            job = partial(self._handle, host, message, invocation, open_ones)
            self.stage.plan(0, job, host.process, _about(message.body))

    def _handle(self, host: Host, message: Message, invocation: Invocation, open_ones: list[Message]) -> None:
        well = False
        try:
            host.publishing.handle(parse(message.body), invocation)
            well = True
        except Killed:
            host.process.is_dead = True
            self.ledger.note("process dies")
            self.ledger.mark_mine("fault")
            raise
        except Exception as fault:  # noqa: BLE001 - as the publisher's outermost loop: the message comes again
            self.ledger.note(f"message failed: {type(fault).__name__}: {fault}")
            self.ledger.mark_mine("fault")
        finally:
            self.aws.sqs.finish(message, well=well)
            open_ones.remove(message)
            if not open_ones:
                self.aws.sqs.running -= 1
                self.release("publisher", host)


def _about(body: str) -> str:
    message = parse(body)
    return message.post_id if isinstance(message, Wake) else message.delivery_id


@dataclass
class Naming:
    """`with Naming(town):` all new ids are the town's."""

    town: Town

    def __enter__(self) -> None:
        self._before, ids.new = ids.new, self.town.new_id  # type: ignore[assignment]

    def __exit__(self, *_: object) -> None:
        ids.new = self._before

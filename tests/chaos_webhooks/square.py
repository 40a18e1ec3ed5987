"""Where it all meets: the feed, its writers, the queue, senders that die, and endpoints, on a stage of moved time."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import partial
from random import Random
from typing import Any

import httpx

from punctual.events.feed import Feed
from punctual.guarded_http import GuardedHttp
from punctual.messages import Queue, WebhookMessage
from punctual.tables import Table
from punctual.webhooks.calling import Calling, Outcome
from punctual.webhooks.draining import Draining, Tools
from punctual.webhooks.endpoints import Endpoints
from punctual.webhooks.gathering import Gathering, Job
from punctual.webhooks.lanes import Lanes
from punctual.webhooks.resending import Resends
from punctual.webhooks.sends import Sends
from punctual.webhooks.waking import Waking
from tests.chaos.stage import Process, Stage
from tests.chaos_webhooks.receivers import Receiver
from tests.integration.moved_clock import Killed
from tests.memory import faults
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.faults import Fault, Faulty
from tests.template import create_tables
from webhook_sender.app import WORKS_FOR

WORKSPACE = "ws_chaos"
VISIBILITY_SECONDS, SENDER_SECONDS, CONCURRENCY = 75, 45, 20


_FAULTS = (faults.throttle("ThrottlingException"), faults.lost_acknowledgement(), faults.outage())


@dataclass
class Rates:
    """How likely a call dies, or meets a fault; a message comes twice, late, or is not deleted."""

    dies: float = 0.0
    fails: float = 0.0
    stalls: float = 0.0
    twice: float = 0.0
    late: float = 0.0
    not_deleted: float = 0.0


def weather(events: int) -> Rates:
    """A lane whose worker dies stands still for more than a minute: among many events, few deaths are much."""
    rate = min(0.004, 2 / events)
    return Rates(dies=rate, fails=rate, stalls=0.01, twice=0.02, late=0.02, not_deleted=0.01)


@dataclass
class Square:
    rng: Random
    stage: Stage
    rates: Rates
    concurrency: int = CONCURRENCY
    draining: Callable[[Tools], Draining] = Draining
    counts: Counter[str] = field(default_factory=Counter)
    receivers: dict[str, Receiver] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dynamodb = MemoryDynamoDB(clock=lambda: self.stage.now().timestamp(), index_lag=0.2)
        create_tables(self.dynamodb)
        self._aws = Process("aws")
        self._claims = itertools.count()
        self._waiting: list[str] = []
        self._running = 0
        self.calm = self.hands(self.dynamodb, self)
        """Whose calls meet nothing: those of people."""

    def hands(self, dynamodb: Any, sqs: Any) -> "Hands":
        return Hands(self, dynamodb, Queue(sqs, "WebhookQueue"))

    def faulty(self) -> "Hands":
        """Of a process in this weather."""
        return self.hands(Faulty(self.dynamodb, self._met), Faulty(self, self._met))

    def plan(self, seconds: float, what: Callable[[], None], name: str, lives: float = SENDER_SECONDS) -> None:
        """In a process of its own."""
        process = Process(name)

        def begin() -> None:
            process.ends_at = self.stage.now() + timedelta(seconds=lives)
            what()

        self.stage.plan(seconds, begin, process)

    # The queue, as its client has it

    def send_message(self, *, QueueUrl: str, MessageBody: str, MessageGroupId: str, DelaySeconds: int = 0) -> Any:  # noqa: N803
        message = WebhookMessage.model_validate_json(MessageBody)
        assert MessageGroupId == message.webhook_id
        assert 0 <= DelaySeconds <= 900
        self.counts["messages"] += 1
        copies = 2 if self._chance(self.rates.twice, "twice") else 1
        for _ in range(copies):
            late = self.rng.uniform(20, 120) if self._chance(self.rates.late, "late") else 0.0
            self._arrive_in(DelaySeconds + late + self.rng.uniform(0.005, 0.1), MessageBody)
        return {}

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[dict[str, Any]]) -> Any:  # noqa: N803
        for entry in Entries:
            self.send_message(QueueUrl=QueueUrl, **{name: value for name, value in entry.items() if name != "Id"})
        return {}

    def _arrive_in(self, seconds: float, body: str) -> None:
        self.stage.plan(seconds, partial(self._arrive, body), self._aws)

    def _arrive(self, body: str) -> None:
        self._waiting.append(body)
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._running < self.concurrency:
            self._running += 1
            self.plan(0, partial(self._invoke, self._waiting.pop(0), self.stage.now()), "sender")

    def _invoke(self, body: str, received_at: datetime) -> None:
        is_well = False
        try:
            message, until = WebhookMessage.model_validate_json(body), self.stage.now() + WORKS_FOR
            said = self.faulty().draining.drain(message, until, f"claim {next(self._claims)}")
            self.counts[said] += 1
            is_well = True
        except Killed:
            self.counts["deaths"] += 1
            raise
        except Exception as fault:  # noqa: BLE001 - as Lambda does: the message comes again
            self.counts[type(fault).__name__] += 1
        finally:
            self._running -= 1
            if not is_well or self._chance(self.rates.not_deleted, "not deleted"):
                gone = (self.stage.now() - received_at).total_seconds()
                self._arrive_in(max(0.0, VISIBILITY_SECONDS - gone), body)
            self.stage.plan(0, self._hand_out, self._aws)

    # The network

    def call_all(self, call: Callable[[Job], Outcome], jobs: Sequence[Job]) -> list[Outcome]:
        """Side by side: together they take as long as the slowest."""
        outcomes, took = [], 0.0
        for job in jobs:
            self._die("call")
            self._spent = 0.0
            outcomes.append(call(job))
            took = max(took, self._spent)
        self.stage.sleep(took)
        self._die("call")
        return outcomes

    def answer(self, request: httpx.Request) -> httpx.Response:
        receiver = self.receivers[request.headers["host"].partition(".")[0]]
        try:
            return receiver.answer(request)
        finally:
            self._spent = receiver.seconds

    def moved_datetime(self) -> type[datetime]:
        """For the specification's library, which asks the computer's clock how old a signature is."""
        stage = self.stage

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Moved":
                return cls.fromtimestamp(stage.now().timestamp(), tz)

        return Moved

    # The weather

    def _met(self, name: str, kwargs: dict[str, Any]) -> Fault | None:
        self.stage.sleep(self.rng.uniform(0.001, 0.008))
        if self._chance(self.rates.dies, f"dies at {name}"):
            return faults.die(Killed, after=self.rng.random() < 0.5)
        if self._chance(self.rates.fails, f"fails at {name}"):
            return self.rng.choice(_FAULTS)
        if self._chance(self.rates.stalls, "stalls"):
            return faults.stall(self.rng.uniform(0.3, 3), self.stage.sleep)
        if name == "transact_write_items" and self._chance(self.rates.fails, "conflict"):
            return faults.conflict(self.rng.randrange(len(kwargs["TransactItems"])))
        return None

    def _die(self, where: str) -> None:
        if self._chance(self.rates.dies, f"dies at {where}"):
            raise Killed(where)

    def _chance(self, rate: float, what: str) -> bool:
        if self.rng.random() >= rate:
            return False
        self.counts[what] += 1
        return True


class Hands:
    """All stores, and the sender, over some clients."""

    def __init__(self, square: Square, dynamodb: Any, queue: Queue):
        now = square.stage.now
        self.table = table = Table(dynamodb, "EventsTable", square.stage.sleep)
        self.feed = Feed(table, now, square.stage.sleep)
        self.lanes = Lanes(table, now)
        self.endpoints = Endpoints(table, self.feed, self.lanes, now)
        self.sends = Sends(table, now)
        self.resends = Resends(table, self.feed, self.lanes, now)
        self.waking = Waking(table=table, endpoints=self.endpoints, queue=queue, now=now)
        http = GuardedHttp(transport=httpx.MockTransport(square.answer), resolve=_public)
        self.draining = square.draining(
            Tools(
                table=table,
                endpoints=self.endpoints,
                lanes=self.lanes,
                sends=self.sends,
                gathering=Gathering(feed=self.feed, sends=self.sends, resends=self.resends, now=now),
                call=Calling(http, now),
                side_by_side=square.call_all,
                queue=queue,
                now=now,
                wake=self.waking.wake,
                disabled=lambda verdict: square.counts.update([f"disabled: {verdict}"]),
                chance=square.rng.random,
            )
        )


async def _public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

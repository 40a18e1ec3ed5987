"""A workspace's feed, its webhooks, and the sender, under a moved clock; receivers are functions by host.

hooks.webhook("good", …)      an endpoint at https://good.example/hook
hooks.tell("post.scheduled")  an event in the feed, and a message to each lane
hooks.clock.run(hours=2)      messages arrive, and each minute the lanes whose clocks have come are woken
hooks.got["good"]             the events that it answered well, in their order
"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, tzinfo
from itertools import count
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from punctual.events.event import Draft, Event
from punctual.events.feed import Feed
from punctual.guarded_http import GuardedHttp
from punctual.messages import Queue, WebhookMessage
from punctual.tables import Table
from punctual.webhooks.calling import Calling, Outcome
from punctual.webhooks.draining import Draining, Tools
from punctual.webhooks.endpoints import Endpoints, NewWebhook, Webhook
from punctual.webhooks.gathering import Gathering, Job
from punctual.webhooks.lanes import Lane, Lanes
from punctual.webhooks.resending import Resends
from punctual.webhooks.sends import Sends
from punctual.webhooks.waking import Waking
from tests.integration.moved_clock import FakeQueue, Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables

WORKS_FOR = timedelta(seconds=20)
VISIBILITY_SECONDS = 75
Answer = Callable[[httpx.Request], httpx.Response]


class Hooks:
    def __init__(self, *, runs_clock: bool = True) -> None:
        self.clock = MovedClock()
        self.dynamodb = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.dynamodb)
        self.sqs = FakeQueue(self.clock, self._receive, visibility_seconds=VISIBILITY_SECONDS, most=100)
        self.requests: list[httpx.Request] = []
        self.answers: dict[str, Answer] = {}
        self.got: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.disabled: list[str] = []
        self.said: list[str] = []
        self.before_noting: list[Callable[[], object]] = []
        """What happens once a round's calls are made."""
        self._claims = count()
        self.workspace_id = "ws_x"
        self.parts(self.dynamodb, self.sqs)
        if runs_clock:
            self.clock.every(60, lambda: self.waking.wake_due())

    def parts(self, dynamodb: Any, sqs: Any, respond: Answer | None = None) -> Draining:
        """A sender's own, made of these clients; the last ones made are the world's."""
        now = self.clock.now
        table = self.table = Table(dynamodb, "EventsTable", self.clock.sleep)
        self.feed = Feed(table, now, self.clock.sleep)
        self.lanes = Lanes(table, now)
        self.endpoints = Endpoints(table, self.feed, self.lanes, now)
        self.sends = Sends(table, now)
        self.resends = Resends(table, self.feed, self.lanes, now)
        self.queue = Queue(sqs, "WebhookQueue")
        self.waking = Waking(table=table, endpoints=self.endpoints, queue=self.queue, now=now)
        transport = httpx.MockTransport(respond or self.answer)
        self.call = Calling(GuardedHttp(transport=transport, resolve=_public), now)
        self.draining = Draining(
            Tools(
                table=table,
                endpoints=self.endpoints,
                lanes=self.lanes,
                sends=self.sends,
                gathering=Gathering(feed=self.feed, sends=self.sends, resends=self.resends, now=now),
                call=self.call,
                side_by_side=self._one_by_one,
                queue=self.queue,
                now=now,
                wake=self.waking.wake,
                disabled=self.disabled.append,
                chance=lambda: 0.5,
            )
        )
        return self.draining

    def webhook(self, host: str, answer: Answer | int = 200, **wanted: Any) -> Webhook:
        self.answers[f"{host}.example"] = answer if callable(answer) else lambda _: httpx.Response(answer)
        return self.endpoints.create(self.workspace_id, NewWebhook(url=f"https://{host}.example/hook", **wanted))

    def tell(self, *types: str, wakes: bool = True, **data: Any) -> list[Event]:
        now = self.clock.now()
        drafts = [Draft(type=each, timestamp=now, data={"post_id": "post_x", **data}) for each in types]
        events = self.feed.append(self.workspace_id, drafts)
        if wakes:
            self.waking.wake(self.workspace_id)
        return events

    def drain(self, webhook: Webhook, claim: str | None = None) -> str:
        message = WebhookMessage(workspace_id=self.workspace_id, webhook_id=webhook.id)
        said = self.draining.drain(message, self.clock.now() + WORKS_FOR, claim or f"claim {next(self._claims)}")
        self.said.append(said)
        return said

    def lane(self, webhook: Webhook) -> Lane:
        found = self.lanes.get(webhook.id)
        assert found
        return found

    def seen(self, webhook: Webhook) -> Webhook:
        found = self.endpoints.get(self.workspace_id, webhook.id)
        assert found
        return found

    def sequences(self, host: str) -> list[int]:
        return [each["sequence"] for each in self.got[host]]

    def told(self) -> list[Event]:
        return self.feed.read(self.workspace_id, None, 1000).events

    def datetime(self) -> type[datetime]:
        """For the specification's library, which asks the computer's clock how old a signature is."""
        clock = self.clock

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Moved":
                return cls.fromtimestamp(clock.now().timestamp(), tz)

        return Moved

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        host = request.headers["host"]
        answer = self.answers[host](request)
        if answer.is_success:
            self.got[host.partition(".")[0]].append(json.loads(request.content))
        return answer

    def _one_by_one(self, call: Callable[[Job], Outcome], jobs: Sequence[Job]) -> list[Outcome]:
        outcomes = [call(job) for job in jobs]
        while self.before_noting:
            self.before_noting.pop()()
        return outcomes

    def _receive(self, body: str) -> None:
        message = WebhookMessage.model_validate_json(body)
        try:
            said = self.draining.drain(message, self.clock.now() + WORKS_FOR, f"claim {next(self._claims)}")
        except (ClientError, BotoCoreError) as error:
            raise Killed from error
        self.said.append(said)


async def _public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

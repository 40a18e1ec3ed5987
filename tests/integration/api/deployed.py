"""Punctual's real handlers behind API Gateway, on tables made from template.yaml, under a moved clock.

deployed.tenant()                 a workspace and a client that holds its key
tenant.connect("ada")             a sandbox channel, through start, authorize, consent and callback
tenant.post("Hello", channel)     POST /v1/posts
deployed.clock.run(hours=2)       schedules fire, and the publisher gets its messages
deployed.follow_stream()          from now on the work table's stream is given to its functions, too, as the clock runs
deployed.deliver_stream()         and at once
deployed.contents()               everything stored, to compare

What is replaced is what `edge.clients` and `edge.parts` build: the clock, the tables, the key, the queue, the
Scheduler, and the way to other hosts.
"""

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from edge import clients, parts
from punctual import clock
from punctual.guarded_http import GuardedHttp
from punctual.messages import Step, Wake
from punctual.tables import Table
from sandbox import network
from sandbox.network import Network
from sandbox.storage import Bucket
from tests.integration.api.gateway import Gateway
from tests.integration.api.stack import FUNCTIONS, Stack
from tests.integration.api.streaming import Streaming
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import Wire
from tests.integration.moved_clock import FakeQueue, FakeQueues, FakeScheduler, FakeTopic, Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.memory.s3 import MemoryS3
from tests.memory.ssm import MemorySsm
from tests.template import ROOT, create_tables

BASE = "https://punctual.example"
PUBLIC_ADDRESS = "93.184.215.14"
UNLIMITED = {"KeyRequestsPerMinute": "0", "WorkspaceRequestsPerMinute": "0"}
"""The clock stands still between requests, and a bucket would fill no more."""
KEPT = ("WorkTable", "GrantsTable", "KeysTable", "EventsTable")


class Deployed:
    """`patch` must outlive it; `parameters` are the stack's."""

    def __init__(self, patch: pytest.MonkeyPatch, **parameters: str):
        self.clock = MovedClock()
        self.dynamodb = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        self.wire = Wire(self.dynamodb)
        self.streaming: Streaming | None = None
        create_tables(self.wire)
        self.kms = MemoryKms("GrantsKey.Arn")
        self.ssm = MemorySsm()
        self.stack = Stack({"PublicUrl": BASE, "EnableSandbox": "true", **UNLIMITED, **parameters}, {})
        self.gateway = Gateway(BASE, self.invoke, self.clock.now)
        self.queue = FakeQueue(self.clock, self._receive)
        self.removal_queue = FakeQueue(self.clock, partial(self._work_off, "WorkspaceRemoverFunction"), most=100)
        self.export_queue = FakeQueue(self.clock, partial(self._work_off, "ExporterFunction"), most=100)
        self.media_queue = FakeQueue(self.clock, partial(self._work_off, "MediaProcessorFunction"), most=100)
        self.import_queue = FakeQueue(self.clock, partial(self._work_off, "ImporterFunction"), most=100)
        self.webhook_queue = FakeQueue(self.clock, partial(self._work_off, "WebhookSenderFunction"), most=100)
        self.queues = FakeQueues(
            {
                "PublishQueue": self.queue,
                "RemovalQueue": self.removal_queue,
                "ExportQueue": self.export_queue,
                "MediaQueue": self.media_queue,
                "ImportQueue": self.import_queue,
                "WebhookQueue": self.webhook_queue,
            }
        )
        self.bucket = MemoryS3("MediaBucket", clock=lambda: self.clock.now().timestamp())
        self.scheduler = FakeScheduler(self.clock, self._fire)
        self.topic = FakeTopic()
        self.requests: list[httpx.Request] = []
        self.hosts: dict[str, Callable[[httpx.Request], httpx.Response]] = {"punctual.example": self.gateway.answer}
        self.addresses: dict[str, list[str]] = {}
        self._turn = Lock()
        self._network = Network(
            table=Table(self.wire, "SandboxTable"),
            now=self.clock.now,
            sleep=self.clock.sleep,
            public_url=BASE,
            storage=Bucket(self.bucket, "MediaBucket"),
        )
        self._replace(patch)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """As Lambda does: the function's own variables, one call at a time."""
        if function == "SandboxFunction":
            with self._turn:
                return handler(function)(event, Context())
        with _environment({**self.stack.variables(function), "AWS_LAMBDA_FUNCTION_NAME": function}):
            return handler(function)(event, Context())

    def admin(self, action: str, **given: Any) -> Any:
        return self.invoke("AdminFunction", {"action": action, **given})

    def tenant(self, *return_urls: str, scopes: tuple[str, ...] = ("read", "write")) -> Tenant:
        urls = return_urls or ("https://app.example/done",)
        workspace_id = self.admin("create_workspace", name="Test", return_urls=urls)["workspace_id"]
        return Tenant(self, workspace_id, self.key(workspace_id, *scopes))

    def key(self, workspace_id: str, *scopes: str, **more: Any) -> str:
        secret: str = self.admin("create_key", workspace_id=workspace_id, scopes=scopes, **more)["key"]
        return secret

    def client(self, **headers: str) -> httpx.Client:
        """Cookies, but no redirects followed."""
        return httpx.Client(transport=httpx.MockTransport(self.gateway.answer), base_url=BASE, headers=headers)

    def table(self, logical_id: str) -> Table:
        return Table(self.wire, logical_id)

    def items(self, logical_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            page = self.wire.scan(TableName=logical_id, **more)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return sorted(found, key=lambda item: (item["pk"], item.get("sk", "")))
            more = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """Without the hour in which a key was last used: any request may note it."""
        return {
            name: [{key: value for key, value in item.items() if key != "last_used_at"} for item in self.items(name)]
            for name in KEPT
        }

    def empty(self) -> None:
        """Tests compare whole tables."""
        for name in KEPT:
            for item in self.items(name):
                key = {attribute: item[attribute] for attribute in ("pk", "sk") if attribute in item}
                self.wire.delete_item(TableName=name, Key=key)

    def run_clocks(self) -> None:
        for function in ("SweeperFunction", "TokenRefresherFunction", "EventsFunction"):
            self.clock.every(60, partial(self.invoke, function, {}))

    def follow_stream(self) -> None:
        """Few tests need it, and it is not for nothing."""
        self.streaming = self.streaming or Streaming(self.dynamodb, "WorkTable", self.clock, self.invoke)

    def deliver_stream(self) -> None:
        assert self.streaming, "nobody follows the stream"
        self.streaming.deliver()

    def forget_stream(self) -> None:
        """What was written and not given yet: by tests, that put tables back."""
        if self.streaming:
            self.streaming.forget()

    def message(self, message: Wake | Step) -> Any:
        return self.invoke("PublisherFunction", sqs_event(message.model_dump_json()))

    def _replace(self, patch: pytest.MonkeyPatch) -> None:
        self.services = {
            "sqs": self.queues,
            "scheduler": self.scheduler,
            "kms": self.kms,
            "s3": self.bucket,
            "ssm": self.ssm,
            "sns": self.topic,
            "sts": None,  # no platform here fetches media by their address
        }
        transport = httpx.MockTransport(self._outward)
        patch.setattr(clock, "now", self.clock.now)
        patch.setattr(subprocess, "time", SimpleNamespace(sleep=time.sleep))  # the workshop's child takes its time
        patch.setattr(time, "sleep", self.clock.sleep)
        patch.setattr(clients, "client", lambda service: self.services[service])
        patch.setattr(clients, "dynamodb", lambda: self.wire)
        patch.setattr(clients, "hasty_dynamodb", lambda: self.wire)
        patch.setattr(network, "deployed", lambda: self._network)
        patch.setattr(parts, "GuardedHttp", partial(GuardedHttp, transport=transport, resolve=self._resolve))
        for function in FUNCTIONS:
            handler(function)
        forget()

    def _outward(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        host = request.headers["host"]
        if host not in self.hosts:
            raise httpx.ConnectError("nobody answers here", request=request)
        return self.hosts[host](request)

    async def _resolve(self, host: str, port: int) -> list[str]:
        return self.addresses.get(host, [PUBLIC_ADDRESS])

    def _fire(self, body: str) -> None:
        self.queue.send_message(QueueUrl="queue", MessageBody=body)

    def _work_off(self, function: str, body: str) -> None:
        """A function that fails as a whole."""
        try:
            self.invoke(function, sqs_event(body))
        except (ClientError, BotoCoreError) as error:
            raise Killed from error

    def _receive(self, body: str) -> None:
        if self.invoke("PublisherFunction", sqs_event(body))["batchItemFailures"]:
            raise Killed()


class Context:
    """What Lambda hands a handler beside its event."""

    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "test"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def handler(function: str) -> Callable[[dict[str, Any], Any], Any]:
    module, _, name = FUNCTIONS[function]["Properties"]["Handler"].rpartition(".")
    found: Callable[[dict[str, Any], Any], Any] = getattr(importlib.import_module(module), name)
    return found


def forget() -> None:
    """Functions keep their clients and environment for their process's life: here a new one begins."""
    functions = str(ROOT / "functions")
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None) or ""
        if path.startswith(functions) and name in sys.modules:
            for value in list(vars(module).values()):
                if callable(clear := getattr(value, "cache_clear", None)):
                    clear()


def sqs_event(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"message-{place}",
                "receiptHandle": f"handle-{place}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:PublishQueue",
                "awsRegion": "eu-central-1",
            }
            for place, body in enumerate(bodies)
        ]
    }


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)

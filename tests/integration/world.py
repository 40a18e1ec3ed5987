"""Punctual's core as deployed (tables from template.yaml, real stores, real sandbox) under a moved clock.

world.connect()                   a sandbox channel, by real OAuth through the real pages' logic
world.post("Hello", in_minutes=60)
world.clock.run(hours=2)          schedules fire, messages arrive, the sweeper runs each minute
world.timeline()                  what readers of the sandbox see
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from punctual import due
from punctual.alerts import Alerts
from punctual.apps.finding import PlatformApps
from punctual.attaching import Attaching
from punctual.attempts import Attempts
from punctual.buckets import Buckets
from punctual.channels import Channel, Channels
from punctual.clock import to_text
from punctual.composing import Composing
from punctual.connecting import Connecting, wanted
from punctual.deliveries import Deliveries, Delivery
from punctual.disconnecting import Disconnecting
from punctual.drafts import NewPost
from punctual.duplicates import Duplicates
from punctual.grants.grants import Grants, StoredGrant
from punctual.guarded_http import GuardedHttp
from punctual.listing import Listing
from punctual.media.asking import Asking
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.media.uses import Uses
from punctual.messages import Queue, parse
from punctual.pauses import Pauses
from punctual.planning import Planning
from punctual.posts import Posts
from punctual.preflight import Preflight
from punctual.providers import Providers
from punctual.publishing import Invocation, Publishing, Tools
from punctual.refreshing import Refreshing
from punctual.scheduling import ScheduleTarget, Scheduling, Timing
from punctual.sealing import Vault
from punctual.spacing import Spacing
from punctual.sweeping import Sweeping
from punctual.tables import Table
from punctual.workspaces import Workspaces
from punctual.writing import Writing, Written
from sandbox.app import answer
from sandbox.network import Network
from sandbox.storage import Bucket
from tests.integration.moved_clock import FakeQueue, FakeScheduler, FakeTopic, Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.kms import MemoryKms
from tests.sandbox_bridge import callback_query, consent, loopback, sandbox_transport
from tests.shelves import BUCKET, Files
from tests.template import create_tables

BASE = "https://punctual.example"
PART_BYTES = 64 * 1024
"""Of uploads to the sandbox: small files have several."""
INVOCATION = timedelta(seconds=60)


@dataclass
class World:
    clock: MovedClock = field(default_factory=MovedClock)
    scheduler_lateness: float = 30.0
    wrap: Callable[[str, Any], Any] = lambda _, client: client
    """Around each client that Punctual itself uses, by its service's name."""

    def __post_init__(self) -> None:
        tables = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        self.names = create_tables(tables)
        self.dynamodb: Any = self.wrap("dynamodb", tables)
        self.kms: Any = self.wrap("kms", MemoryKms("key", "another key"))
        now = self.clock.now
        self.work, self.grants_table = self.table("WorkTable"), self.table("GrantsTable")
        self.vault = Vault(self.kms, "key")
        self.requests: list[httpx.Request] = []
        self.shards: set[int] = set()
        self.files = Files(self.work, now)
        network = Network(
            table=Table(tables, "SandboxTable"),
            now=now,
            sleep=self.clock.sleep,
            public_url=BASE,
            storage=Bucket(self.files.s3, BUCKET),
            http=self.files.http,
            part_bytes=PART_BYTES,
        )
        self.transport = sandbox_transport(partial(answer, on=network), BASE, clock=now)
        http = GuardedHttp(transport=httpx.MockTransport(self.answer), resolve=loopback, allow_private=True)
        self.providers = Providers(http, now, sandbox=True)
        self.workspaces = Workspaces(self.work, now)
        self.channels = Channels(self.work, now)
        self.deliveries = Deliveries(self.work)
        self.posts = Posts(self.work, self.deliveries, now)
        self.attempts = Attempts(self.work, now)
        self.pauses = Pauses(self.work, now)
        self.metered: list[tuple[str, str]] = []
        self.grants = Grants(self.grants_table, self.vault, now)
        self.topic = FakeTopic()
        alerts = Alerts(self.wrap("sns", self.topic), "arn:aws:sns:::alerts")
        self.refreshing = Refreshing(self.grants, self.channels, self.providers, now, alerts, self.clock.sleep)
        self.sqs = FakeQueue(self.clock, self._receive)
        self.scheduler = FakeScheduler(
            self.clock, lambda body: self._deliver(body), lateness_seconds=self.scheduler_lateness
        )
        self.queue = Queue(self.wrap("sqs", self.sqs), "queue")
        self.media_sqs = FakeQueue(self.clock, lambda _: None)
        self.media_queue = Queue(self.media_sqs, "media")
        self.connecting = Connecting(
            table=self.grants_table,
            vault=self.vault,
            now=now,
            workspaces=self.workspaces,
            channels=self.channels,
            grants=self.grants,
            apps=PlatformApps(self.grants_table, self.vault),
            providers=self.providers,
        )
        self.scheduling = Scheduling(
            self.wrap("scheduler", self.scheduler),
            ScheduleTarget(group="posts", queue_arn="arn:aws:sqs:::queue", role_arn="arn:aws:iam:::role/r"),
            self.queue,
            Timing(lead_seconds=180, precision_seconds=60),
            now,
        )
        self.library, self.renditions = Library(self.work, now), Renditions(self.work, now)
        self.media_messages = FakeQueue(self.clock, lambda _: None)
        self.composing = Composing(self.channels, self.providers, Attaching(self.library))
        self.writing = Writing(
            client=self.dynamodb,
            posts=self.posts,
            deliveries=self.deliveries,
            duplicates=Duplicates(self.work, self.deliveries),
            planning=Planning(self.composing, Spacing(self.deliveries), self.scheduling, now),
            scheduling=self.scheduling,
            asking=Asking(self.renditions, Queue(self.wrap("sqs", self.media_messages), "media")),
            uses=Uses(self.work),
            now=now,
        )
        self.listing = Listing(self.posts)
        preflight = Preflight(
            posts=self.posts,
            deliveries=self.deliveries,
            channels=self.channels,
            pauses=self.pauses,
            providers=self.providers,
            library=self.library,
            renditions=self.renditions,
            now=now,
        )
        self.sweeping = Sweeping(self.work, self.posts, self.queue, self.media_queue, preflight, now)
        self.publishing = self.worker()
        self.workspace_id = self.workspaces.create("Test", ("https://app.example/done",)).id

    def worker(self, **replaced: Any) -> Publishing:
        """A publisher; `replaced` swaps some of its tools."""
        tools = Tools(
            **{
                "posts": self.posts,
                "deliveries": self.deliveries,
                "attempts": self.attempts,
                "channels": self.channels,
                "pauses": self.pauses,
                "buckets": Buckets(self.work),
                "refreshing": self.refreshing,
                "providers": self.providers,
                "shelf": self.files.shelf(),
                "queue": self.queue,
                "now": self.clock.now,
                "sleep": self.clock.sleep,
                "meter": self._count,
                **replaced,
            }
        )
        return Publishing(tools)

    def disconnecting(self, *, client: Any = None, providers: Providers | None = None) -> Disconnecting:
        """With parts of its own, where given."""
        client, now = client or self.dynamodb, self.clock.now
        work = Table(client, self.names["WorkTable"], self.clock.sleep)
        deliveries = Deliveries(work)
        return Disconnecting(
            client=client,
            channels=Channels(work, now),
            grants=Grants(Table(client, self.names["GrantsTable"], self.clock.sleep), self.vault, now),
            providers=providers or self.providers,
            deliveries=deliveries,
            posts=Posts(work, deliveries, now),
            now=now,
        )

    def table(self, logical_id: str) -> Table:
        return Table(self.dynamodb, self.names[logical_id], self.clock.sleep)

    def run_sweeper(self) -> None:
        """Each minute, over the shards that hold this world's posts."""
        self.clock.every(60, lambda: self.sweeping.sweep(200, self.shards))

    def run_refresher(self) -> None:
        self.clock.every(60, lambda: self.refreshing.sweep(20))

    def start(self, **fields: Any) -> str:
        return self.connecting.start(self.workspace_id, "sandbox", wanted(fields), BASE).authorization_url

    def ticket(self, authorize_url: str) -> str:
        return dict(parse_qsl(urlsplit(authorize_url).query))["ticket"]

    def consented(self, handle: str = "demo", **typed: str) -> tuple[dict[str, str], str]:
        """A callback's query and the browser's secret, not used yet."""
        sending = self.connecting.authorize("sandbox", self.ticket(self.start()), None)
        return self.agreed(sending.url, handle, **typed), sending.browser

    def agreed(self, consent_url: str, handle: str = "demo", **typed: str) -> dict[str, str]:
        """What the platform sends back to the callback."""
        with httpx.Client(transport=self.transport) as browser:
            return callback_query(consent(browser, consent_url, handle=handle, **typed))

    def connect(self, handle: str = "demo", **typed: str) -> Channel:
        query, browser = self.consented(handle, **typed)
        ending = self.connecting.callback("sandbox", query, browser)
        assert ending.error is None, ending
        return ending.channels[0]

    def grant(self, channel: Channel) -> StoredGrant:
        """The one that the channel names now."""
        current = self.channels.get(channel.workspace_id, channel.id)
        assert current, "the channel is gone"
        stored = self.grants.get(current.grant_id or "")
        assert stored, "its grant is gone"
        return stored

    def post(self, text: str, *channels: Channel, in_minutes: float = 60, **more: Any) -> Written:
        settings = more.pop("settings", {})
        draft = {
            **({"text": text} if text else {}),
            "targets": [{"channel_id": channel.id, "settings": settings} for channel in channels],
            "scheduled_at": to_text(self.clock.now() + timedelta(minutes=in_minutes)),
            "allow_duplicate": True,
            **more,
        }
        written = self.writing.create(self.workspace_id, NewPost.model_validate(draft))
        self.shards.add(due.clock(written.post.id, self.clock.now())["due_shard"])
        return written

    def read(self, written: Written) -> Written:
        return self.writing.get(self.workspace_id, written.post.id)

    def delivery(self, written: Written) -> Delivery:
        (found,) = self.read(written).deliveries
        return found

    def timeline(self) -> list[dict[str, Any]]:
        with httpx.Client(transport=self.transport) as reader:
            posts: list[dict[str, Any]] = reader.get(f"{BASE}/sandbox/api/timeline").json()["posts"]
        return posts

    def texts(self) -> list[str]:
        return [post["text"] for post in self.timeline()]

    def calls(self, method: str, path: str) -> int:
        return sum(1 for r in self.requests if r.method == method and r.url.path.startswith(f"/sandbox{path}"))

    def _count(self, name: str, provider: str, value: float = 1) -> None:
        self.metered.append((name, provider))

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.transport.handle_request(request)

    def _receive(self, body: str) -> None:
        """As the publisher's batch: what fails comes again."""
        try:
            self.publishing.handle(parse(body), Invocation(deadline=self.clock.now() + INVOCATION, id="test"))
        except (ClientError, BotoCoreError) as error:
            raise Killed from error

    def _deliver(self, body: str) -> None:
        self.sqs.send_message(QueueUrl="queue", MessageBody=body)


__all__ = ["BASE", "Killed", "World"]

"""One process of ours: the real parts, wired as the functions wire them, over clients and a clock of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from punctual.apps.finding import PlatformApps
from punctual.attaching import Attaching
from punctual.attempts import Attempts
from punctual.buckets import Buckets
from punctual.channels import Channels
from punctual.composing import Composing
from punctual.connecting import Connecting
from punctual.disconnecting import Disconnecting
from punctual.duplicates import Duplicates
from punctual.grants.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.media.asking import Asking
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.media.uses import Uses
from punctual.messages import Queue
from punctual.pauses import Pauses
from punctual.planning import Planning
from punctual.posts import Posts
from punctual.preflight import Preflight
from punctual.providers import Providers
from punctual.publishing import Publishing, Tools
from punctual.refreshing import Refreshing
from punctual.resolving import Resolving
from punctual.scheduling import ScheduleTarget, Scheduling, Timing
from punctual.sealing import Vault
from punctual.spacing import Spacing
from punctual.sweeping import Sweeping
from punctual.tables import Table
from punctual.workspaces import Workspaces
from punctual.writing import Writing
from tests.chaos.clients import Reach, Scheduler, Sqs
from tests.chaos.sabotage import HONEST, Sabotage
from tests.chaos.stage import Process
from tests.chaos.wires import Wires
from tests.sandbox_bridge import loopback
from tests.shelves import no_files

_TARGET = ScheduleTarget(group="posts", queue_arn="arn:aws:sqs:::queue", role_arn="arn:aws:iam:::role/r")
_TIMING = Timing(lead_seconds=180, precision_seconds=60)


@dataclass(frozen=True, kw_only=True)
class Aws:
    """The services themselves, which all processes share."""

    dynamodb: Any
    kms: Any
    sqs: Sqs
    scheduler: Scheduler


class Host:
    def __init__(self, process: Process, reach: Reach, aws: Aws, wires: Wires, sabotage: Sabotage = HONEST):
        self.process = process
        self._stage = reach.stage
        now, sleep = self.now, reach.stage.sleep
        dynamodb = reach.client("dynamodb", aws.dynamodb)
        work = Table(dynamodb, "WorkTable", sleep)
        grants_table = Table(dynamodb, "GrantsTable", sleep)
        vault = Vault(reach.client("kms", aws.kms), "key")
        http = GuardedHttp(transport=httpx.MockTransport(wires.send), resolve=loopback, allow_private=True)
        self.providers = sabotage.providers(Providers(http, now, sandbox=True))
        self.workspaces = Workspaces(work, now)
        self.channels = Channels(work, now)
        self.deliveries = sabotage.deliveries(work)
        self.posts = Posts(work, self.deliveries, now)
        self.pauses = Pauses(work, now)
        self.grants = Grants(grants_table, vault, now)
        self.refreshing = Refreshing(self.grants, self.channels, self.providers, now, sleep=sleep)
        self.queue = Queue(reach.client("sqs", aws.sqs), "queue")
        self.connecting = Connecting(
            table=grants_table,
            vault=vault,
            now=now,
            workspaces=self.workspaces,
            channels=self.channels,
            grants=self.grants,
            apps=PlatformApps(grants_table, vault),
            providers=self.providers,
        )
        self.disconnecting = Disconnecting(
            client=dynamodb,
            channels=self.channels,
            grants=self.grants,
            providers=self.providers,
            deliveries=self.deliveries,
            posts=self.posts,
            now=now,
        )
        scheduling = Scheduling(reach.client("scheduler", aws.scheduler), _TARGET, self.queue, _TIMING, now)
        library, renditions = Library(work, now), Renditions(work, now)
        composing = Composing(self.channels, self.providers, Attaching(library))
        self.writing = Writing(
            client=dynamodb,
            posts=self.posts,
            deliveries=self.deliveries,
            duplicates=Duplicates(work, self.deliveries),
            planning=Planning(composing, Spacing(self.deliveries), scheduling, now),
            scheduling=scheduling,
            asking=Asking(renditions, self.queue),
            uses=Uses(work),
            now=now,
        )
        self.resolving = Resolving(
            client=dynamodb, posts=self.posts, deliveries=self.deliveries, queue=self.queue, now=now
        )
        preflight = Preflight(
            posts=self.posts,
            deliveries=self.deliveries,
            channels=self.channels,
            pauses=self.pauses,
            providers=self.providers,
            library=library,
            renditions=renditions,
            now=now,
        )
        self.sweeping = Sweeping(work, self.posts, self.queue, self.queue, preflight, now)
        self.publishing = Publishing(
            Tools(
                posts=self.posts,
                deliveries=self.deliveries,
                attempts=Attempts(work, now),
                channels=self.channels,
                pauses=self.pauses,
                buckets=Buckets(work),
                refreshing=self.refreshing,
                providers=self.providers,
                shelf=no_files(work, now),
                queue=self.queue,
                now=now,
                sleep=sleep,
                meter=_unmetered,
            )
        )

    def now(self) -> datetime:
        return self._stage.now() + self.process.skew


def _unmetered(name: str, provider: str, value: float = 1) -> None:
    """Nobody looks."""

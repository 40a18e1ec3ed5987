"""What a request works with: the network's table and clock, when the request arrived, and where the network is."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3

from edge.quiet import quiet_libraries
from punctual.clock import Now, now
from punctual.tables import Table
from sandbox.storage import Bucket, Nowhere, Storage

if TYPE_CHECKING:
    from punctual.guarded_http import GuardedHttp

_LONGEST_REQUEST = timedelta(seconds=30)
PART_BYTES = 4 * 1024 * 1024
"""Lambda takes and gives 6 MB, and bytes travel in base64:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


@cache
def _way_out() -> "GuardedHttp":
    from punctual.guarded_http import GuardedHttp  # with httpx, which nothing else here needs

    return GuardedHttp(allow_private=os.environ.get("ALLOW_PRIVATE_NETWORKS") == "true")


@dataclass(frozen=True, kw_only=True)
class Network:
    """`public_url` is empty where the address is taken from each request; `http` gives the way out; `part_bytes` are
    those of uploads, and what a part of a file is asked for and answered with at most."""

    table: Table
    now: Now = now
    sleep: Callable[[float], None] = time.sleep
    public_url: str = ""
    storage: Storage = field(default_factory=Nowhere)
    part_bytes: int = PART_BYTES
    http: "Callable[[], GuardedHttp]" = _way_out


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. `base` is `<public url>/sandbox`, which is also the OAuth issuer.

    `headers` is what the answer will carry beside its own.
    """

    network: Network
    arrived_at: datetime
    base: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        return self.network.table

    @property
    def storage(self) -> Storage:
        return self.network.storage

    def now(self) -> datetime:
        return self.network.now()

    def seconds_until(self, moment: str) -> int:
        """Whole seconds, rounded up; 0 once the moment has come."""
        return max(0, math.ceil((datetime.fromisoformat(moment) - self.now()).total_seconds()))


@cache
def deployed() -> Network:
    quiet_libraries()
    table = Table(boto3.resource("dynamodb").meta.client, os.environ["SANDBOX_TABLE"])
    bucket = os.environ.get("MEDIA_BUCKET")
    storage = Bucket(boto3.client("s3"), bucket) if bucket else Nowhere()
    return Network(table=table, public_url=os.environ.get("PUBLIC_URL", ""), storage=storage)


def call(event: dict[str, Any], network: Network) -> Call:
    context = event["requestContext"]
    return Call(
        network=network,
        arrived_at=_arrival(context.get("timeEpoch"), network.now()),
        base=f"{network.public_url or _address(context)}/sandbox",
    )


def _arrival(stamp: Any, entered_at: datetime) -> datetime:
    """API Gateway's own stamp, if it has milliseconds and lies within the longest that a request can take."""
    if isinstance(stamp, int) and stamp % 1000:
        arrived_at = datetime.fromtimestamp(stamp / 1000, UTC)
        if entered_at - _LONGEST_REQUEST <= arrived_at <= entered_at:
            return arrived_at
    return entered_at


def _address(context: dict[str, Any]) -> str:
    stage = context.get("stage", "$default")
    return f"https://{context['domainName']}" + ("" if stage == "$default" else f"/{stage}")

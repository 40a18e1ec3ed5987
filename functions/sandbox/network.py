"""What a request works with: the network's table and clock, when the request arrived, and where the network is."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

from edge.quiet import quiet_libraries
from punctual.clock import Now, now
from punctual.tables import Table

_LONGEST_REQUEST = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Network:
    """`public_url` is empty where the address is taken from each request."""

    table: Table
    now: Now = now
    sleep: Callable[[float], None] = time.sleep
    public_url: str = ""


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

    def now(self) -> datetime:
        return self.network.now()

    def seconds_until(self, moment: str) -> int:
        """Whole seconds, rounded up; 0 once the moment has come."""
        return max(0, math.ceil((datetime.fromisoformat(moment) - self.now()).total_seconds()))


@cache
def deployed() -> Network:
    quiet_libraries()
    table = Table(boto3.resource("dynamodb").meta.client, os.environ["SANDBOX_TABLE"])
    return Network(table=table, public_url=os.environ.get("PUBLIC_URL", ""))


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

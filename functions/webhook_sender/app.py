"""The webhook queue's messages: each takes one endpoint's lane on, for a while."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any

from ulid import ULID

from edge import clients, metering, parts, records
from edge.environment import UsesProviders
from edge.logs import logger
from punctual import clock
from punctual.events.feed import Feed
from punctual.messages import WebhookMessage
from punctual.webhooks.calling import Calling
from punctual.webhooks.draining import AT_ONCE, Draining, Tools
from punctual.webhooks.endpoints import Endpoints
from punctual.webhooks.gathering import Gathering
from punctual.webhooks.lanes import Lanes, Verdict
from punctual.webhooks.resending import Resends
from punctual.webhooks.sends import Sends
from punctual.webhooks.waking import Waking

log = logger("webhook_sender")

WORKS_FOR = timedelta(seconds=20)
"""Then the next message goes on: a round that was begun ends ten seconds later, within the function's own time."""


class SenderEnvironment(UsesProviders):
    events_table: str
    webhook_queue_url: str


@cache
def draining() -> Draining:
    env = SenderEnvironment.read()
    table, now = clients.table(env.events_table), clock.now
    queue, http = clients.queue(env.webhook_queue_url), parts.http(env)
    http.get_ready()
    feed, lanes, sends = Feed(table, now), Lanes(table, now), Sends(table, now)
    endpoints = Endpoints(table, feed, lanes, now)
    waking = Waking(table=table, endpoints=endpoints, queue=queue, now=now)

    return Draining(
        Tools(
            table=table,
            endpoints=endpoints,
            lanes=lanes,
            sends=sends,
            gathering=Gathering(feed=feed, sends=sends, resends=Resends(table, feed, lanes, now), now=now),
            call=Calling(http, now),
            side_by_side=side_by_side().map,
            queue=queue,
            now=now,
            wake=waking.wake,
            disabled=_disabled,
        )
    )


@cache
def side_by_side() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE)


def _disabled(reason: Verdict) -> None:
    log.warning("a webhook was disabled", extra={"reason": reason})
    metering.count_alarming("WebhookDisabled")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What fails raises, and its message comes again: one is all that an event has."""
    (record,) = event["Records"]
    message = records.parsed(record, WebhookMessage, log)
    if message is None:
        return {"outcome": "dropped"}
    outcome = draining().drain(message, clock.now() + WORKS_FOR, claim=str(ULID()))
    log.info("drained", extra={"webhook_id": message.webhook_id, "outcome": outcome})
    return {"outcome": outcome}

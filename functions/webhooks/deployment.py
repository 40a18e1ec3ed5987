"""What the routes of events and webhooks work with, as this function's environment says."""

import logging
from functools import cache

from botocore.exceptions import BotoCoreError, ClientError

from edge import clients, parts
from edge.environment import UsesProviders
from punctual import clock
from punctual.channels import Channels
from punctual.events.feed import Feed
from punctual.idempotency import Idempotency
from punctual.problems import NotFound
from punctual.tables import Table
from punctual.webhooks.calling import Calling
from punctual.webhooks.endpoints import Endpoints, Webhook
from punctual.webhooks.lanes import Lanes
from punctual.webhooks.resending import Resends
from punctual.webhooks.sends import Sends
from punctual.webhooks.waking import Waking

log = logging.getLogger("punctual.webhooks")


class WebhooksEnvironment(UsesProviders):
    events_table: str
    work_table: str
    webhook_queue_url: str
    public_url: str = ""


@cache
def environment() -> WebhooksEnvironment:
    return WebhooksEnvironment.read()


def table() -> Table:
    return clients.table(environment().events_table)


@cache
def feed() -> Feed:
    return Feed(table(), clock.now)


@cache
def lanes() -> Lanes:
    return Lanes(table(), clock.now)


@cache
def sends() -> Sends:
    return Sends(table(), clock.now)


@cache
def endpoints() -> Endpoints:
    return Endpoints(table(), feed(), lanes(), clock.now)


@cache
def resends() -> Resends:
    return Resends(table(), feed(), lanes(), clock.now)


@cache
def channels() -> Channels:
    return parts.channels(environment().work_table)


@cache
def calling() -> Calling:
    return Calling(parts.http(environment()), clock.now)


@cache
def idempotency() -> Idempotency:
    """In the events' own table: this function changes nothing in the others."""
    return Idempotency(table(), clock.now)


@cache
def waking() -> Waking:
    queue = clients.queue(environment().webhook_queue_url)
    return Waking(table=table(), endpoints=endpoints(), queue=queue, now=clock.now)


def webhook(workspace_id: str, webhook_id: str) -> Webhook:
    """Raises NotFound."""
    return there(endpoints().get(workspace_id, webhook_id))


def there(found: Webhook | None) -> Webhook:
    """Raises NotFound."""
    if found is None:
        raise unknown()
    return found


def unknown() -> NotFound:
    return NotFound("not_found", "The workspace has no such webhook.")


def told(workspace_id: str) -> None:
    """The feed has more, and every lane is to go on. A wake that is lost undoes nothing: lanes have clocks besides."""
    try:
        waking().wake(workspace_id)
    except (BotoCoreError, ClientError) as error:
        log.warning("lanes not woken", extra={"fault": type(error).__name__})


def wake(workspace_id: str, webhook_id: str) -> None:
    """As `told`, of one lane."""
    try:
        waking().wake_one(workspace_id, webhook_id)
    except (BotoCoreError, ClientError) as error:
        log.warning("a lane not woken", extra={"fault": type(error).__name__})

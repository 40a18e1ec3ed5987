"""The events function's environment, and what is built of it once a process."""

from functools import cache

from edge import clients
from edge.environment import Environment
from punctual import clock
from punctual.events.feed import Feed
from punctual.events.repairing import Repairing
from punctual.events.repairs import Repairs
from punctual.events.telling import Telling
from punctual.events.watching import Watching
from punctual.tables import Table
from punctual.webhooks.endpoints import Endpoints
from punctual.webhooks.lanes import Lanes
from punctual.webhooks.waking import Waking


class EventsEnvironment(Environment):
    work_table: str
    events_table: str
    webhook_queue_url: str


@cache
def environment() -> EventsEnvironment:
    return EventsEnvironment.read()


@cache
def work() -> Table:
    return clients.table(environment().work_table)


@cache
def events() -> Table:
    return clients.table(environment().events_table)


@cache
def feed() -> Feed:
    return Feed(events(), clock.now)


@cache
def repairs() -> Repairs:
    return Repairs(events(), clock.now)


@cache
def watching() -> Watching:
    return Watching(events=events(), repairs=repairs(), now=clock.now)


@cache
def repairing() -> Repairing:
    return Repairing(
        work=work(), events=events(), telling=telling(), repairs=repairs(), wake=waking().wake, now=clock.now
    )


@cache
def telling() -> Telling:
    return Telling(work=work(), events=events(), feed=feed(), now=clock.now)


@cache
def waking() -> Waking:
    endpoints = Endpoints(events(), feed(), Lanes(events(), clock.now), clock.now)
    queue = clients.queue(environment().webhook_queue_url)
    return Waking(table=events(), endpoints=endpoints, queue=queue, now=clock.now)

"""Every minute: wake what is overdue, and look ahead at what is due in an hour."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import cache
from typing import Any

from edge import clients, parts
from edge.environment import UsesProviders
from edge.logs import logger
from punctual import clock
from punctual.deliveries import Deliveries
from punctual.due import SHARDS
from punctual.events import beats
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.pauses import Pauses
from punctual.preflight import Preflight
from punctual.sweeping import Sweeping, Swept
from punctual.tables import Table

LIMIT = 1000
"""Items of a shard in one run: at some 20 ms each, all of them fit the minute."""
WORKERS = 8
log = logger("sweeper")


class SweeperEnvironment(UsesProviders):
    work_table: str
    publish_queue_url: str
    media_queue_url: str


@cache
def environment() -> SweeperEnvironment:
    return SweeperEnvironment.read()


def table() -> Table:
    return clients.table(environment().work_table)


@cache
def sweeping() -> Sweeping:
    env, work = environment(), table()
    deliveries = Deliveries(work)
    posts = parts.posts(work, deliveries)
    preflight = Preflight(
        posts=posts,
        deliveries=deliveries,
        channels=parts.channels(env.work_table),
        pauses=Pauses(work, clock.now),
        providers=parts.providers(env),
        library=Library(work, clock.now),
        renditions=Renditions(work, clock.now),
        now=clock.now,
    )
    media = clients.queue(env.media_queue_url)
    return Sweeping(work, posts, clients.queue(env.publish_queue_url), media, preflight, clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Shards side by side, so that a long one keeps no other waiting. The beat waits: it is for events only."""
    work = sweeping()
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda shard: work.sweep(LIMIT, [shard]), range(SHARDS)))
    beats.write(table(), clock.now())
    return asdict(sum(found, Swept()))

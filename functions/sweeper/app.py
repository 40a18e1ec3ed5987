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
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.pauses import Pauses
from punctual.preflight import Preflight
from punctual.sweeping import Sweeping, Swept

LIMIT = 1000
"""Items of a shard in one run: at some 20 ms each, all of them fit the minute."""
WORKERS = 8
log = logger("sweeper")


class SweeperEnvironment(UsesProviders):
    work_table: str
    publish_queue_url: str
    media_queue_url: str


@cache
def sweeping() -> Sweeping:
    env = SweeperEnvironment.read()
    table = clients.table(env.work_table)
    deliveries = Deliveries(table)
    posts = parts.posts(table, deliveries)
    preflight = Preflight(
        posts=posts,
        deliveries=deliveries,
        channels=parts.channels(env.work_table),
        pauses=Pauses(table, clock.now),
        providers=parts.providers(env),
        library=Library(table, clock.now),
        renditions=Renditions(table, clock.now),
        now=clock.now,
    )
    media = clients.queue(env.media_queue_url)
    return Sweeping(table, posts, clients.queue(env.publish_queue_url), media, preflight, clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Shards side by side, so that a long one keeps no other waiting."""
    work = sweeping()
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda shard: work.sweep(LIMIT, [shard]), range(SHARDS)))
    return asdict(sum(found, Swept()))

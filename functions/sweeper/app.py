"""Every minute: wake what is overdue."""

from dataclasses import asdict
from functools import cache
from typing import Any

from edge import clients
from edge.environment import Environment
from edge.logs import logger
from punctual import clock
from punctual.deliveries import Deliveries
from punctual.posts import Posts
from punctual.sweeping import Sweeping

LIMIT = 200
log = logger("sweeper")


class SweeperEnvironment(Environment):
    work_table: str
    publish_queue_url: str


@cache
def sweeping() -> Sweeping:
    env = SweeperEnvironment.read()
    table = clients.table(env.work_table)
    return Sweeping(table, Posts(table, Deliveries(table), clock.now), clients.queue(env.publish_queue_url), clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, int]:
    return asdict(sweeping().sweep(LIMIT))

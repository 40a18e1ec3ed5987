"""The removal queue's messages: each takes a workspace's removal some way on, and the next follows it."""

from datetime import timedelta
from functools import cache
from math import ceil
from typing import Any

from edge import clients, parts, records
from edge.environment import HoldsGrants
from edge.logs import logger
from punctual import clock, removing
from punctual.api_keys import ApiKeys
from punctual.messages import Queue, RemovalMessage
from punctual.removals import Removals
from punctual.removing import Removing, Revoking

log = logger("workspace_remover")

WORKS_FOR = timedelta(seconds=60)
"""Then the next message goes on: what was begun ends within the function's own time."""


class RemoverEnvironment(HoldsGrants):
    keys_table: str
    limits_table: str
    events_table: str
    media_bucket: str
    schedule_group: str
    removal_queue_url: str


@cache
def environment() -> RemoverEnvironment:
    return RemoverEnvironment.read()


@cache
def process() -> Removing:
    env = environment()
    work, grants = clients.table(env.work_table), clients.table(env.grants_table)
    keys, limits = clients.table(env.keys_table), clients.table(env.limits_table)
    events = clients.table(env.events_table)
    removals = Removals(work, clock.now)
    revoking = Revoking(parts.grants(env), parts.providers(env), removals)
    steps = {
        "keys": removing.keys(keys),
        "grants": removing.grants(grants, revoking),
        "webhooks": removing.webhooks(events),
        "posts": removing.posts(work, clients.client("scheduler"), env.schedule_group),
        "recorded": removing.recorded(work),
        "counted": removing.counted(limits),
        "media": removing.media(work, clients.client("s3"), env.media_bucket),
        "objects": removing.objects(clients.client("s3"), env.media_bucket),
        "told": removing.told(events),
        "rest": removing.rest(work),
    }
    return Removing(removals, ApiKeys(keys, clock.now), steps, clock.now)


def queue() -> Queue:
    return clients.queue(environment().removal_queue_url)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What fails raises, and its message comes again: one is all that an event has."""
    (record,) = event["Records"]
    message = records.parsed(record, RemovalMessage, log)
    wait = process().advance(message.workspace_id, clock.now() + WORKS_FOR) if message else None
    seconds = None if wait is None else ceil(wait.total_seconds())
    if message and seconds is not None:
        queue().send(message, delay_seconds=seconds)
    return {"goes_on_in_seconds": seconds}

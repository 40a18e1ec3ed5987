"""The posts function's environment, and the stores and processes built of it once a process."""

from datetime import timedelta
from functools import cache
from typing import Any

from edge import clients, parts
from edge.environment import UsesProviders
from punctual import clock
from punctual.attaching import Attaching
from punctual.attempts import Attempts
from punctual.composing import Composing
from punctual.deliveries import Deliveries
from punctual.duplicates import Duplicates
from punctual.exports import Exports
from punctual.idempotency import Idempotency
from punctual.media.asking import Asking
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.media.uses import Uses
from punctual.messages import Queue
from punctual.pauses import Pauses
from punctual.planning import Planning
from punctual.posts import Posts
from punctual.previewing import Previewing
from punctual.removals import Removals
from punctual.resolving import Resolving
from punctual.retrying import Retrying
from punctual.scheduling import ScheduleTarget, Scheduling, Timing
from punctual.spacing import Spacing
from punctual.splitting import Splitting
from punctual.tables import Table
from punctual.timeliness import Timeliness
from punctual.validating import Validating
from punctual.writing import Writing


class PostsEnvironment(UsesProviders):
    work_table: str
    publish_queue_url: str
    publish_queue_arn: str
    removal_queue_url: str
    export_queue_url: str
    media_queue_url: str
    media_bucket: str
    export_retention_days: int
    schedule_group: str
    schedule_role_arn: str
    lead_seconds: int
    scheduler_precision_seconds: int
    transcode_video: bool = False


@cache
def environment() -> PostsEnvironment:
    return PostsEnvironment.read()


@cache
def table() -> Table:
    return clients.table(environment().work_table)


@cache
def deliveries() -> Deliveries:
    return Deliveries(table())


@cache
def posts() -> Posts:
    return parts.posts(table(), deliveries())


@cache
def attempts() -> Attempts:
    return Attempts(table(), clock.now)


@cache
def pauses() -> Pauses:
    return Pauses(table(), clock.now)


@cache
def removals() -> Removals:
    return Removals(table(), clock.now)


def removal_queue() -> Queue:
    return clients.queue(environment().removal_queue_url)


@cache
def exports() -> Exports:
    return Exports(table(), clock.now)


def exports_kept() -> timedelta:
    return timedelta(days=environment().export_retention_days)


def export_queue() -> Queue:
    return clients.queue(environment().export_queue_url)


def bucket() -> tuple[Any, str]:
    """A client of S3, and the bucket's name."""
    return clients.client("s3"), environment().media_bucket


@cache
def writing() -> Writing:
    return Writing(
        client=clients.dynamodb(),
        posts=posts(),
        deliveries=deliveries(),
        duplicates=Duplicates(table(), deliveries()),
        planning=planning(),
        scheduling=scheduling(),
        asking=asking(),
        uses=Uses(table()),
        now=clock.now,
    )


@cache
def asking() -> Asking:
    return Asking(Renditions(table(), clock.now), clients.queue(environment().media_queue_url))


@cache
def planning() -> Planning:
    return Planning(composing(), Spacing(deliveries()), scheduling(), clock.now)


@cache
def composing() -> Composing:
    env = environment()
    attaching = Attaching(Library(table(), clock.now), env.transcode_video)
    return Composing(parts.channels(env.work_table), parts.providers(env), attaching)


@cache
def validating() -> Validating:
    return Validating(
        planning=planning(),
        duplicates=Duplicates(table(), deliveries()),
        deliveries=deliveries(),
        asking=asking(),
        now=clock.now,
    )


@cache
def previewing() -> Previewing:
    return Previewing(composing(), clock.now)


@cache
def splitting() -> Splitting:
    env = environment()
    return Splitting(parts.channels(env.work_table), parts.providers(env))


@cache
def idempotency() -> Idempotency:
    return Idempotency(table(), clock.now)


@cache
def resolving() -> Resolving:
    return Resolving(
        client=clients.dynamodb(),
        posts=posts(),
        deliveries=deliveries(),
        queue=clients.queue(environment().publish_queue_url),
        now=clock.now,
    )


@cache
def retrying() -> Retrying:
    return Retrying(parts.channels(environment().work_table), deliveries(), resolving())


@cache
def timeliness() -> Timeliness:
    channels = parts.channels(environment().work_table)
    return Timeliness(channels=channels, deliveries=deliveries(), attempts=attempts(), pauses=pauses())


@cache
def scheduling() -> Scheduling:
    env = environment()
    target = ScheduleTarget(group=env.schedule_group, queue_arn=env.publish_queue_arn, role_arn=env.schedule_role_arn)
    timing = Timing(lead_seconds=env.lead_seconds, precision_seconds=env.scheduler_precision_seconds)
    return Scheduling(clients.client("scheduler"), target, clients.queue(env.publish_queue_url), timing, clock.now)

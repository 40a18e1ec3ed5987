"""The export queue's messages: each takes an export some parts on, and the next follows it."""

from datetime import timedelta
from functools import cache
from typing import Any

from edge import clients, records
from edge.environment import Environment
from edge.logs import logger
from punctual import clock
from punctual.events.feed import Feed
from punctual.exporting import Exporting
from punctual.exports import Exports
from punctual.messages import ExportMessage

log = logger("exporter")

WORKS_FOR = timedelta(seconds=60)
"""Then the next message goes on: a part that was begun ends within the function's own time."""


class ExporterEnvironment(Environment):
    work_table: str
    events_table: str
    media_bucket: str
    export_queue_url: str


@cache
def environment() -> ExporterEnvironment:
    return ExporterEnvironment.read()


@cache
def exporting() -> Exporting:
    env = environment()
    table = clients.table(env.work_table)
    exports = Exports(table, clock.now)
    feed = Feed(clients.table(env.events_table), clock.now)
    s3 = clients.client("s3")
    return Exporting(table=table, feed=feed, exports=exports, s3=s3, bucket=env.media_bucket, now=clock.now)


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What fails raises, and its message comes again: one is all that an event has."""
    (record,) = event["Records"]
    message = records.parsed(record, ExportMessage, log)
    if message is None:
        return {"outcome": "dropped"}
    outcome = exporting().advance(message.workspace_id, message.export_id, clock.now() + WORKS_FOR)
    if outcome == "goes on":
        clients.queue(environment().export_queue_url).send(message)
    return {"outcome": outcome}

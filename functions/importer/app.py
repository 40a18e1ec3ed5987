"""The import queue's messages: each fetches one media from its URL."""

from datetime import timedelta
from functools import cache
from typing import Any

from edge import clients, parts, records
from edge.environment import LimitsMedia, UsesProviders
from edge.logs import logger
from punctual import clock
from punctual.media.importing import Importing
from punctual.media.library import Library
from punctual.media.storing import Storing
from punctual.messages import MediaMessage

log = logger("importer")

WORKS_FOR = timedelta(seconds=540)
"""Of the function's 600 seconds: nothing is read later."""


class ImporterEnvironment(UsesProviders, LimitsMedia):
    work_table: str
    media_bucket: str
    media_queue_url: str


@cache
def importing() -> Importing:
    env = ImporterEnvironment.read()
    table = clients.table(env.work_table)
    return Importing(
        library=Library(table, clock.now),
        storage=parts.storage(table, env),
        storing=Storing(clients.client("s3"), env.media_bucket),
        http=parts.http(env),
        probing=clients.queue(env.media_queue_url),
        now=clock.now,
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What fails raises, and its message comes again: one is all that an event has."""
    (record,) = event["Records"]
    message = records.parsed(record, MediaMessage, log)
    if message is None:
        return {"outcome": "dropped"}
    return {"outcome": importing().advance(message, clock.now() + WORKS_FOR)}

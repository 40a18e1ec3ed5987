"""The media queue's messages: each does what its media's row says is to be done."""

from datetime import timedelta
from functools import cache, partial
from typing import Any

from edge import clients, parts, records
from edge.environment import Environment
from edge.logs import logger
from punctual import clock
from punctual.deliveries import Deliveries
from punctual.media.files import Files, bench
from punctual.media.library import Library
from punctual.media.needs import Needs
from punctual.media.renditions import Renditions
from punctual.media.storage import Limits, Storage
from punctual.media.tending import Tending
from punctual.media.tools import Tools
from punctual.media.uses import Uses
from punctual.messages import MediaMessage
from punctual.workshop.running import Workshop

log = logger("media_processor")

WORKS_FOR = timedelta(seconds=240)
"""Nothing is begun later: what was begun then is back in the bucket within the function's time."""
WORKSHOP_SECONDS = 480
WORKSHOP_BYTES = 1664 * 2**20
"""Of the function's 2048 MB: the rest is its own."""
LARGEST_MADE = 5 * 2**30


class MediaProcessorEnvironment(Environment):
    work_table: str
    media_bucket: str
    import_queue_url: str
    unused_media_days: int = 30


@cache
def tending() -> Tending:
    env = MediaProcessorEnvironment.read()
    table = clients.table(env.work_table)
    deliveries = Deliveries(table)
    files = Files(clients.client("s3"), env.media_bucket)
    days = env.unused_media_days
    return Tending(
        Tools(
            library=Library(table, clock.now),
            renditions=Renditions(table, clock.now),
            needs=Needs(Uses(table), parts.posts(table, deliveries), deliveries),
            storage=Storage(table, Limits(), clock.now),
            files=files,
            workshop=Workshop(memory_bytes=WORKSHOP_BYTES, seconds=WORKSHOP_SECONDS, file_bytes=LARGEST_MADE),
            imports=clients.queue(env.import_queue_url),
            bench=partial(bench, files),
            now=clock.now,
            unused_for=timedelta(days=days) if days else None,
        )
    )


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """What fails raises, and its message comes again: one is all that an event has."""
    (record,) = event["Records"]
    message = records.parsed(record, MediaMessage, log)
    if message is None:
        return {"outcome": "dropped"}
    return {"outcome": tending().advance(message, clock.now() + WORKS_FOR)}

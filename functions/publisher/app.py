"""The publish queue's messages, one batch side by side."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType, async_process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from edge import clients, metering, parts
from edge.environment import HoldsGrants, ServesMedia
from edge.logs import logger
from punctual import clock
from punctual.attempts import Attempts
from punctual.buckets import Buckets
from punctual.deliveries import Deliveries
from punctual.media.contents import Contents, StoredContent
from punctual.media.facts import Facts
from punctual.media.library import Library
from punctual.media.renditions import Renditions
from punctual.media.shelf import Shelf
from punctual.messages import MediaMessage, Message, parse
from punctual.pauses import Pauses
from punctual.publishing import Invocation, Publishing, Tools

log = logger("publisher")

LARGEST_BATCH = 10
"""PublisherBatchSize goes no higher."""


class PublisherEnvironment(HoldsGrants, ServesMedia):
    publish_queue_url: str
    media_queue_url: str


@cache
def publishing() -> Publishing:
    env = PublisherEnvironment.read()
    parts.http(env).get_ready()
    table = clients.table(env.work_table)
    deliveries = Deliveries(table)
    return Publishing(
        Tools(
            posts=parts.posts(table, deliveries),
            deliveries=deliveries,
            attempts=Attempts(table, clock.now),
            channels=parts.channels(env.work_table),
            pauses=Pauses(table, clock.now),
            buckets=Buckets(table),
            refreshing=parts.refreshing(env),
            providers=parts.providers(env),
            shelf=Shelf(Library(table, clock.now), Renditions(table, clock.now), _content, _ask),
            queue=clients.queue(env.publish_queue_url),
            now=clock.now,
            sleep=time.sleep,
            meter=metering.count,
        )
    )


@cache
def contents() -> Contents:
    """Only where there are media: text posts need not wait for its clients."""
    env = PublisherEnvironment.read()
    return Contents(clients.client("s3"), env.media_bucket, parts.addresses(env))


@cache
def side_by_side() -> ThreadPoolExecutor:
    """A thread for each message of a batch: asyncio's own pool has as many as processors and four, and the rest of the
    batch would begin its calls when the first have ended."""
    return ThreadPoolExecutor(LARGEST_BATCH)


def handler(event: dict[str, Any], context: Any) -> Any:
    deadline = clock.now() + timedelta(milliseconds=context.get_remaining_time_in_millis())
    invocation = Invocation(deadline=deadline, id=context.aws_request_id)
    work = publishing()

    async def each(record: SQSRecord) -> None:
        await asyncio.get_running_loop().run_in_executor(side_by_side(), _handle, work, record, invocation)

    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return async_process_partial_response(event=event, record_handler=each, processor=processor, context=context)


def _handle(work: Publishing, record: SQSRecord, invocation: Invocation) -> None:
    message = _parsed(record)
    if message is None:
        return
    try:
        work.handle(message, invocation)
    except Exception as fault:
        log.error(
            "message failed, it comes again", extra={"message_id": record.message_id, "fault": type(fault).__name__}
        )
        raise


def _content(path: str, facts: Facts) -> StoredContent:
    return contents().of(path, facts)


def _ask(workspace_id: str, media_id: str) -> None:
    url = PublisherEnvironment.read().media_queue_url
    clients.queue(url).send(MediaMessage(workspace_id=workspace_id, media_id=media_id))


def _parsed(record: SQSRecord) -> Message | None:
    """A message that is none of ours is dropped: no redelivery mends it."""
    try:
        return parse(record.body)
    except ValueError:
        log.error("not a message of ours", extra={"message_id": record.message_id})
        return None

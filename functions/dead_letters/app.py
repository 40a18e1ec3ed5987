"""The dead-letter queue's messages: whatever each was about gets a named end, or is left to the sweep."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from edge import clients, parts
from edge.environment import Environment
from edge.logs import logger
from punctual import clock
from punctual.attempts import Attempts
from punctual.dead_letters import DeadLetters
from punctual.deliveries import Deliveries
from punctual.messages import parse

log = logger("dead_letters")


class DeadLettersEnvironment(Environment):
    work_table: str


@cache
def dead_letters() -> DeadLetters:
    table = clients.table(DeadLettersEnvironment.read().work_table)
    posts = parts.posts(table, Deliveries(table))
    return DeadLetters(table=table, posts=posts, attempts=Attempts(table, clock.now), now=clock.now)


def handler(event: dict[str, Any], context: Any) -> Any:
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_settle, processor=processor, context=context)


def _settle(record: SQSRecord) -> None:
    """One that is none of ours is dropped. One that fails stays in the queue, which has an alarm."""
    try:
        message = parse(record.body)
    except ValueError:
        log.error("not a message of ours", extra={"message_id": record.message_id})
        return
    try:
        dead_letters().settle(message)
    except Exception as fault:
        log.error("not settled", extra={"message_id": record.message_id, "fault": type(fault).__name__})
        raise

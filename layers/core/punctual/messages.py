"""What travels through the publish queue: ids and revisions only, never content."""

import json
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

WokenBy: TypeAlias = Literal["schedule", "direct", "sweep", "retry"]
MAX_DELAY_SECONDS = 900
_BATCH = 10


class Wake(BaseModel):
    """A post's time is near; fans out to one Step a delivery. Sent by the Scheduler, or directly when T is near."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    post_id: str
    rev: int
    woken_by: WokenBy


class Step(BaseModel):
    """A delivery's next step, whichever its stored state says that is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    post_id: str
    delivery_id: str
    rev: int
    woken_by: WokenBy


class NotSent(Exception):
    """SQS refused some messages of a batch."""


class Queue:
    """`sqs` is a boto3 client. Every message may arrive twice, late, or before an earlier one."""

    def __init__(self, sqs: Any, url: str):
        self._sqs = sqs
        self._url = url

    def send(self, message: Wake | Step, delay_seconds: int = 0) -> None:
        delay = min(max(delay_seconds, 0), MAX_DELAY_SECONDS)
        self._sqs.send_message(QueueUrl=self._url, MessageBody=message.model_dump_json(), DelaySeconds=delay)

    def send_all(self, messages: Iterable[Step]) -> None:
        """Raises NotSent; those already sent do no harm when they are sent again."""
        waiting = list(messages)
        while waiting:
            batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
            entries = [
                {"Id": str(place), "MessageBody": message.model_dump_json()} for place, message in enumerate(batch)
            ]
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise NotSent(f"{len(answer['Failed'])} of {len(batch)} messages were refused")


def parse(body: str) -> Wake | Step:
    """Raises ValueError for anything else."""
    found = json.loads(body)
    kind: type[Wake | Step] = Step if isinstance(found, dict) and "delivery_id" in found else Wake
    return kind.model_validate(found)

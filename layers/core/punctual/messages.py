"""What travels through queues: ids and revisions only, never content."""

import json
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

WokenBy: TypeAlias = Literal["schedule", "direct", "sweep", "retry"]
MAX_DELAY_SECONDS = 900
_BATCH = 10


class OfWorkspace(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    workspace_id: str

    @property
    def group(self) -> str:
        """The queue's: a busy tenant does not keep a quiet one waiting."""
        return self.workspace_id


class RemovalMessage(OfWorkspace):
    """The workspace's removal, to be begun or to go on."""


class ExportMessage(OfWorkspace):
    """An export, to be begun or to go on."""

    export_id: str


class MediaMessage(OfWorkspace):
    """A media that has something to be done: to be fetched, probed, rendered or removed, as its row says."""

    media_id: str


class WebhookMessage(OfWorkspace):
    """A webhook's lane that may have something to send."""

    webhook_id: str

    @property
    def group(self) -> str:
        """An endpoint that answers slowly keeps none of its own workspace waiting either."""
        return self.webhook_id


class _Message(OfWorkspace):
    post_id: str
    rev: int


class Wake(_Message):
    """A post's time is near; fans out to one Step a delivery. Sent by the Scheduler, or directly when T is near."""

    woken_by: WokenBy


class Step(_Message):
    """A delivery's next step, whichever its stored state says that is."""

    delivery_id: str
    woken_by: WokenBy


class Ended(_Message):
    """How an attempt ended, where the table could not be told in time. No URL: it may hold a handle."""

    delivery_id: str
    attempt_id: str
    outcome: str
    code: str | None = None
    status: int | None = None
    platform_code: str | None = None
    platform_id: str | None = None


Message: TypeAlias = Wake | Step | Ended


class NotSent(Exception):
    """SQS refused some messages of a batch."""


class Queue:
    """`sqs` is a boto3 client. Every message may arrive twice, late, or before an earlier one."""

    def __init__(self, sqs: Any, url: str):
        self._sqs = sqs
        self._url = url

    def send(self, message: OfWorkspace, delay_seconds: int = 0) -> None:
        delay = min(max(delay_seconds, 0), MAX_DELAY_SECONDS)
        self._sqs.send_message(QueueUrl=self._url, DelaySeconds=delay, **_entry(message))

    def send_all(self, messages: Iterable[OfWorkspace]) -> None:
        """Raises NotSent; those already sent do no harm when they are sent again."""
        waiting = list(messages)
        while waiting:
            batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
            entries = [{"Id": str(place), **_entry(message)} for place, message in enumerate(batch)]
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)
            if answer.get("Failed"):
                raise NotSent(f"{len(answer['Failed'])} of {len(batch)} messages were refused")


def parse(body: str) -> Message:
    """Raises ValueError for anything else."""
    found = json.loads(body)
    names = found if isinstance(found, dict) else {}
    kind: type[Wake | Step | Ended] = Ended if "attempt_id" in names else Step if "delivery_id" in names else Wake
    return kind.model_validate(found)


def _entry(message: OfWorkspace) -> dict[str, str]:
    """SQS's fair queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html"""
    return {"MessageBody": message.model_dump_json(exclude_none=True), "MessageGroupId": message.group}

"""Giving dead letters another try: SQS moves them from their queue back to the publish queue, at its own pace."""

from typing import Any

from botocore.exceptions import ClientError

from local.addressing import Named
from local.problems import LocalError

_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_UNKNOWN = frozenset({"InvalidAction", "UnknownOperationException", "AWS.SimpleQueueService.UnsupportedOperation"})


def redrive(stack: Named) -> str:
    """What was begun, in a sentence."""
    sqs = stack.client("sqs")
    dead, alive = (_queue(sqs, stack, name) for name in ("PublishDeadLetterQueue", "PublishQueue"))
    waiting, in_hand = (int(dead[name]) for name in _COUNTS)
    if not waiting:
        return f"No dead letter waits. {_in_hand(in_hand)}".strip()
    try:
        sqs.start_message_move_task(SourceArn=dead["QueueArn"], DestinationArn=alive["QueueArn"])
    except ClientError as error:
        if stack.endpoint_url and error.response["Error"]["Code"] in _UNKNOWN:
            raise LocalError("The local emulator cannot move messages; on AWS this command does.") from error
        raise
    told = f"SQS moves some {waiting} dead letters back to the publish queue; each is tried five times again."
    return f"{told} {_in_hand(in_hand)}".strip()


def _in_hand(count: int) -> str:
    return f"The dead-letter function has {count} more in hand just now." if count else ""


def _queue(sqs: Any, stack: Named, logical_id: str) -> dict[str, str]:
    url = stack.physical_id(logical_id)
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", *_COUNTS])["Attributes"]
    return found

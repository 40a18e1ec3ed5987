"""Records of queues that carry one kind of message."""

from collections.abc import Mapping
from typing import Any, TypeVar

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from punctual.messages import OfWorkspace

Message = TypeVar("Message", bound=OfWorkspace)


def parsed(record: Mapping[str, Any], kind: type[Message], log: Logger) -> Message | None:
    """A message that is none of ours is dropped: no redelivery mends it."""
    try:
        return kind.model_validate_json(record["body"])
    except ValidationError:
        log.error("not a message of ours", extra={"message_id": record["messageId"]})
        return None

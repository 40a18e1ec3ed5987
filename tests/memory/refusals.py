"""Errors as botocore raises them."""

from collections.abc import Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

_wire = TypeSerializer()


class ItemRefused(Exception):
    """What one item or its update holds is not allowed: a ValidationException, or a reason why a transaction fell."""


def client_error(operation: str, code: str, message: str, **more: Any) -> ClientError:
    told = {"RetryAttempts": 0, "HTTPStatusCode": 400, "RequestId": "memory", "HTTPHeaders": {}}
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": told, "message": message, **more}
    return ClientError(answer, operation)


def invalid(message: str) -> ClientError:
    return client_error("DynamoDB", "ValidationException", message)


def condition_failed(operation: str, item: Mapping[str, Any] | None) -> ClientError:
    more = {"Item": on_the_wire(item)} if item else {}
    return client_error(operation, "ConditionalCheckFailedException", "The conditional request failed", **more)


def transaction_canceled(reasons: Sequence[Mapping[str, Any]]) -> ClientError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    told = {"Message": message, "CancellationReasons": [dict(reason) for reason in reasons]}
    return client_error("TransactWriteItems", "TransactionCanceledException", message, **told)


def on_the_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """boto3 converts answers, never errors: an item in an error keeps DynamoDB's own types."""
    return {name: _wire.serialize(value) for name, value in item.items()}

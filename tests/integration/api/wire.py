"""The DynamoDB client, with what tests let happen around its calls, and with refusals of AWS that moto lacks."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

MAX_KEY_BYTES = {"pk": 2048, "sk": 1024}
MAX_ITEM_BYTES = 400 * 1024


class Wire:
    """Passes every call on. `before("put_item", act)` runs `act(request)` once, just before the next such call."""

    def __init__(self, client: Any):
        self._client = client
        self._acts: dict[str, list[Callable[[dict[str, Any]], object]]] = {}

    def before(self, operation: str, act: Callable[[dict[str, Any]], object], *, times: int = 1) -> None:
        self._acts.setdefault(operation, []).extend([act] * times)

    def forget(self) -> int:
        """How many acts were still to come."""
        left = sum(len(acts) for acts in self._acts.values())
        self._acts.clear()
        return left

    def __getattr__(self, operation: str) -> Any:
        call = getattr(self._client, operation)

        def passed(**request: Any) -> Any:
            acts = self._acts.get(operation)
            if acts:
                acts.pop(0)(request)
            for part in parts(operation, request):
                refuse_what_aws_refuses(part, operation)
            return call(**request)

        return passed


def parts(operation: str, request: dict[str, Any]) -> list[dict[str, Any]]:
    """A transaction's operations, or the one."""
    if operation != "transact_write_items":
        return [request]
    return [part for each in request["TransactItems"] for part in each.values()]


def refuse_what_aws_refuses(request: dict[str, Any], operation: str) -> None:
    key = request.get("Key") or request.get("Item") or {}
    for name, most in MAX_KEY_BYTES.items():
        if not 0 < len(str(key.get(name, name)).encode()) <= most:
            raise refused("ValidationException", operation)
    if len(str(request.get("Item", "")).encode()) > MAX_ITEM_BYTES:
        raise refused("ValidationException", operation)
    start = request.get("ExclusiveStartKey")
    if start:
        condition = request["KeyConditionExpression"].get_expression()
        for part in condition["values"]:
            _inside(part.get_expression(), start, operation)


def _inside(part: dict[str, Any], start: dict[str, Any], operation: str) -> None:
    """ "The provided starting key is outside query boundaries based on provided conditions"."""
    key, *bounds = part["values"]
    at = start[key.name]
    inside = at == bounds[0] if part["operator"] == "=" else bounds[0] <= at <= bounds[-1]
    if not inside:
        raise refused("ValidationException", operation)


def refused(code: str, operation: str, message: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)

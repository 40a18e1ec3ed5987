"""The DynamoDB client, with what tests let happen around its calls, and with a refusal that the stand-in lacks."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError


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
            if operation == "query":
                refuse_start_outside(request, operation)
            return call(**request)

        return passed


def refuse_start_outside(request: dict[str, Any], operation: str) -> None:
    """ "The provided starting key is outside query boundaries based on provided conditions"."""
    start = request.get("ExclusiveStartKey")
    condition = request["KeyConditionExpression"].get_expression()
    if start and not all(_inside(part.get_expression(), start) for part in condition["values"]):
        raise refused("ValidationException", operation)


def _inside(part: dict[str, Any], start: dict[str, Any]) -> bool:
    key, *bounds = part["values"]
    at = start[key.name]
    if part["operator"] == "begins_with":
        return bool(at.startswith(bounds[0]))
    return bool(at == bounds[0] if part["operator"] == "=" else bounds[0] <= at <= bounds[-1])


def refused(code: str, operation: str, message: str = "refused") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)

"""A request's expressions with their placeholders bound to names and values."""

from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.conditions import ConditionBase, ConditionExpressionBuilder

from tests.memory import conditions, updates
from tests.memory.conditions import Condition
from tests.memory.refusals import invalid
from tests.memory.updates import Update
from tests.memory.values import stored

_KINDS = ("KeyConditionExpression", "FilterExpression", "ConditionExpression")


class Expressions:
    """`bound` maps every placeholder, a name's and a value's, to what it stands for."""

    def __init__(self, request: Mapping[str, Any]):
        request = _built(request)
        self.conditions: dict[str, Condition] = {
            kind: conditions.parsed(kind, request[kind]) for kind in _KINDS if kind in request
        }
        self.update: Update | None = None
        if "UpdateExpression" in request:
            self.update = updates.parsed(request["UpdateExpression"])
        self.bound = _bound(request, [*self.conditions.values(), *([self.update] if self.update else [])])
        for condition in self.conditions.values():
            condition.check(self.bound)
        if self.update:
            self.update.check(self.bound)

    def holds(self, kind: str, item: Mapping[str, Any]) -> bool:
        condition = self.conditions.get(kind)
        return condition is None or condition.test(item, self.bound)  # type: ignore[arg-type]


def of(request: Mapping[str, Any]) -> Expressions:
    return Expressions(request) if any("Expression" in name for name in request) else _NONE


def _built(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Condition objects become text, all by one builder: their placeholders differ."""
    objects = [kind for kind in _KINDS if isinstance(request.get(kind), ConditionBase)]
    if not objects:
        return request
    builder = ConditionExpressionBuilder()
    found = dict(request)
    for kind in objects:
        text, names, values = builder.build_expression(found[kind], is_key_condition=kind == _KINDS[0])
        found[kind] = text
        found["ExpressionAttributeNames"] = {**found.get("ExpressionAttributeNames", {}), **names}
        found["ExpressionAttributeValues"] = {**found.get("ExpressionAttributeValues", {}), **values}
        found = {name: value for name, value in found.items() if value != {} or name not in _GIVEN}
    return found


_GIVEN = {"ExpressionAttributeNames": "#", "ExpressionAttributeValues": ":"}


def _bound(request: Mapping[str, Any], parsed: Iterable[Condition | Update]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    used = frozenset[str]().union(*(one.placeholders for one in parsed))
    for given in _GIVEN:
        bound = request.get(given)
        if bound is not None and not bound:
            raise invalid(f"{given} must not be empty")
        found.update(bound or {})
    if found.keys() != used:
        _refuse(found.keys() - used, used - found.keys())
    return {name: stored(value) if name[0] == ":" else value for name, value in found.items()}


def _refuse(unused: Iterable[str], undefined: Iterable[str]) -> None:
    for name in unused:
        kind = "Values" if name[0] == ":" else "Names"
        raise invalid(f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: {{{name}}}")
    for name in undefined:
        kind = "value" if name[0] == ":" else "name"
        raise invalid(f"An expression attribute {kind} used in expression is not defined; attribute {kind}: {name}")


_NONE = Expressions({})

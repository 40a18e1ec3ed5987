"""Update expressions: parsed once for each text, then carried out on a copy of the item."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any, TypeAlias

from boto3.dynamodb.types import DYNAMODB_CONTEXT

from tests.memory.parsing import Path, Tokens, Value
from tests.memory.refusals import ItemRefused, invalid
from tests.memory.values import MISSING, plain

Item: TypeAlias = dict[str, Any]
Reader: TypeAlias = Callable[[Item, Item], Any]
Step: TypeAlias = tuple[str | int, ...]

_WRONG_TYPE = "An operand in the update expression has an incorrect data type"
_NO_PATH = "The document path provided in the update expression is invalid for update"
_NO_ATTRIBUTE = "The provided expression refers to an attribute that does not exist in the item"


@dataclass(frozen=True)
class Action:
    section: str
    path: Path
    read: Reader | None = None


@dataclass(frozen=True)
class Update:
    actions: tuple[Action, ...]
    placeholders: frozenset[str]
    added: tuple[str, ...]

    def check(self, bound: Item) -> None:
        """Refuses, before any item is looked at, paths that overlap and values that cannot be added."""
        paths = [action.path.resolved(bound) for action in self.actions]
        several = paths if len({path[0] for path in paths}) < len(paths) else ()
        for place, path in enumerate(several):
            if any(other[: len(path)] == path or path[: len(other)] == other for other in paths[:place]):
                raise invalid("Invalid UpdateExpression: Two document paths overlap with each other")
        if any(bound[name].__class__ not in (Decimal, frozenset) for name in self.added):
            raise invalid("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD")

    def names(self, bound: Item) -> list[str | int]:
        return [action.path.resolved(bound)[0] for action in self.actions]

    def carried_out(self, item: Item, bound: Item) -> Item:
        """Every value is read from the item as it was."""
        done = [(action, action.read(item, bound) if action.read else None) for action in self.actions]
        changed = dict(item)
        removed = [action.path.resolved(bound) for action, _ in done if action.section == "REMOVE"]
        for action, value in done:
            if action.section == "SET":
                _set(changed, action.path.resolved(bound), value)
            elif action.section in _SUMS:
                path = action.path.resolved(bound)
                total = _SUMS[action.section](action.path.read(item, bound), value)
                _set(changed, path, total) if total is not MISSING else removed.append(path)
        for path in sorted(removed, key=_highest_last, reverse=True):
            _remove(changed, path)
        return changed


@lru_cache(maxsize=4096)
def parsed(expression: str) -> Update:
    tokens = Tokens.of("UpdateExpression", expression)
    actions: list[Action] = []
    met: set[str] = set()
    while tokens.left:
        section = tokens.took(*_SECTIONS)
        if not section or section in met:
            raise invalid(f'Invalid UpdateExpression: Syntax error; token: "{section or tokens.next()}"')
        met.add(section)
        actions.append(_SECTIONS[section](tokens))
        while tokens.took(","):
            actions.append(_SECTIONS[section](tokens))
    added = tuple(action.read.__self__.name for action in actions if action.section in _SUMS)  # type: ignore[union-attr]
    return Update(tuple(actions), frozenset(tokens.placeholders), added)


def _parse_set(tokens: Tokens) -> Action:
    path = tokens.path()
    tokens.expect("=")
    left = _term(tokens)
    sign = tokens.took("+", "-")
    return Action("SET", path, _sum(sign, left, _term(tokens)) if sign else left)


def _term(tokens: Tokens) -> Reader:
    if tokens.next() in ("if_not_exists", "list_append") and tokens.next(1) == "(":
        function = tokens.take()
        tokens.expect("(")
        first = tokens.path() if function == "if_not_exists" else _term(tokens)
        tokens.expect(",")
        second = _term(tokens)
        tokens.expect(")")
        return _default(first, second) if isinstance(first, Path) else _appended(first, second)
    operand = tokens.value() if tokens.next()[:1] == ":" else tokens.path()
    return operand.read if isinstance(operand, Value) else _existing(operand)


def _existing(path: Path) -> Reader:
    def read(item: Item, bound: Item) -> Any:
        found = path.read(item, bound)
        if found is MISSING:
            raise ItemRefused(_NO_ATTRIBUTE)
        return found

    return read


def _default(path: Path, otherwise: Reader) -> Reader:
    def read(item: Item, bound: Item) -> Any:
        found = path.read(item, bound)
        return otherwise(item, bound) if found is MISSING else found

    return read


def _appended(first: Reader, second: Reader) -> Reader:
    def read(item: Item, bound: Item) -> Any:
        one, other = first(item, bound), second(item, bound)
        if one.__class__ is not list or other.__class__ is not list:
            raise ItemRefused(_WRONG_TYPE)
        return one + other

    return read


def _sum(sign: str, left: Reader, right: Reader) -> Reader:
    def read(item: Item, bound: Item) -> Any:
        one, other = left(item, bound), right(item, bound)
        if one.__class__ is not Decimal or other.__class__ is not Decimal:
            raise ItemRefused(_WRONG_TYPE)
        return _total(one, other if sign == "+" else other.copy_negate())

    return read


def _total(one: Decimal, other: Decimal) -> Decimal:
    try:
        return plain(DYNAMODB_CONTEXT.add(one, other))
    except DecimalException as error:
        raise ItemRefused("Number overflow. Attempting to store a number beyond the supported range") from error


def _added(old: Any, value: Any) -> Any:
    if old is MISSING:
        return value
    if old.__class__ is not value.__class__ or not _alike(old, value):
        raise ItemRefused(_WRONG_TYPE)
    return _total(old, value) if value.__class__ is Decimal else old | value


def _taken_away(old: Any, value: Any) -> Any:
    if value.__class__ is not frozenset or (old is not MISSING and not _alike(old, value)):
        raise ItemRefused(_WRONG_TYPE)
    return MISSING if old is MISSING or old <= value else old - value


def _alike(old: Any, value: Any) -> bool:
    if value.__class__ is not frozenset:
        return True
    return old.__class__ is frozenset and next(iter(old)).__class__ is next(iter(value)).__class__


def _highest_last(path: Step) -> list[str]:
    return [f"{step:09}" if isinstance(step, int) else step for step in path]


def _set(item: Item, path: Step, value: Any) -> None:
    holder, last = _opened(item, path)
    if last.__class__ is int:
        if holder.__class__ is not list:
            raise ItemRefused(_NO_PATH)
        holder[last : int(last) + 1] = [value]
    elif holder.__class__ is dict:
        holder[last] = value
    else:
        raise ItemRefused(_NO_PATH)


def _remove(item: Item, path: Step) -> None:
    holder, last = _opened(item, path)
    if last.__class__ is int and holder.__class__ is list:
        del holder[last : int(last) + 1]
    elif holder.__class__ is dict and last.__class__ is str:
        holder.pop(last, None)
    else:
        raise ItemRefused(_NO_PATH)


def _opened(item: Item, path: Step) -> tuple[Any, str | int]:
    """What holds the path's last step, every container on the way to it copied."""
    holder: Any = item
    for step in path[:-1]:
        inside = holder.__class__ is list if step.__class__ is int else holder.__class__ is dict
        if not inside or (step not in holder if holder.__class__ is dict else int(step) >= len(holder)):
            raise ItemRefused(_NO_PATH)
        inner = holder[step]
        holder[step] = inner.copy() if inner.__class__ in (dict, list) else inner
        holder = holder[step]
    return holder, path[-1]


_SUMS: dict[str, Callable[[Any, Any], Any]] = {"ADD": _added, "DELETE": _taken_away}
_SECTIONS: dict[str, Callable[[Tokens], Action]] = {
    "SET": _parse_set,
    "REMOVE": lambda tokens: Action("REMOVE", tokens.path()),
    "ADD": lambda tokens: Action("ADD", tokens.path(), tokens.value().read),
    "DELETE": lambda tokens: Action("DELETE", tokens.path(), tokens.value().read),
}

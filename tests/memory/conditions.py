"""Condition, filter and key condition expressions: parsed once for each text, then called with an item."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, TypeAlias

from tests.memory.parsing import Path, Size, Tokens, Value
from tests.memory.refusals import invalid
from tests.memory.values import MISSING, equal, letter

Item: TypeAlias = dict[str, Any]
Test: TypeAlias = Callable[[Item, Item], bool]
Operand: TypeAlias = Path | Value | Size

_ORDERED = (str, Decimal, bytes)
_ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True)
class Comparison:
    """`operator` is one of = <> < <= > >= BETWEEN IN, or a function's name."""

    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Condition:
    test: Test
    placeholders: frozenset[str]
    paths: tuple[Path, ...]
    comparisons: tuple[Comparison, ...]
    conjunctive: bool

    def check(self, bound: Item) -> None:
        """Refuses the values that an operator never takes."""
        for comparison in self.comparisons:
            literals = [bound[one.name] for one in comparison.operands if isinstance(one, Value)]
            if comparison.operator in _ORDERS or comparison.operator == "BETWEEN":
                _check_ordered(comparison.operator, literals)
            elif comparison.operator == "begins_with" and any(letter(one) not in "SB" for one in literals):
                raise invalid("Incorrect operand type for operator or function; operator or function: begins_with")


@lru_cache(maxsize=4096)
def parsed(kind: str, expression: str) -> Condition:
    return _Parser(Tokens.of(kind, expression)).condition()


class _Parser:
    def __init__(self, tokens: Tokens):
        self._tokens = tokens
        self._comparisons: list[Comparison] = []
        self._conjunctive = True
        self._last_group = (0, 0)

    def condition(self) -> Condition:
        test = self._any()
        self._tokens.end()
        tokens = self._tokens
        return Condition(
            test, frozenset(tokens.placeholders), tuple(tokens.paths), tuple(self._comparisons), self._conjunctive
        )

    def _any(self) -> Test:
        tests = [self._all()]
        while self._tokens.took("OR"):
            self._conjunctive = False
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda item, bound: any(test(item, bound) for test in tests)

    def _all(self) -> Test:
        tests = [self._negated()]
        while self._tokens.took("AND"):
            tests.append(self._negated())
        if len(tests) == 2:
            first, second = tests
            return lambda item, bound: first(item, bound) and second(item, bound)
        return tests[0] if len(tests) == 1 else lambda item, bound: all(test(item, bound) for test in tests)

    def _negated(self) -> Test:
        if not self._tokens.took("NOT"):
            return self._grouped() if self._tokens.next() == "(" else self._comparison()
        self._conjunctive = False
        test = self._negated()
        return lambda item, bound: not test(item, bound)

    def _grouped(self) -> Test:
        """AWS refuses a pair of parentheses right inside another: https://github.com/ExtendDB/extenddb/pull/71"""
        tokens = self._tokens
        began = len(tokens.left)
        tokens.take()
        test = self._any()
        if self._last_group == (began - 1, len(tokens.left)):
            raise invalid(f"Invalid {tokens.kind}: The expression has redundant parentheses;")
        tokens.expect(")")
        self._last_group = (began, len(tokens.left))
        return test

    def _comparison(self) -> Test:
        tokens = self._tokens
        function = _FUNCTIONS.get(tokens.next()) if tokens.next(1) == "(" else None
        if function:
            return self._call(*function)
        left = tokens.operand()
        if sign := tokens.took("=", "<>", "<", "<=", ">", ">="):
            return self._compared(sign, left, tokens.operand())
        if tokens.took("BETWEEN"):
            low = tokens.operand()
            if not tokens.took("AND"):
                raise invalid(f"Invalid {tokens.kind}: Syntax error; BETWEEN without AND")
            return self._between(left, low, tokens.operand())
        if tokens.took("IN"):
            return self._among(left, self._arguments())
        raise invalid(f'Invalid {tokens.kind}: Syntax error; token: "{tokens.next() or "<EOF>"}"')

    def _arguments(self) -> tuple[Operand, ...]:
        self._tokens.expect("(")
        found = [self._tokens.operand()]
        while self._tokens.took(","):
            found.append(self._tokens.operand())
        self._tokens.expect(")")
        return tuple(found)

    def _call(self, count: int, function: Callable[..., bool]) -> Test:
        name, operands = self._tokens.take(), self._arguments()
        if len(operands) != count:
            raise invalid(f"Invalid {self._tokens.kind}: Incorrect number of operands for operator or function: {name}")
        if count == 1 and not isinstance(operands[0], Path):
            raise invalid(f"Invalid {self._tokens.kind}: Operator or function requires a document path: {name}")
        self._comparisons.append(Comparison(name, operands))
        readers = [operand.read for operand in operands]
        return lambda item, bound: function(*(read(item, bound) for read in readers))

    def _compared(self, sign: str, left: Operand, right: Operand) -> Test:
        self._comparisons.append(Comparison(sign, (left, right)))
        one, other = left.read, right.read
        if sign == "=":
            return lambda item, bound: equal(one(item, bound), other(item, bound))
        if sign == "<>":
            return lambda item, bound: not equal(one(item, bound), other(item, bound))
        ordered = partial(_ordered, _ORDERS[sign])
        return lambda item, bound: ordered(one(item, bound), other(item, bound))

    def _between(self, middle: Operand, low: Operand, high: Operand) -> Test:
        self._comparisons.append(Comparison("BETWEEN", (middle, low, high)))

        def test(item: Item, bound: Item) -> bool:
            value = middle.read(item, bound)
            from_low = _ordered(operator.le, low.read(item, bound), value)
            return from_low and _ordered(operator.le, value, high.read(item, bound))

        return test

    def _among(self, one: Operand, options: tuple[Operand, ...]) -> Test:
        self._comparisons.append(Comparison("IN", (one, *options)))

        def test(item: Item, bound: Item) -> bool:
            value = one.read(item, bound)
            return any(equal(value, option.read(item, bound)) for option in options)

        return test


def _ordered(order: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    return left.__class__ is right.__class__ and left.__class__ in _ORDERED and order(left, right)


def _check_ordered(sign: str, literals: list[Any]) -> None:
    if any(letter(one) not in ("S", "N", "B") for one in literals):
        raise invalid(f"Invalid operand type for operator or function; operator: {sign}")
    if sign == "BETWEEN" and len(literals) > 1:
        low, high = literals[-2:]  # what stands between literals is an attribute
        if letter(low) != letter(high):
            raise invalid("The BETWEEN operator requires same data type for lower and upper bounds")
        if low > high:
            raise invalid("The BETWEEN operator requires upper bound to be greater than or equal to lower bound")


def _begins_with(value: Any, prefix: Any) -> bool:
    return value.__class__ is prefix.__class__ and value.__class__ in (str, bytes) and value.startswith(prefix)


def _contains(value: Any, wanted: Any) -> bool:
    if value.__class__ in (str, bytes):
        return wanted.__class__ is value.__class__ and operator.contains(value, wanted)
    return value.__class__ in (list, frozenset) and any(equal(one, wanted) for one in value)


def _has_type(value: Any, wanted: Any) -> bool:
    return value is not MISSING and letter(value) == wanted


_FUNCTIONS: dict[str, tuple[int, Callable[..., bool]]] = {
    "attribute_exists": (1, lambda value: value is not MISSING),
    "attribute_not_exists": (1, lambda value: value is MISSING),
    "attribute_type": (2, _has_type),
    "begins_with": (2, _begins_with),
    "contains": (2, _contains),
}

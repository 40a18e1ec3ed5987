"""Tokens of DynamoDB's expressions, and the operands that conditions and updates share."""

import importlib.util
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path as File
from typing import Any

from tests.memory.refusals import invalid
from tests.memory.values import MISSING, size

_TOKEN = re.compile(r"\s*([:#][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|\d+|<>|<=|>=|[=<>(),.\[\]+-])")


@dataclass(frozen=True)
class Value:
    name: str

    def read(self, item: dict[str, Any], bound: dict[str, Any]) -> Any:
        return bound[self.name]


@dataclass(frozen=True)
class Path:
    parts: tuple[str | int, ...]

    def resolved(self, bound: dict[str, Any]) -> tuple[str | int, ...]:
        if len(self.parts) == 1:
            return (bound.get(str(self.parts[0]), self.parts[0]),)
        return tuple(bound.get(str(part), part) for part in self.parts)

    def read(self, item: dict[str, Any], bound: dict[str, Any]) -> Any:
        found: Any = item
        for part in self.parts:
            if isinstance(part, int):
                found = found[part] if found.__class__ is list and part < len(found) else MISSING
            elif found.__class__ is dict:
                found = found.get(bound[part] if part[0] == "#" else part, MISSING)
            else:
                return MISSING
        return found


@dataclass(frozen=True)
class Size:
    of: "Path | Value"

    def read(self, item: dict[str, Any], bound: dict[str, Any]) -> Any:
        value = self.of.read(item, bound)
        if value.__class__ in (list, dict, frozenset):
            return Decimal(len(value))
        return Decimal(size(value)) if value.__class__ in (str, bytes) else MISSING


@dataclass
class Tokens:
    """What is left to read, and the placeholders met so far."""

    kind: str
    left: list[str]
    placeholders: set[str] = field(default_factory=set)
    paths: list[Path] = field(default_factory=list)

    @classmethod
    def of(cls, kind: str, expression: str) -> "Tokens":
        if not isinstance(expression, str) or not expression.strip():
            raise invalid(f"Invalid {kind}: The expression can not be empty;")
        found, at, text = [], 0, expression.rstrip()
        while at < len(text):
            matched = _TOKEN.match(text, at)
            if not matched:
                raise invalid(f'Invalid {kind}: Syntax error; token: "{text[at:].strip()[0]}"')
            found.append(matched[1])
            at = matched.end()
        return cls(kind, found[::-1])

    def next(self, ahead: int = 0) -> str:
        return self.left[-1 - ahead] if ahead < len(self.left) else ""

    def next_is(self, *words: str) -> bool:
        return self.next().upper() in words

    def take(self) -> str:
        if not self.left:
            raise invalid(f"Invalid {self.kind}: Syntax error; token: <EOF>")
        return self.left.pop()

    def took(self, *words: str) -> str:
        return self.take().upper() if self.next_is(*words) else ""

    def expect(self, token: str) -> None:
        if self.take() != token:
            raise invalid(f'Invalid {self.kind}: Syntax error; expected: "{token}"')

    def end(self) -> None:
        if self.left:
            raise invalid(f'Invalid {self.kind}: Syntax error; token: "{self.next()}"')

    def path(self) -> Path:
        parts: list[str | int] = [self._name()]
        while self.next() in (".", "["):
            if self.take() == ".":
                parts.append(self._name())
            else:
                index = self.take()
                if not index.isdigit():
                    raise invalid(f'Invalid {self.kind}: Syntax error; token: "{index}"')
                parts.append(int(index))
                self.expect("]")
        found = Path(tuple(parts))
        self.paths.append(found)
        return found

    def value(self) -> Value:
        token = self.take()
        if token[0] != ":":
            raise invalid(f'Invalid {self.kind}: Syntax error; token: "{token}"')
        self.placeholders.add(token)
        return Value(token)

    def operand(self) -> Path | Value | Size:
        if self.next() == "size" and self.next(1) == "(":
            self.take()
            self.take()
            inner = self.operand()
            self.expect(")")
            if not isinstance(inner, Size):
                return Size(inner)
            raise invalid(f"Invalid {self.kind}: The function is not allowed to be used this way; function: size")
        return self.value() if self.next()[:1] == ":" else self.path()

    def _name(self) -> str:
        token = self.take()
        if token[0] == "#":
            self.placeholders.add(token)
        elif not (token[0].isalpha() or token[0] == "_"):
            raise invalid(f'Invalid {self.kind}: Syntax error; token: "{token}"')
        elif token.upper() in reserved_words():
            raise invalid(f"Invalid {self.kind}: Attribute name is a reserved keyword; reserved keyword: {token}")
        return token


@cache
def reserved_words() -> frozenset[str]:
    """moto carries AWS's list as a file; reading it spares the import of moto."""
    moto = importlib.util.find_spec("moto")
    assert moto
    assert moto.submodule_search_locations
    listed = File(moto.submodule_search_locations[0]) / "dynamodb/parsing/reserved_keywords.txt"
    return frozenset(listed.read_text().upper().split())

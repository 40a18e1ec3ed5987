"""What is written under the names of a class, as clients read it."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from functools import cache
from itertools import pairwise


@cache
def described(kind: type) -> dict[str, str]:
    """Name → docstring, with those of the classes it is made of."""
    found: dict[str, str] = {}
    for base in reversed(list(_line(kind))):
        found |= _own(base)
    return found


def _line(kind: type) -> Iterator[type]:
    """The class and what it is made of, also where that is a TypedDict, whose __bases__ say only `dict`."""
    yield kind
    for base in getattr(kind, "__orig_bases__", kind.__bases__):
        if isinstance(base, type) and base.__module__.split(".")[0] not in (
            "builtins",
            "typing_extensions",
            "pydantic",
        ):
            yield from _line(base)


def _own(kind: type) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(definition, ast.ClassDef):
        return {}
    pairs = pairwise(definition.body)
    return {name: text for before, after in pairs if (name := _name(before)) and (text := _text(after))}


def _name(statement: ast.stmt) -> str:
    target = statement.target if isinstance(statement, ast.AnnAssign) else None
    return target.id if isinstance(target, ast.Name) else ""


def _text(statement: ast.stmt) -> str:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return inspect.cleandoc(value.value) if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""

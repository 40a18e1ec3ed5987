"""Problems: each code that the source raises is documented, each that is documented is raised, and none is renamed."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from punctual import problems
from punctual.problem_types import DOCUMENTED_AT, PROBLEM_TYPES
from punctual.problems import Conflict, Fault, Invalid, NotFound, Problem
from tests.template import ROOT

Raised: TypeAlias = tuple[str, str, str]
"""Where, by which class, with which code."""

FOREVER = (Path(__file__).parent / "problem_codes.txt").read_text().split()
SOURCES = [
    path
    for folder in ("layers/core/punctual", "functions")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.relative_to(ROOT).parts[:2] != ("functions", "sandbox")
]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def text(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def problem_classes(trees: dict[Path, ast.Module]) -> dict[str, str]:
    """Each class of problems, and the one it stands on."""
    bases = {
        node.name: base.id
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }

    def is_problem(name: str) -> bool:
        return name == "Problem" or (name in bases and is_problem(bases[name]))

    return {name: base for name, base in bases.items() if is_problem(name)} | {"Problem": ""}


def raised_in(tree: ast.Module, classes: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in classes:
            yield from raised_by(node, classes[node.name])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
            code = text(node.args[0]) if node.args else None
            if code is not None:
                yield node.lineno, node.func.id, code
            for keyword in node.keywords:
                if keyword.arg == "code" and (named := text(keyword.value)):
                    yield node.lineno, node.func.id, named
            yield from looked_up(tree, node)


def raised_by(defined: ast.ClassDef, base: str) -> Iterator[tuple[int, str, str]]:
    """What a class says of itself: `super().__init__("code", …)`, or the default of its `code`."""
    for node in ast.walk(defined):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__" and node.args:
            if code := text(node.args[0]):
                yield node.lineno, base, code
        elif isinstance(node, ast.FunctionDef):
            for name, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
                if name.arg == "code" and (code := text(default)):
                    yield node.lineno, defined.name, code


def looked_up(tree: ast.Module, call: ast.Call) -> Iterator[tuple[int, str, str]]:
    """`Conflict(*_TABLE.get(…, ("code", "detail")))`: all that the table and the default hold."""
    starred = [arg.value for arg in call.args if isinstance(arg, ast.Starred)]
    names = {node.id for value in starred for node in ast.walk(value) if isinstance(node, ast.Name)}
    tables = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and {getattr(target, "id", "") for target in node.targets} & names
    ]
    for place in (*starred, *tables):
        for node in ast.walk(place):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and (code := text(node.elts[0])):
                yield node.lineno, ast.unparse(call.func), code


@cache
def every_raised() -> list[Raised]:
    trees = {path: tree_of(path) for path in SOURCES}
    classes = problem_classes(trees)
    return [
        (f"{path.relative_to(ROOT)}:{line}", name, code)
        for path, tree in trees.items()
        for line, name, code in raised_in(tree, classes)
    ]


def test_the_scan_finds_what_it_should() -> None:
    """Codes in calls, in classes of their own, in defaults and in tables."""
    assert {"not_found", "idempotency_mismatch", "invalid_request", "is_draft", "in_progress", "internal_error"} <= {
        code for _, _, code in every_raised()
    }


def test_every_code_that_is_raised_is_documented() -> None:
    assert [each for each in every_raised() if each[2] not in PROBLEM_TYPES] == [], (
        "add it to punctual/problem_types.py"
    )


def test_every_documented_code_is_raised() -> None:
    assert set(PROBLEM_TYPES) - {code for _, _, code in every_raised()} == set()


def test_a_code_is_raised_by_a_class_of_its_own_status() -> None:
    by_class = {name: getattr(problems, name, None) for _, name, _ in every_raised()}
    wrong = [
        each
        for each in every_raised()
        if each[2] in PROBLEM_TYPES
        and (kind := by_class[each[1]])
        and getattr(kind, "status", None) not in (None, PROBLEM_TYPES[each[2]].status)
    ]
    assert wrong == []


def test_codes_are_never_renamed_or_taken_away() -> None:
    """problem_codes.txt only grows: clients decide by these."""
    assert set(FOREVER) - set(PROBLEM_TYPES) == set()
    assert set(PROBLEM_TYPES) - set(FOREVER) == set(), "write it into tests/unit/problem_codes.txt"


def test_what_is_not_documented_cannot_be_raised() -> None:
    with pytest.raises(KeyError, match="brand_new"):
        Conflict("brand_new", "Something new.")


@pytest.mark.parametrize("code", PROBLEM_TYPES)
def test_a_problem_type_says_what_to_do_next(code: str) -> None:
    about = PROBLEM_TYPES[code]
    assert about.remediation.endswith(".")
    assert len(about.remediation) < 120
    assert not about.title.endswith(".")
    assert about.retryable or about.retry_after is None
    if about.status in (429, 500, 502, 503):
        assert about.retryable


def test_a_problem_is_answered_with_all_that_rfc_9457_and_we_promise() -> None:
    found = Problem("not_found", "The workspace has no such post.", more={"kind": "post"}).body("r-1")
    assert found == {
        "type": f"{DOCUMENTED_AT}#not_found",
        "title": "There is no such thing in this workspace",
        "status": 404,
        "code": "not_found",
        "detail": "The workspace has no such post.",
        "retryable": False,
        "remediation": PROBLEM_TYPES["not_found"].remediation,
        "request_id": "r-1",
        "kind": "post",
    }


def test_a_problem_of_one_header_or_parameter_names_it() -> None:
    assert Problem("invalid_cursor", "No.").body()["errors"] == [
        {"param": "cursor", "rule": "invalid_cursor", "message": "No."}
    ]
    assert Problem("version_mismatch", "No.").errors[0].param == "If-Match"
    assert "errors" not in NotFound("not_found", "No.").body()


def test_faults_that_are_given_are_not_replaced() -> None:
    fault = Fault(param="/text", rule="max_length", message="Too long.")
    assert Invalid([fault]).errors == (fault,)
    assert Invalid([fault, fault]).detail.startswith("2 things")


def test_what_is_known_of_the_wait_wins_over_what_is_usual() -> None:
    usual: Any = PROBLEM_TYPES["rate_limited"].retry_after
    assert Problem("rate_limited", "No.").retry_after == usual
    assert Problem("rate_limited", "No.", retry_after=usual + 7).retry_after == usual + 7
    assert Problem("not_found", "No.").retry_after is None

"""The committed document is what the operations say, and the operations are the template's routes."""

import re

import pytest

from edge.operations import Operation
from local.openapi import document, functions
from punctual.problem_types import PROBLEM_TYPES
from tests.integration.api.gateway import Route, routes
from tests.integration.api.stack import FUNCTIONS

ROUTES = {route.key: route for route in routes() if route.function != "SandboxFunction"}
FOLDER_OF = {name: found["Properties"]["Handler"].split(".")[0] for name, found in FUNCTIONS.items()}
OPERATIONS = {f"{each.method} {each.path}": each for these in functions.operations().values() for each in these}
ONLY_ON_PAGES = {
    "callback_incomplete", "issuer_mismatch", "link_unknown", "link_used", "other_browser", "state_in_use",
    "state_of_other_provider", "state_unknown", "state_used",
}  # fmt: skip
"""Of the pages that a person's browser meets while connecting."""


def test_the_committed_document_is_what_the_operations_say() -> None:
    assert document.FILE.read_text() == document.text(), (
        "run `make openapi`, and commit functions/catalogue/openapi.json"
    )


def test_every_route_of_the_template_is_an_operation_and_the_other_way_round() -> None:
    assert sorted(ROUTES) == sorted(OPERATIONS)


@pytest.mark.parametrize("route", ROUTES.values(), ids=lambda route: route.key)
def test_a_route_is_open_where_its_operation_is(route: Route) -> None:
    operation: Operation = OPERATIONS[route.key]
    assert route.is_open == (operation.scope is None)
    assert operation in functions.operations()[FOLDER_OF[route.function]]


def test_operation_ids_are_method_names_and_each_is_there_once() -> None:
    names = [operation.name for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    assert [name for name in names if not (name.isidentifier() and name == name.lower())] == []


def test_every_operation_says_in_a_line_what_it_does() -> None:
    assert [each.name for each in OPERATIONS.values() if not each.summary or "\n" in each.summary] == []


def test_every_code_of_a_problem_is_documented_with_an_operation_unless_only_a_page_shows_it() -> None:
    documented = set(re.findall(r'"(\w+)"', " ".join(re.findall(r'"x-problem-codes": \[[^]]*\]', document.text()))))
    assert PROBLEM_TYPES.keys() - documented == ONLY_ON_PAGES

"""What is held of every call beside schemathesis's own checks, and how often each operation succeeded."""

from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Protocol

import httpx
from schemathesis import Case, Response
from schemathesis.core.parameters import ParameterLocation

from edge.operations import Operation
from local.openapi import functions
from tests.document.holding import Document

OPERATIONS = {f"{each.method} {each.path}": each for these in functions.operations().values() for each in these}
_STORES_NOTHING = {"validate_post", "preview_post", "split_text"}
_GATEWAYS_404 = {"message": "Not Found"}
_SPENT = ("content-encoding", "content-length", "transfer-encoding")
"""Of what is read and decoded already."""
NOT_BY_CHANCE = frozenset(
    {
        "DELETE /v1/workspace",
        "POST /v1/oauth/{provider}/deauthorize",
        "POST /v1/oauth/{provider}/data-deletion",
        "GET /v1/oauth/{provider}/data-deletion/{code}",
    }
)
"""Nobody guesses a platform's signature; and who deleted the workspace could go on with nothing else."""


class Stored(Protocol):
    """What is stored, and what of it has changed since `begin`."""

    def begin(self) -> None: ...

    def changes(self) -> list[str]: ...


class Watch:
    """`scopes` are those of the caller's key; None: there is no key. `stored` is asked around calls."""

    def __init__(self, document: Document, stored: Stored, scopes: Collection[str] | None):
        self.calls = 0
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self.valid: dict[str, Counter[int]] = defaultdict(Counter)
        """The same, of cases that keep to the document."""
        self.compared = 0
        self.found: dict[str, list[str]] = defaultdict(list)
        """What was wrong, with the calls that showed it."""
        self._document = document
        self._stored = stored
        self._scopes = scopes
        self._is_comparing = False

    def before(self, *, comparing: bool) -> None:
        self._is_comparing = comparing
        if comparing:
            self._stored.begin()

    def after(self, case: Case, response: Response) -> None:
        self.calls += 1
        operation = OPERATIONS[case.operation.label]
        documented = self._document.given["paths"][operation.path].get(case.method.lower())
        if case.method != operation.method:
            is_refused = documented or 400 <= response.status_code < 500
            faults = [] if is_refused else ["a method is accepted that is not there"]
        else:
            self.statuses[operation.name][response.status_code] += 1
            if case.meta and case.meta.generation.mode.is_positive:
                self.valid[operation.name][response.status_code] += 1
            faults = self._answered(operation, case, response)
        for fault in [*faults, *self._kept(operation, case, response)]:
            self.found[f"{operation.name}: {fault}"].append(f"{case.method} {case.path} {response.status_code}")

    @property
    def succeeded(self) -> set[str]:
        """Operations that did, as `METHOD /path`."""
        return {
            label
            for label, operation in OPERATIONS.items()
            if any(status < 400 for status in self.statuses[operation.name])
        }

    def faults(self) -> list[str]:
        return [f"{what} ({len(calls)} times, first {calls[0]})" for what, calls in sorted(self.found.items())]

    def _answered(self, operation: Operation, case: Case, response: Response) -> list[str]:
        headers = [(name, values[0]) for name, values in response.headers.items() if name not in _SPENT]
        answer = httpx.Response(response.status_code, headers=headers, content=response.content)
        faults = self._document.violations(operation.method, operation.path, answer)
        if response.status_code >= 500 and response.status_code != 502:
            faults.append(f"answers {response.status_code}")
        if operation.name == "validate_post" and response.status_code == 200 and _is_negative_body(case):
            faults += ["finds what is wrong valid"] if response.json()["valid"] else []
        return [*faults, *self._let_in(operation, response)]

    def _let_in(self, operation: Operation, response: Response) -> list[str]:
        if operation.scope is None or (self._scopes is not None and operation.scope in self._scopes):
            return []
        expected = 401 if self._scopes is None else 403
        is_nowhere = response.status_code == 404 and _code(response) in (None, "no_such_route")
        return [] if response.status_code == expected or is_nowhere else ["lets in whom it should not"]

    def _kept(self, operation: Operation, case: Case, response: Response) -> list[str]:
        only_reads = (case.method == "GET" and operation.scope is not None) or operation.name in _STORES_NOTHING
        if not self._is_comparing or (response.status_code < 400 and not only_reads):
            return []
        self.compared += 1
        return [f"stored {change}, and answered {response.status_code}" for change in self._stored.changes()]


def _is_negative_body(case: Case) -> bool:
    return case.meta is not None and case.meta.is_negative_at(ParameterLocation.BODY)


def _code(response: Response) -> str | None:
    """None: the gateway's own."""
    found = response.json()
    return None if found == _GATEWAYS_404 else str(found.get("code"))

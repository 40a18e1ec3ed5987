"""Examples: one file an operation in local/openapi/examples; tests/document runs each, and can record its answer."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from edge.operations import Operation
from local.problems import LocalError

FOLDER = Path(__file__).parent / "examples"


@dataclass(frozen=True, kw_only=True)
class Example:
    """One call and its answer, with ids that stand for real ones."""

    status: int
    request: dict[str, Any] | None = None
    query: dict[str, str] | None = None
    body: Any = None

    def answer(self, status: int) -> dict[str, Any]:
        """For a media type: nothing where the example is of another status."""
        return {"example": self.body} if status == self.status and self.body is not None else {}


def example(operation: Operation) -> Example:
    found = named(operation.name)
    if operation.body and found.request is None:
        raise LocalError(f"{FOLDER.name}/{operation.name}.json lacks `request`.")
    return found


@cache
def named(name: str) -> Example:
    path = FOLDER / f"{name}.json"
    if not path.exists():
        raise LocalError(
            f"{name} has no example. Write local/openapi/examples/{name}.json with `status` and `request` (beside "
            "others, which show the ids that stand for real ones), then its answer with `make openapi-examples`."
        )
    return Example(**json.loads(path.read_text()))

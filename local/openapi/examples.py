"""Examples: one file an operation in local/openapi/examples; tests/document runs each, and records its answer."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "examples"


@dataclass(frozen=True, kw_only=True)
class Example:
    """One call and its answer, with ids that stand for real ones."""

    status: int
    request: dict[str, Any] | None = None
    query: dict[str, Any] | None = None
    body: Any = None

    def answer(self, status: int) -> dict[str, Any]:
        """For a media type: nothing where the example is of another status."""
        return _shown(self.body if status == self.status else None)

    def sent(self) -> dict[str, Any]:
        return _shown(self.request)


@cache
def named(name: str) -> Example:
    """An operation without one is documented without; the tests ask for it."""
    path = FOLDER / f"{name}.json"
    return Example(**json.loads(path.read_text())) if path.exists() else Example(status=0)


def _shown(value: Any) -> dict[str, Any]:
    return {} if value is None else {"example": value}

"""What is asked of the child, as JSON on its standard input."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from punctual.media.facts import Facts
from punctual.media.recipes import Recipe

READY = "ready"
"""The child's first line: its libraries are loaded, so what goes wrong from here on is the file's doing."""


@dataclass(frozen=True, kw_only=True)
class Order:
    work: Literal["probe", "clean", "render"]
    path: str
    memory_bytes: int
    file_bytes: int
    """What the child may write to one file."""
    declared_type: str | None = None
    target: str = ""
    facts: Facts | None = None
    recipe: Recipe | None = None

    def json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def source(self) -> Path:
        return Path(self.path)

    @property
    def made(self) -> Path:
        return Path(self.target)


def read(text: str) -> Order:
    said = json.loads(text)
    facts, recipe = said.pop("facts"), said.pop("recipe")
    return Order(**said, facts=Facts(**facts) if facts else None, recipe=Recipe(**recipe) if recipe else None)

"""One file of the corpus: how to make it, and how it must end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Making: TypeAlias = Callable[[Path], None]


@dataclass(frozen=True, kw_only=True)
class Sample:
    name: str
    make: Making
    """Writes it there."""
    declared: str | None = None
    """The type that its sender says."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Some of its facts, where it is taken."""
    refusal: str | None = None
    """Its code, where it is refused."""
    is_large: bool = False
    """Making or reading it takes seconds."""

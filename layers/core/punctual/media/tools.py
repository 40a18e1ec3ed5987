"""What tending a media needs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from punctual.clock import Now
from punctual.media.facts import Facts
from punctual.media.files import Bench, Files
from punctual.media.library import Library
from punctual.media.needs import Needs
from punctual.media.recipes import Recipe
from punctual.media.renditions import Renditions
from punctual.media.storage import Storage
from punctual.messages import Queue


class Workshop(Protocol):
    """`punctual.workshop.running.Workshop`: opens files, in a process of its own. All raise Refused."""

    def probe(self, path: Path, declared_type: str | None) -> Facts: ...

    def clean(self, path: Path, target: Path, facts: Facts) -> None: ...

    def render(self, path: Path, recipe: Recipe, facts: Facts, target: Path) -> Facts: ...


@dataclass(frozen=True, kw_only=True)
class Tools:
    library: Library
    renditions: Renditions
    needs: Needs
    storage: Storage
    files: Files
    workshop: Workshop
    imports: Queue
    """The importer's."""
    bench: Callable[[], AbstractContextManager[Bench]]
    """A place to work at."""
    now: Now
    unused_for: timedelta | None = timedelta(days=30)
    """How long media are kept that no post needs; None: for good."""

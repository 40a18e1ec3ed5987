"""What a round needs of a system, whichever it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Planned:
    text: str
    due_at: datetime


class Side(Protocol):
    """`handle` is the system's own account on the sandbox: whatever appears there, this system posted."""

    name: str
    handle: str

    def schedule(self, posts: Sequence[Planned]) -> None: ...

    def unfinished(self) -> int:
        """How many of the posts scheduled so far it still means to do something about."""
        ...

    def kill_workers(self) -> int:
        """kill -9 whatever makes the calls; how many processes that were. What watches over them starts new ones."""
        ...

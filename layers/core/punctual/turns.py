"""Work of several kinds, shared out so that a kind that takes long keeps no other waiting."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

Work = TypeVar("Work")


class Turns(Generic[Work]):
    """For many workers at once. Each takes the next of the kind that the fewest are at work on: with one kind waiting
    it has all the workers, and with a second one that hangs still half of them."""

    def __init__(self, work: Iterable[tuple[str, Work]]):
        self._waiting: dict[str, deque[Work]] = {}
        for kind, each in work:
            self._waiting.setdefault(kind, deque()).append(each)
        self._at_work: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def __len__(self) -> int:
        return sum(len(waiting) for waiting in self._waiting.values())

    @contextmanager
    def take(self) -> Iterator[Work | None]:
        """A turn, which lasts as long as the `with`; None when nothing is left."""
        taken = self._next()
        if taken is None:
            yield None
            return
        kind, work = taken
        try:
            yield work
        finally:
            with self._lock:
                self._at_work[kind] -= 1

    def _next(self) -> tuple[str, Work] | None:
        with self._lock:
            kind = min(self._waiting, key=lambda kind: (self._at_work[kind], self._taken[kind]), default=None)
            if kind is None:
                return None
            work = self._waiting[kind].popleft()
            if not self._waiting[kind]:
                del self._waiting[kind]
            self._at_work[kind] += 1
            self._taken[kind] += 1
            return kind, work

"""One line of time for many workers: whoever sleeps lets the others go first, and nothing takes real time.

A worker is a thread, since our code calls `sleep` from deep inside; only one of all threads ever runs. Changing from
one to the next is what a long run costs most, and so a worker may be `slack` seconds ahead of the others.
"""

import heapq
import itertools
from _thread import allocate_lock
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread, stack_size
from typing import Any

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
_STACK_BYTES = 512 * 1024


class Timeline:
    """`at` is now, in seconds since START, for whoever is at work."""

    def __init__(self, slack: float = 0.0) -> None:
        self.at = 0.0
        self._slack = slack
        self._planned: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._idle: list[_Worker] = []
        self.working: _Worker | None = None
        self.back = allocate_lock()
        self.back.acquire()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at)

    def plan(self, at: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._planned, (at, next(self._order), what))

    def sleep(self, seconds: float) -> None:
        """Of the worker that runs now; without one (what is set up beforehand) nothing takes time."""
        worker = self.working
        if worker is None or seconds <= 0:
            return
        until = self.at + seconds
        if self._planned and self._planned[0][0] <= until - self._slack:
            self.plan(until, worker.resume)
            worker.pause()
        else:
            self.at = until

    def work(self, what: Callable[[], None]) -> None:
        """By a worker of its own, from now on."""
        self.plan(self.at, lambda: self._begin(what))

    def run(self, until: float) -> None:
        while self._planned and self._planned[0][0] <= until:
            at, _, what = heapq.heappop(self._planned)
            self.at = at
            what()
        self.at = max(self.at, until)

    def close(self) -> None:
        for worker in self._idle:
            worker.begin(None)
        self._idle.clear()

    def _begin(self, what: Callable[[], None]) -> None:
        worker = self._idle.pop() if self._idle else _Worker(self)
        worker.begin(what)

    def finished(self, worker: "_Worker") -> None:
        self._idle.append(worker)


class _Worker:
    def __init__(self, timeline: Timeline):
        self._timeline = timeline
        self._go = allocate_lock()
        self._go.acquire()
        self.environment: Any = None
        self._what: Callable[[], None] | None = None
        self._fault: BaseException | None = None
        before = stack_size(_STACK_BYTES)
        Thread(target=self._loop, daemon=True).start()
        stack_size(before)

    def begin(self, what: Callable[[], None] | None) -> None:
        self._what = what
        self.resume()

    def resume(self) -> None:
        """Called by the line of time, which waits until the worker sleeps or has ended."""
        timeline = self._timeline
        timeline.working = self
        self._go.release()
        timeline.back.acquire()
        timeline.working = None
        if self._fault:
            raise self._fault

    def pause(self) -> None:
        self._timeline.back.release()
        self._go.acquire()

    def _loop(self) -> None:
        while True:
            self._go.acquire()
            if self._what is None:
                self._timeline.back.release()
                return
            try:
                self._what()
                self._timeline.finished(self)
            except BaseException as fault:  # noqa: BLE001 - raised again by whoever resumed it
                self._fault = fault
            self._timeline.back.release()

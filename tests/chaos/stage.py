"""Processes side by side on a moved clock: threads that take turns, always in the same order.

Nothing makes time pass but waiting, and whoever waits gives the others their turn. A process has an end: whoever of it
would wait longer is killed at that moment, as Lambda does it.
"""

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.integration.moved_clock import START, Killed


@dataclass(eq=False)
class Process:
    """`skew` is how far its clock is off. A process of the far side goes on while ours are frozen."""

    name: str
    skew: timedelta = timedelta(0)
    is_far: bool = False
    ends_at: datetime | None = None
    is_dead: bool = False

    def check(self) -> None:
        if self.is_dead:
            raise Killed(self.name)


@dataclass(eq=False)
class Actor:
    """One thread's work in a process; `about` is the delivery or post that it works on."""

    what: Callable[[], None]
    process: Process
    about: str = ""
    waits: int = 0
    baton: threading.Lock = field(default_factory=threading.Lock)


@dataclass(eq=False)
class Signal:
    """Something that one actor waits for and another one brings about."""

    is_set: bool = False
    value: Any = None
    waiter: tuple[Actor, int] | None = None


class Stage:
    def __init__(self) -> None:
        self.at = START
        self.current: Actor | None = None
        self._planned: list[tuple[datetime, int, Actor, int]] = []
        self._order = itertools.count()
        self._until = START
        self._main = threading.Lock()
        self._main.acquire()
        self._idle: list[_Thread] = []
        self._waiting: set[Actor] = set()
        self._fault: BaseException | None = None
        self._is_closing = False
        self._frost = 0.0

    def now(self) -> datetime:
        return self.at

    def plan(self, seconds: float, what: Callable[[], None], process: Process, about: str = "") -> None:
        """`what` runs in `process`, that many seconds from now."""
        self._push(self.at + timedelta(seconds=seconds), Actor(what, process, about))

    def every(self, seconds: float, what: Callable[[], None], process: Process) -> None:
        def again() -> None:
            self.plan(seconds, again, process)
            what()

        self.plan(seconds, again, process)

    def run(self, **span: float) -> None:
        """Until `timedelta(**span)` from now."""
        self._until = self.at + timedelta(**span)
        while self._planned and self._planned[0][0] <= self._until:
            at, _, actor, waits = heapq.heappop(self._planned)
            if actor.waits == waits:
                self.at = max(self.at, at)
                self._let(actor)
            if self._frost:
                self._stand_still(self._frost)
        self.at = max(self.at, self._until)

    def sleep(self, seconds: float) -> None:
        """Of the actor whose turn it is."""
        self._wait(self.at + timedelta(seconds=seconds))

    def wait(self, signal: Signal, seconds: float) -> bool:
        """Whether it came about within that time."""
        if not signal.is_set:
            actor = self._actor()
            signal.waiter = (actor, actor.waits + 1)
            self._wait(self.at + timedelta(seconds=seconds), has_signal=True)
            signal.waiter = None
        return signal.is_set

    def set(self, signal: Signal, value: Any) -> None:
        signal.is_set, signal.value = True, value
        if signal.waiter:
            self._push(self.at, *signal.waiter)

    def freeze(self, seconds: float) -> None:
        """From the next wait on our processes and clocks stand still for so long; the far side does not."""
        self._frost = seconds

    def close(self) -> None:
        """Ends all threads; whatever still waits is killed."""
        self._is_closing = True
        self._planned.clear()
        for actor in list(self._waiting):
            actor.process.is_dead = True
            self._let(actor)
        for thread in self._idle:
            thread.give(None)

    def _stand_still(self, seconds: float) -> None:
        self._frost = 0.0
        end = self.at + timedelta(seconds=seconds)
        while far := [each for each in self._planned if each[2].process.is_far and each[0] < end]:
            first = min(far)
            self._planned.remove(first)
            heapq.heapify(self._planned)
            if first[2].waits == first[3]:
                self.at = max(self.at, first[0])
                self._let(first[2])
        self.at = max(self.at, end)

    def _push(self, at: datetime, actor: Actor, waits: int = 0) -> None:
        if not self._is_closing:
            heapq.heappush(self._planned, (at, next(self._order), actor, waits))

    def _actor(self) -> Actor:
        assert self.current, "only actors wait"
        return self.current

    def _wait(self, until: datetime, *, has_signal: bool = False) -> None:
        actor = self._actor()
        process = actor.process
        process.check()
        ends_at = process.ends_at
        is_last = ends_at is not None and until >= ends_at
        until = max(ends_at, self.at) if is_last and ends_at else until
        actor.waits += 1
        is_next = not has_signal and until <= self._until and not (self._planned and self._planned[0][0] <= until)
        if is_next:
            self.at = max(self.at, until)
        else:
            self._push(until, actor, actor.waits)
            self._pass_on(actor)
        if is_last and ends_at is not None and self.at >= ends_at:
            process.is_dead = True
        process.check()

    def _pass_on(self, actor: Actor) -> None:
        self._waiting.add(actor)
        self.current = None
        actor.baton.acquire(blocking=False)
        self._main.release()
        actor.baton.acquire()
        self._waiting.discard(actor)

    def _let(self, actor: Actor) -> None:
        """Its turn, until it waits or has done its work. Called by the thread that runs the stage."""
        self.current = actor
        actor.waits += 1
        if actor in self._waiting:
            actor.baton.release()
        else:
            (self._idle.pop() if self._idle else _Thread(self)).give(actor)
        self._main.acquire()
        self.current = None
        if self._fault and not self._is_closing:
            raise self._fault

    def _work(self, thread: "_Thread", actor: Actor) -> None:
        try:
            actor.what()
        except Killed:
            actor.process.is_dead = True
        except BaseException as fault:  # noqa: BLE001 - of the test itself: the thread that runs the stage raises it
            self._fault = self._fault or fault
        self._idle.append(thread)
        self._main.release()


class _Thread:
    def __init__(self, stage: Stage):
        self._stage = stage
        self._given = threading.Lock()
        self._given.acquire()
        self._actor: Actor | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def give(self, actor: Actor | None) -> None:
        self._actor = actor
        self._given.release()

    def _run(self) -> None:
        while True:
            self._given.acquire()
            if self._actor is None:
                return
            self._stage._work(self, self._actor)

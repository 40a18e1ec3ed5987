"""The caller's side of the workshop: it opens no file, and outlives whatever a file does to the child."""

import ctypes
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from punctual.media.facts import Facts
from punctual.media.recipes import Recipe
from punctual.media.refusals import REFUSALS, Refused
from punctual.providers.media import SUFFIXES
from punctual.stored import Stored, Unreadable
from punctual.workshop.orders import READY, Order

log = logging.getLogger(__name__)
FACTS = Stored(Facts)
COMMAND = ("-m", "punctual.workshop")
_PR_SET_DUMPABLE = 4
_MIB = 1 << 20
_LONGEST_ANSWER = 64 * 1024
_LONGEST_REASON = 500
_STOPPED = {signal.SIGKILL, signal.SIGABRT, signal.SIGXFSZ}
"""What ends a child that the kernel stopped, or whose C++ found no memory (std::bad_alloc aborts)."""


class WorkshopClosed(Exception):
    """The child ended before it looked at the file: ours to mend, and no fault of the file's."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    facts: Facts | None
    peak_bytes: int
    """Of the child's memory."""


class Workshop:
    """Every verb raises Refused, also where the child crashes or takes more memory or time than there is."""

    def __init__(self, memory_bytes: int, seconds: float, file_bytes: int = 2048 * _MIB):
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._file_bytes = file_bytes

    def probe(self, path: Path, declared_type: str | None) -> Facts:
        return _facts(self._ask(self._order("probe", path, declared_type=declared_type)), path)

    def clean(self, path: Path, target: Path, facts: Facts) -> None:
        """The same file without what it says of places, people and devices; what was hidden behind it is gone, too."""
        with _undone(target):
            self._ask(self._order("clean", path, target=str(target.absolute()), facts=facts))
            _size(target)

    def render(self, path: Path, recipe: Recipe, facts: Facts, target: Path) -> Facts:
        """What was made: its facts."""
        order = self._order("render", path, target=str(target.absolute()), facts=facts, recipe=recipe)
        with _undone(target):
            return _facts(self._ask(order), target)

    def _order(self, work: Literal["probe", "clean", "render"], path: Path, **more: Any) -> Order:
        return Order(
            work=work,
            path=str(path.absolute()),
            memory_bytes=self._memory_bytes,
            file_bytes=self._file_bytes,
            **more,
        )

    def _ask(self, order: Order) -> Answer:
        began = time.monotonic()
        with tempfile.TemporaryFile() as said:
            code = self._child(order, said)
            said.seek(0)
            ready, _, answer = said.read(_LONGEST_ANSWER).decode(errors="replace").partition("\n")
        took = f"{time.monotonic() - began:.1f} s"
        if ready != READY:
            raise WorkshopClosed(f"The workshop ended with {code} after {took}, before it looked at the file.")
        if code != 0:
            log.warning("workshop: %s ended with %s after %s", order.work, code, took)
            raise _ended(code)
        found = _read(answer)
        log.info("workshop: %s took %s and %d MiB", order.work, took, found.peak_bytes // _MIB)
        return found

    def _child(self, order: Order, said: Any) -> int | None:
        """Its exit code; None: it was stopped, since its time was up."""
        _close_to_others()
        command = [sys.executable, "-P", "-s", "-B", *COMMAND]
        child = subprocess.Popen(  # noqa: S603 - our own code
            command, stdin=subprocess.PIPE, stdout=said, stderr=subprocess.DEVNULL, env=_environment(), cwd="/"
        )
        try:
            child.communicate(order.json().encode(), timeout=self._seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return None
        return child.returncode


def _close_to_others() -> None:
    """This process's memory and environment, which hold credentials, are none of the child's, though both run as one
    user: /proc/<pid>/environ and ptrace ask for this flag (prctl(2), PR_SET_DUMPABLE; ptrace(2), access mode checks).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _environment() -> dict[str, str]:
    """Without what the function may do: no credentials, no table's name."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    path = os.pathsep.join(str(Path(each).absolute()) for each in sys.path if each)
    return {**kept, "PYTHONPATH": path, "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"}


def _ended(code: int | None) -> Refused:
    if code is None:
        return Refused("too_costly", "Reading it took more time than there is.")
    if -code in _STOPPED:
        return Refused("too_costly", "Reading it took more memory than there is.")
    return _broken_off()


def _read(text: str) -> Answer:
    """Raises Refused. The child has read a stranger's file: what it says is looked at like anybody's word."""
    try:
        answer = json.loads(text)
        refused = answer.get("refused")
        if refused and refused["code"] in REFUSALS:
            if "why" in answer:
                log.info("workshop: unreadable: %s", str(answer["why"])[:_LONGEST_REASON])
            raise Refused(refused["code"], str(refused["message"])[:_LONGEST_REASON])
        facts = FACTS.read(answer["facts"]) if answer["facts"] else None
        return Answer(facts=facts, peak_bytes=int(answer["peak_bytes"]))
    except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
        log.warning("workshop: an answer that is none")
        raise _broken_off() from None


@contextmanager
def _undone(target: Path) -> Iterator[None]:
    """Where it is refused, nothing is left of what was made."""
    try:
        yield
    except Refused:
        target.unlink(missing_ok=True)
        raise


def _facts(answer: Answer, path: Path) -> Facts:
    """Of that file: these bytes are counted, and people are shown it as this type."""
    facts = answer.facts
    if facts is None or facts.type not in SUFFIXES or facts.bytes != _size(path) or not _has_size(facts):
        raise _broken_off()
    return facts


def _has_size(facts: Facts) -> bool:
    return (facts.pages or 0) > 0 if facts.kind == "document" else min(facts.width, facts.height) > 0


def _size(path: Path) -> int:
    """Raises Refused where there is no file: a link that the child left there might lead to what is the caller's."""
    found = path.lstat() if os.path.lexists(path) else None
    if found is None or not stat.S_ISREG(found.st_mode):
        raise _broken_off()
    return found.st_size


def _broken_off() -> Refused:
    return Refused("unreadable", "It is damaged: what reads it broke off.")

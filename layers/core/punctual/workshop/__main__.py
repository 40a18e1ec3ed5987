"""The child: one order, one answer, both JSON. It binds itself before it loads a decoder."""

import errno
import json
import os
import re
import resource
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from punctual.media.refusals import Refused
from punctual.workshop import orders
from punctual.workshop.orders import READY, Order

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    order = orders.read(sys.stdin.read())
    bind(order)
    from punctual.workshop.answering import answer

    print(READY, file=answers)
    print(json.dumps({**attempt(answer, order), "peak_bytes": peak_bytes()}), file=answers)


def bind(order: Order) -> None:
    """RLIMIT_DATA counts what is written to; RLIMIT_AS would count what threads and allocators merely reserve."""
    _lower(resource.RLIMIT_DATA, order.memory_bytes)
    _lower(resource.RLIMIT_FSIZE, order.file_bytes)
    _lower(resource.RLIMIT_CORE, 0)


def peak_bytes() -> int:
    """0 where it is not told. The kernel's ru_maxrss would be the caller's: a child has it from its parent, even past
    exec (getrusage(2) does not say so; fs/exec.c, setmax_mm_hiwater_rss)."""
    status = Path("/proc/self/status")
    found = _PEAK.search(status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 if found else 0


def _lower(limit: int, to: int) -> None:
    _, hard = resource.getrlimit(limit)
    bound = to if hard == resource.RLIM_INFINITY else min(to, hard)
    resource.setrlimit(limit, (bound, bound))


def attempt(answer: Callable[[Order], Any], order: Order) -> dict[str, Any]:
    """Whatever becomes of it, in JSON."""
    try:
        return {"facts": answer(order)}
    except Refused as refused:
        return {"refused": {"code": refused.code, "message": refused.message}}
    except MemoryError:
        return _refused("too_costly", "Reading it took more memory than there is.")
    except Exception as error:  # noqa: BLE001 - the outermost loop: decoders raise whatever they like
        if isinstance(error, OSError) and error.errno in (errno.EFBIG, errno.ENOSPC):
            return _refused("too_costly", "What would be made of it is larger than there is room for.")
        return {**_refused("unreadable", "It is cut off or damaged."), "why": _why(error)}


def _refused(code: str, message: str) -> dict[str, Any]:
    return {"refused": {"code": code, "message": message}}


def _why(error: Exception) -> str:
    """For the log: the error's class and where it arose; its words may be the file's."""
    places = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    return " ".join([type(error).__name__, *places[-6:]])


if __name__ == "__main__":
    main()

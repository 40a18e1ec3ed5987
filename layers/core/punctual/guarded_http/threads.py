"""Calls that block, beside an event loop."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def a_thread() -> Iterator[ThreadPoolExecutor]:
    """Nobody waits for a call that outlives the deadline; asyncio's own pool is waited for when a loop ends."""
    thread = ThreadPoolExecutor(1)
    try:
        yield thread
    finally:
        thread.shutdown(wait=False)

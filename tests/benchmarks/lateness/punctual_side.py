"""Punctual as its customers meet it: posts through the HTTP API of the local stack."""

import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import httpx

from local import browsing
from local.stack import Stack
from tests.benchmarks.lateness.sandbox import PATIENT
from tests.benchmarks.lateness.sides import Planned

CHANNELS = 20
"""Posts of one channel and one second wait for one another; those of one second are mostly of different ones."""
ENDED = {"COMPLETED", "ERROR", "PARTIAL", "MISSED", "CANCELLED", "UNCONFIRMED", "HELD"}


class PunctualSide:
    name = "Punctual"
    handle = "punctual"

    def __init__(self, stack: Stack, api: httpx.Client, channels: Sequence[str]):
        self._stack = stack
        self._api = api
        self._channels = itertools.cycle(channels)
        self._open: set[str] = set()

    def schedule(self, posts: Sequence[Planned]) -> None:
        with ThreadPoolExecutor(4) as pool:
            self._open.update(pool.map(self._write, posts))

    def unfinished(self) -> int:
        for post_id in sorted(self._open):
            post = self._api.get(f"/v1/posts/{post_id}").raise_for_status().json()
            if {each["status"] for each in post["deliveries"]} <= ENDED:
                self._open.discard(post_id)
        return len(self._open)

    def kill_workers(self) -> int:
        """MiniStack starts a function's workers in folders named after it, and by itself new ones when they die."""
        mark = f"ministack-lambda-{self._stack.resources['PublisherFunction']}-"
        found = [pid for pid, parent, command in _processes() if parent == self._emulator and mark in command]
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    @property
    def _emulator(self) -> int:
        return self._stack.emulator.process.pid

    def _write(self, post: Planned) -> str:
        targets = [{"channel_id": next(self._channels)}]
        body = {"text": post.text, "scheduled_at": post.due_at.isoformat(), "targets": targets}
        return str(self._api.post("/v1/posts", json=body).raise_for_status().json()["id"])


@contextmanager
def connected(stack: Stack) -> Iterator[PunctualSide]:
    with stack.client(stack.create_key()) as api:
        api.timeout = PATIENT
        for number in range(CHANNELS):
            started = api.post("/v1/oauth/sandbox/start", json={}).raise_for_status().json()
            handle = f"{PunctualSide.handle}{number}"
            browsing.connect(started["authorization_url"], handle=handle).raise_for_status()
        found = api.get("/v1/channels").raise_for_status().json()["data"]
        yield PunctualSide(stack, api, [channel["id"] for channel in found])


def concurrency(stack: Stack) -> int:
    """How many posts the stack may be publishing at once: workers times messages for each."""
    mappings = stack.aws("lambda").list_event_source_mappings()["EventSourceMappings"]
    mapping = next(each for each in mappings if "PublisherFunction" in each["FunctionArn"])
    return int(mapping["ScalingConfig"]["MaximumConcurrency"]) * int(mapping["BatchSize"])


def _processes() -> Iterator[tuple[int, int, str]]:
    """Process id, parent's id, command line."""
    ps = shutil.which("ps") or "ps"
    listed = subprocess.run(  # noqa: S603 - the command is ours
        [ps, "-A", "-ww", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        pid, parent, command = line.split(maxsplit=2)
        yield int(pid), int(parent), command

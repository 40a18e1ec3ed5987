"""The classic design, alive: Redis, a queue of delayed BullMQ jobs, and one worker process, all on loopback."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from local.problems import LocalError
from tests.benchmarks.lateness.bullmq.packages import HERE, Installed
from tests.benchmarks.lateness.sides import Planned

START_SECONDS = 30
SUPERVISED_AFTER_SECONDS = 1.0
REDIS_OPTIONS = {
    # https://docs.bullmq.io/guide/going-to-production
    "appendonly": "yes",
    "maxmemory-policy": "noeviction",
    "bind": "127.0.0.1",
    "protected-mode": "yes",
    "save": "",
}


class BullMqSide:
    name = "BullMQ"
    handle = "bullmq"

    def __init__(self, command: str, folder: Path, env: Mapping[str, str], opened: ExitStack):
        self._command = command
        self._folder = folder
        self._env = env
        self._opened = opened
        self._jobs = self._node("jobs.mjs")
        self._start_worker()

    def schedule(self, posts: Sequence[Planned]) -> None:
        self._ask(add=[{"text": each.text, "due": int(each.due_at.timestamp() * 1000)} for each in posts])

    def unfinished(self) -> int:
        counts = self._ask()
        return sum(count for state, count in counts.items() if state not in ("completed", "failed"))

    def kill_workers(self) -> int:
        """And starts a new one, as whatever supervises such a worker would."""
        self._worker.kill()
        self._worker.wait()
        time.sleep(SUPERVISED_AFTER_SECONDS)
        self._start_worker()
        return 1

    def _start_worker(self) -> None:
        self._worker = self._node("worker.mjs")
        if not _line(self._worker):
            raise LocalError(f"BullMQ's worker did not start: {self._said('worker.mjs')}")

    def _ask(self, **request: Any) -> dict[str, int]:
        if not (self._jobs.stdin and self._jobs.poll() is None):
            raise LocalError(f"BullMQ's queue ended: {self._said('jobs.mjs')}")
        self._jobs.stdin.write(json.dumps(request).encode() + b"\n")
        self._jobs.stdin.flush()
        answer: dict[str, int] = json.loads(_line(self._jobs) or "{}")
        return answer

    def _node(self, script: str) -> subprocess.Popen[bytes]:
        log = self._opened.enter_context((self._folder / f"{script}.log").open("ab"))
        return self._opened.enter_context(_running([self._command, script], self._folder, self._env, log))

    def _said(self, script: str) -> str:
        return (self._folder / f"{script}.log").read_text()[-500:]


@contextmanager
def running(packages: Installed, *, api: str, token: str, concurrency: int) -> Iterator[BullMqSide]:
    """`api` is the sandbox's; `concurrency` is how many jobs the worker has in hand at once, BullMQ's own setting."""
    with _redis(packages) as port, tempfile.TemporaryDirectory(prefix="bullmq-") as home:
        folder = Path(home)
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, folder)
        (folder / "node_modules").symlink_to(packages.folder / "node_modules")
        env = {"API": api, "TOKEN": token, "REDIS_PORT": str(port), "CONCURRENCY": str(concurrency)}
        with ExitStack() as opened:
            yield BullMqSide(str(packages.node.path), folder, env, opened)


@contextmanager
def _redis(packages: Installed) -> Iterator[int]:
    with tempfile.TemporaryDirectory(prefix="redis-") as home:
        port = _free_port()
        log = Path(home) / "redis.log"
        given = {**REDIS_OPTIONS, "port": str(port), "dir": home, "logfile": str(log)}
        command = [str(packages.redis.path), *(word for name in given for word in (f"--{name}", given[name]))]
        with _running(command, Path(home), packages.redis.env, subprocess.DEVNULL) as process:
            _await_redis(process, port, log)
            yield port


def _await_redis(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return
        time.sleep(0.05)
    raise LocalError(f"Redis did not start: {log.read_text()[-500:]}")


@contextmanager
def _running(command: list[str], folder: Path, env: Mapping[str, str], log: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A session of its own, so that Ctrl-C is for us; ended by its id."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(  # noqa: S603 - the command is ours
        command, cwd=folder, env={**inherited, **env}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        start_new_session=True,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def _line(process: subprocess.Popen[bytes]) -> str:
    return process.stdout.readline().decode().strip() if process.stdout else ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])

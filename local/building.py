"""`sam build`, without Docker, and what it leaves undone: prune what is never read, compile what Lambda would compile.

`make build` builds for AWS. The laptop's build is for the interpreter and processor that run MiniStack; it is done
again only when something changed.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.emulator import ROOT, TOOLS
from local.interpreters import interpreter
from local.problems import LocalError, exit_on_problem

SOURCES = ("template.yaml", "functions", "layers", "local/building.py")
GLIBC = ("2_28", "2_27", "2_26", "2_17")
"""Whose wheels run on Amazon Linux 2023, which has 2.34: Lambda's from Python 3.12 on."""
MOST_BYTES = 250 * 1024 * 1024
"""Unzipped, layers and all: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_LAPTOP = ROOT / ".aws-sam" / "local" / "build"
BOTOCORE_SERVICES = {"cloudwatch", "dynamodb", "kms", "lambda", "s3", "scheduler", "sns", "sqs", "ssm", "sts"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """`python` is of the runtime's own minor version: SAM asks for it, and compiled code fits no other."""

    python: Path
    runtime: str
    architecture: str
    folder: Path

    @property
    def wheels(self) -> str:
        """For layers/media/Makefile: pip's own choice where what is built runs here."""
        if self.folder == _LAPTOP:
            return ""
        machine = {"arm64": "aarch64"}.get(self.architecture, self.architecture)
        platforms = [f"--platform manylinux_{glibc}_{machine}" for glibc in GLIBC]
        version = self.runtime.removeprefix("python")
        return " ".join(["--implementation cp", f"--python-version {version}", *platforms])

    @property
    def parameters(self) -> dict[str, str]:
        return {"PythonRuntime": self.runtime, "Architecture": self.architecture}


def laptop() -> Target:
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    architecture = "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"
    return Target(
        python=Path(sys.executable),
        runtime=runtime,
        architecture=architecture,
        folder=_LAPTOP,
    )


def aws(runtime: str = "python3.13", architecture: str = "arm64") -> Target:
    return Target(
        python=interpreter(runtime), runtime=runtime, architecture=architecture, folder=ROOT / ".aws-sam" / "build"
    )


def build(target: Target) -> Path:
    """The built template's path. Unchanged sources are not built again."""
    built = target.folder / "template.yaml"
    mark = target.folder / ".built-from"
    now = _fingerprint(target)
    if built.exists() and mark.exists() and mark.read_text() == now:
        return built
    _sam_build(target)
    _prune(target)
    _compile(target)
    _check_size(target)
    mark.write_text(now)
    return built


@contextmanager
def build_folder_lock() -> Iterator[None]:
    """Held from build to deploy: two runs in one folder would otherwise pull it from under each other."""
    (ROOT / ".aws-sam").mkdir(exist_ok=True)
    with (ROOT / ".aws-sam" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint(target: Target) -> str:
    found = hashlib.sha256(f"{target.runtime} {target.architecture}".encode())
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"\n{file.relative_to(ROOT)}\n".encode() + file.read_bytes())
    return found.hexdigest()


def _sam_build(target: Target) -> None:
    overrides = [f"{name}={value}" for name, value in target.parameters.items()]
    sam("build", "--cached", "--parallel", "--build-dir", target.folder, "--cache-dir", target.folder.parent / "cache",
        "--parameter-overrides", *overrides, first_on_path=target.python.parent,
        env={**os.environ, "PYTHON": sys.executable, "WHEELS": target.wheels})  # fmt: skip


def sam(*arguments: str | Path, first_on_path: Path = TOOLS, env: dict[str, str] | None = None) -> str:
    """Runs SAM in silence and returns its output; raises LocalError with what it said last."""
    path = os.pathsep.join([str(first_on_path), str(TOOLS), os.environ["PATH"]])
    result = subprocess.run(
        [TOOLS / "sam", *arguments],
        cwd=ROOT,
        env={
            **(os.environ if env is None else env),
            "PATH": path,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_CHECK_VERSION": "0",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        last = "\n".join(result.stdout.strip().splitlines()[-25:])
        raise LocalError(f"`sam {arguments[0]}` failed:\n{last}")
    return result.stdout


def _prune(target: Target) -> None:
    """botocore describes 400 services, most of its 30 MB, and every cold start here unpacks them; we call ten."""
    data = target.folder / "DependenciesLayer" / "python" / "botocore" / "data"
    for service in data.iterdir():
        if service.is_dir() and service.name not in BOTOCORE_SERVICES:
            shutil.rmtree(service)


def _compile(target: Target) -> None:
    """Halves the import time of a cold start. Unchecked: the times of the files in an artifact mean nothing."""
    for stale in target.folder.rglob("__pycache__"):
        shutil.rmtree(stale)
    subprocess.run(
        [target.python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash", target.folder],
        check=False,
    )


def _check_size(target: Target) -> None:
    """Of the function that has every layer."""
    parts = [*target.folder.glob("*Layer"), target.folder / "MediaProcessorFunction"]
    size = sum(file.stat().st_size for part in parts for file in part.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise LocalError(f"A function with all its layers has {size:,} bytes; Lambda takes {MOST_BYTES:,}.")


@exit_on_problem
def main() -> None:
    runtime, architecture = (*sys.argv[1:], "python3.13", "arm64")[:2]
    print(f"Building for {runtime} on {architecture} …")
    with build_folder_lock():
        print(f"Built: {build(aws(runtime, architecture)).relative_to(ROOT)}")


if __name__ == "__main__":
    main()

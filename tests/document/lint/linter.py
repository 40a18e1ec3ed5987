"""Redocly's linter, brought from npm once. Where there is no Node the test is skipped; with CI=true it fails."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from tests.template import ROOT

HERE = Path(__file__).parent
AS_OF = "2026-11-20"
"""npm takes no package that is newer: a lock file would pin more, but names the host that it was made with."""
SECONDS = 300
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}


class LinterUnavailable(Exception):
    """It cannot be installed here; says why."""


def required(environ: Mapping[str, str] = os.environ) -> Path:
    """The program. Another folder to keep it in may be named by PUNCTUAL_LINT_CACHE; it is 15 MB."""
    cache = Path(environ.get("PUNCTUAL_LINT_CACHE") or ROOT / ".punctual" / "lint")
    try:
        return installed(cache)
    except LinterUnavailable as error:
        reason = f"no linter here: {error}"
        if environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def installed(cache: Path) -> Path:
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise LinterUnavailable("node and npm are not on PATH")
    wanted = (HERE / "package.json").read_bytes() + AS_OF.encode()
    folder = cache / sha256(wanted).hexdigest()[:12]
    program = folder / "node_modules" / ".bin" / "redocly"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:
            _install(npm, Path(made))
            _move(Path(made), folder)
    return program


def complaints(program: Path, document: Path) -> str:
    """What it says of a document; nothing where it is content."""
    command = [program, "lint", "--config", HERE / "redocly.yaml", "--format", "stylish", document]
    done = subprocess.run(  # noqa: S603 - the command is ours
        command, env={**os.environ, **_QUIET}, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _install(npm: str, folder: Path) -> None:
    shutil.copy(HERE / "package.json", folder)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--before", AS_OF]
    done = subprocess.run(  # noqa: S603 - the command is ours
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode:
        raise LinterUnavailable(f"npm could not install it: {done.stderr.strip()[-500:]}")


def _move(made: Path, folder: Path) -> None:
    """Whoever else installed it meanwhile has made the same."""
    try:
        made.rename(folder)
    except OSError:
        return
    made.mkdir()

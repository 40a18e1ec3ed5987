"""A typed client, as our users may make one: of the committed document, by openapi-python-client."""

import os
import subprocess
import sys
from pathlib import Path

from tests.document.holding import FILE
from tests.template import ROOT

NAME = "punctual_client"
_CONFIG = Path(__file__).with_name("client.json")
"""The generator knows no JSON Lines: a text is what they are to it."""
SCRIPT = Path(__file__).with_name("client_script.py")
_TOOLS = Path(sys.executable).parent


def generate(folder: Path) -> None:
    """The package `punctual_client` in the folder. Whatever the generator must leave out fails."""
    where = ["--path", FILE, "--output-path", folder / NAME, "--meta", "none", "--fail-on-warning", "--config", _CONFIG]
    _run(_TOOLS / "openapi-python-client", "generate", *where, cwd=folder)


def type_check(folder: Path) -> None:
    """The script that uses the client, and what was made of the document; not the generator's own `client.py`."""
    made = [path for part in ("api", "models") for path in sorted((folder / NAME / part).rglob("*.py"))]
    options = ["--strict", "--follow-imports=silent", "--config-file=", f"--cache-dir={folder / 'cache'}"]
    _run(_TOOLS / "mypy", *options, SCRIPT, *made, cwd=folder)


def _run(*command: str | Path, cwd: Path) -> None:
    path = os.pathsep.join([str(_TOOLS), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "MYPYPATH": str(cwd), "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)  # noqa: S603  # our own pins
    assert done.returncode == 0, (done.stdout + done.stderr).replace(str(ROOT), ".")[-3000:]

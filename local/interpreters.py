"""Finding a Python by running it: a version manager's shim may stand on PATH and yet refuse."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.problems import LocalError, exit_on_problem


def interpreter(runtime: str) -> Path:
    """An interpreter whose minor version is the runtime's (`python3.13`), pip included."""
    version = runtime.removeprefix("python")
    for candidate in _candidates(version):
        if _is(candidate, version):
            return candidate
    raise LocalError(
        f"Building for AWS needs {runtime}, and none runs here. Install one (`uv python install {version}`, "
        f"`pyenv install {version}`, your system's packages), or build for one that you have: `make build "
        f"RUNTIME=python3.12`, with PythonRuntime=python3.12 among the parameter_overrides in samconfig.toml."
    )


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.environ["PATH"].split(os.pathsep):
        yield Path(folder) / f"python{version}"
    for manager in (["pyenv", "prefix", version], ["uv", "python", "find", "--no-project", version]):
        if shutil.which(manager[0]):
            found = subprocess.run(manager, capture_output=True, text=True, check=False).stdout.strip()
            yield Path(found) / "bin" / f"python{version}" if manager[0] == "pyenv" else Path(found)


def _is(candidate: Path, version: str) -> bool:
    if not os.access(candidate, os.X_OK) or candidate.is_dir():
        return False
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([candidate, "-c", question], capture_output=True, text=True, check=False)
    return found.returncode == 0 and found.stdout.strip() == version


@exit_on_problem
def main() -> None:
    print(interpreter(sys.argv[1]))


if __name__ == "__main__":
    main()

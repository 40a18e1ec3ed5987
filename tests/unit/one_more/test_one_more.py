"""The cost of one more: a module and two files of test data, dropped into a copy of the project, are a provider.

The module is the one that docs/adding-a-provider.md shows.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import provider_lines
from tests.template import ROOT

HERE = Path(__file__).parent
NEEDED = ("layers/core", "functions", "local", "tests", "docs", "template.yaml", "pyproject.toml", "README.md")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "e2e", "chaos", "benchmarks", ".hypothesis")
INHERITED = (
    "tests/unit/test_every_provider.py",
    "tests/unit/test_every_oauth_provider.py",
    "tests/unit/test_previewing_every_provider.py",
    "tests/contract/outcomes",
    "tests/contract/lifecycle",
)
WHOLE = os.environ.get("FLOWS") == "all"


def shown_in_the_guide() -> str:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/adding-a-provider.md").read_text(), re.DOTALL)
    return next(block for block in blocks if "PROVIDER = " in block)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("project")
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, copy / name)
    (copy / "layers/core/punctual/providers/example.py").write_text(shown_in_the_guide())
    shutil.copy(HERE / "outcomes.toml", copy / "tests/contract/outcomes/example.toml")
    shutil.copy(HERE / "lifecycle.toml", copy / "tests/contract/lifecycle/example.toml")
    return copy


def run(project: Path, *tests: str, only: str = "example") -> subprocess.CompletedProcess[str]:
    """The inherited suite, or some of it, in the copy, of this provider alone; all of it in
    `make flows` and CI."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", only]
    command += tests or (INHERITED if WHOLE else INHERITED[:1])
    paths = os.pathsep.join(str(project / name) for name in ("layers/core", "functions", "."))
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def digests(project: Path) -> dict[str, str]:
    files = (
        path for path in project.rglob("*") if path.is_file() and not {"__pycache__", ".hypothesis"} & set(path.parts)
    )
    return {str(path.relative_to(project)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_new_module_inherits_its_tests_and_no_other_file_changes(project: Path) -> None:
    before = digests(project)
    done = run(project)
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > (100 if WHOLE else 30), "the suite runs over it"
    after = digests(project)
    assert {name for name in after if after[name] != before.get(name)} == set()
    original = {name for name in before if (ROOT / name).is_file()}
    assert set(before) - original == {
        "layers/core/punctual/providers/example.py",
        "tests/contract/outcomes/example.toml",
        "tests/contract/lifecycle/example.toml",
    }
    assert [name for name in original if (ROOT / name).read_bytes() != (project / name).read_bytes()] == []


def test_the_suite_sees_what_is_wrong_with_it(project: Path) -> None:
    module = project / "layers/core/punctual/providers/example.py"
    broken = shown_in_the_guide().replace("made = answer(response, irreversible=True)", "made = answer(response)")
    assert broken != shown_in_the_guide()
    module.write_text(broken)
    try:
        done = run(project, INHERITED[0], only="example and read")
    finally:
        module.write_text(shown_in_the_guide())
    assert done.returncode == 1
    assert "test_a_success_that_cannot_be_read_is_unknown" in done.stdout


def test_the_lines_of_each_provider_are_told(project: Path) -> None:
    told = provider_lines.table(project / "layers/core/punctual")
    assert re.search(r"^example +\d\d +-$", told, re.MULTILINE)
    counted = provider_lines.lines()
    assert all(0 < own <= 300 for own, _ in counted.values())
    assert counted["bluesky"][1] > 0

"""What the folders promise: the core imports no function, providers import no AWS, every handler imports."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from punctual.providers import modules
from tests.template import ROOT

CORE = ROOT / "layers" / "core" / "punctual"
FUNCTIONS = ROOT / "functions"
FUNCTION_NAMES = sorted(path.name for path in FUNCTIONS.iterdir() if (path / "__init__.py").exists())
SOURCES = sorted([*CORE.rglob("*.py"), *FUNCTIONS.rglob("*.py"), *(ROOT / "local").rglob("*.py")])
OPEN_TO_PROVIDERS = ("punctual.providers", "punctual.guarded_http", "punctual.clock")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(), feature_version=(3, 11))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def dialects() -> set[str]:
    """Packages that providers import, with the pure parts of theirs: how a platform counts, names and signs things."""
    names = {name for path in (CORE / "providers").glob("*.py") for name in imported(path)}
    tops = {".".join(name.split(".")[:2]) for name in names if name.startswith("punctual.")}
    return {name for name in tops if (CORE / name.split(".")[1] / "__init__.py").exists()} - {"punctual.providers"}


DIALECTS = sorted(dialects())
PROVIDER_SOURCES = sorted(
    path for name in ("providers", *DIALECTS) for path in (CORE / name.split(".")[-1]).glob("*.py")
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_code_parses_on_python_3_11_and_no_file_passes_300_lines(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 11))
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_the_core_imports_no_function_and_nothing_of_the_laptop(path: Path) -> None:
    assert not roots(path) & {*FUNCTION_NAMES, "local", "tests", "aws_lambda_powertools"}


@pytest.mark.parametrize("path", PROVIDER_SOURCES, ids=lambda path: str(path.relative_to(CORE)))
def test_a_provider_knows_nothing_of_aws_or_of_our_stores(path: Path) -> None:
    assert not roots(path) & {"boto3", "botocore"}
    allowed = (*OPEN_TO_PROVIDERS, *DIALECTS)
    assert not [name for name in imported(path) if name.startswith("punctual.") and not name.startswith(allowed)]


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_nobody_decides_by_a_providers_name(path: Path) -> None:
    if path.parent.name == "providers":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Compare):
            compared = [node.left, *node.comparators]
            names = {value.value for value in compared if isinstance(value, ast.Constant)}
            assert not names & set(modules()), f"line {node.lineno}"


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_every_handler_imports_without_environment_or_network(name: str) -> None:
    if name == "edge":
        importlib.import_module("edge.http")
        return
    code = f"import sys; sys.path[:0] = [{str(ROOT / 'layers/core')!r}, {str(FUNCTIONS)!r}]; import {name}.app"
    subprocess.run([sys.executable, "-c", code], env={"PATH": ""}, check=True, timeout=60)  # noqa: S603 - our own code


@pytest.mark.parametrize("name", [name for name in FUNCTION_NAMES if name != "edge"])
def test_no_function_imports_another(name: str) -> None:
    for path in (FUNCTIONS / name).rglob("*.py"):
        assert not roots(path) & (set(FUNCTION_NAMES) - {name, "edge"}), path.name


def test_names_of_functions_shadow_no_library() -> None:
    assert not set(FUNCTION_NAMES) & sys.stdlib_module_names

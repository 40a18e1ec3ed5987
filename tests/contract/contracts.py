"""Published contracts: sources.toml names each file, the folder that PUNCTUAL_SPECS names holds it.

A contract that is absent skips the test and says why; with CI=true it fails it. One that differs always fails.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

_SOURCES = Path(__file__).with_name("sources.toml")


def load(provider: str, file: str, environ: Mapping[str, str] = os.environ) -> Any:
    """A contract's JSON or YAML, read once; do not change what you are given."""
    expected = _sha256(provider, file)
    folder = environ.get("PUNCTUAL_SPECS", "")
    if not folder:
        return _absent("PUNCTUAL_SPECS names no folder with the published contracts", environ)
    path = Path(folder, file)
    if not path.is_file():
        return _absent(f"{file} is not in the folder that PUNCTUAL_SPECS names", environ)
    return _read(path, expected)


def _sha256(provider: str, file: str) -> str:
    sources = tomllib.loads(_SOURCES.read_text())
    return next(str(source["sha256"]) for source in sources[provider]["files"] if source["file"] == file)


def _absent(reason: str, environ: Mapping[str, str]) -> None:
    if environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def _read(path: Path, expected: str) -> Any:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        pytest.fail(f"{path.name} is not the file whose sha256 is in sources.toml")
    return json.loads(content) if path.suffix == ".json" else yaml.safe_load(content)

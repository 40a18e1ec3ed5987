"""The operations of every function."""

import importlib
import sys
from collections.abc import Iterator

from edge.operations import Operation, Operations
from local.emulator import ROOT


def names() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))


def operations() -> dict[str, list[Operation]]:
    """By function; those that serve none are left out."""
    found = {name: [operation for group in _groups(name) for operation in group.all] for name in names()}
    return {name: these for name, these in found.items() if these}


def _groups(function: str) -> Iterator[Operations]:
    """Each module of a function keeps its own under the name `operations`."""
    importlib.import_module(f"{function}.app")
    for name, module in sorted(sys.modules.items()):
        group = getattr(module, "operations", None) if name.startswith(f"{function}.") else None
        if isinstance(group, Operations):
            yield group

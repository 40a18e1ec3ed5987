"""All types of events, as docs/events.md has them, written from the registry: `make docs`. A test notices drift."""

import sys
from itertools import groupby
from typing import get_type_hints

from local.emulator import ROOT

PAGE = ROOT / "docs" / "events.md"
BEGIN, END = "<!-- types: begin (make docs) -->", "<!-- types: end -->"


def tables() -> str:
    """One for all types that say the same things of their subject."""
    sys.path.insert(0, str(ROOT / "layers" / "core"))
    from punctual.events.types import EVENT_TYPES

    parts = []
    for data, group in groupby(EVENT_TYPES.values(), key=lambda each: each.data):
        members = ", ".join(f"`{name}`" for name in get_type_hints(data))
        rows = [f"| `{each.name}` | {each.description} |" for each in group]
        parts.append("\n".join([f"`data`: {members}", "", "| type | what happened |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def rewritten(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text()))

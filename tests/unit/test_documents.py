"""What readers rely on in the documents: numbers that stay, links that lead somewhere, commands that exist."""

import re
from pathlib import Path

import pytest

from tests.template import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "events").glob("*.md")])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def prose(path: Path) -> str:
    return re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)


def anchors(path: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    there = path.parent / name if name else path
    return not there.exists() or bool(anchor and anchor not in anchors(there))


def test_decisions_are_numbered_one_by_one_and_what_is_left_is_the_last() -> None:
    text = (ROOT / "docs/decisions.md").read_text()
    sections = re.findall(r"^## (\d+)\. (.*)$", text, re.MULTILINE)
    assert [int(number) for number, _ in sections] == list(range(1, len(sections) + 1))
    assert text.count("\n\n## ") == len(sections)
    assert [title for _, title in sections if title.startswith("What is left")] == [sections[-1][1]]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|/)([^)\s]+)\)", prose(path))
    assert [link for link in links if leads_nowhere(path, link)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_of_make_exist(path: Path) -> None:
    text = path.read_text()
    named = re.findall(r"`make ([a-z-]+)", text) + re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) - TARGETS == set()

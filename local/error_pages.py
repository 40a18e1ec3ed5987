"""What every code means, written from the registries: docs/errors.md and the page that a deployment answers.

`make docs`; a test notices drift.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from local.emulator import ROOT

PAGES = ROOT / "docs" / "errors.md", ROOT / "functions" / "catalogue" / "errors.html"
TEXTS = ROOT / "local" / "error_texts"


@dataclass(frozen=True, kw_only=True)
class Row:
    anchor: str
    cells: tuple[str, ...]
    """The first is a code."""


@dataclass(frozen=True, kw_only=True)
class Section:
    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def sections() -> tuple[Section, ...]:
    sys.path[:0] = [str(ROOT / "layers" / "core")]
    return (
        Section(
            title="Problems",
            text="`code` of an answer with `application/problem+json`. Seconds are what Retry-After usually says.",
            columns=("code", "status", "what it is", "what to do next", "send it again"),
            rows=tuple(_problems()),
        ),
        Section(
            title="Rules",
            text="`rule` of `errors` and `warnings`. Those of a platform begin with its provider's id; "
            "of a file, `image`, `animation` or `video` is its kind.",
            columns=("rule", "what it asks for"),
            rows=tuple(_rules()),
        ),
        Section(
            title="Outcomes",
            text="`code` of a delivery's `error` and of an attempt, and `error` at the return URL of a connection. "
            "A delivery that is UNCONFIRMED or HELD says what its state asks for, whatever brought it there.",
            columns=("code", "what to do next", "try it again"),
            rows=tuple(_outcomes()),
        ),
    )


def markdown() -> str:
    parts = [(TEXTS / "introduction.md").read_text()]
    for section in sections():
        rule = "|".join("---" for _ in section.columns)
        rows = [f'| <a id="{row.anchor}"></a>`{row.cells[0]}` | {" | ".join(row.cells[1:])} |' for row in section.rows]
        table = "\n".join([f"| {' | '.join(section.columns)} |", f"|{rule}|", *rows])
        parts.append(f"## {section.title}\n{section.text}\n\n{table}\n")
    return "\n".join([*parts, (TEXTS / "limits.md").read_text()])


def page() -> str:
    parts = []
    for section in sections():
        head = "".join(f"<th>{escape(column)}</th>" for column in section.columns)
        text = escape(section.text.replace("`", ""))
        parts.append(f"<h2>{escape(section.title)}</h2>\n<p>{text}</p>\n<table>\n<tr>{head}</tr>")
        for row in section.rows:
            code, *rest = (escape(cell) for cell in row.cells)
            cells = "".join(f"<td>{cell}</td>" for cell in rest)
            parts.append(f'<tr id="{row.anchor}"><td><code>{code}</code></td>{cells}</tr>')
        parts.append("</table>")
    return (TEXTS / "page.html").read_text().replace("{{sections}}", "\n".join(parts))


def _problems() -> Iterator[Row]:
    from punctual.problem_types import PROBLEM_TYPES

    for code, about in PROBLEM_TYPES.items():
        again = "no" if not about.retryable else f"after {about.retry_after} s" if about.retry_after else "later"
        yield Row(anchor=code, cells=(code, str(about.status), f"{about.title}.", about.remediation, again))


def _rules() -> Iterator[Row]:
    from punctual.providers import modules, provider_class
    from punctual.rules import FILE_RULES, PROVIDER_RULES, RULES

    named = {
        **RULES,
        **{f"<provider>.{name}": text for name, text in PROVIDER_RULES.items()},
        **{f"<provider>.<kind>.{name}": text for name, text in FILE_RULES.items()},
        **{f"{name}.{rule}": text for name in modules() for rule, text in provider_class(name).spec.rules.items()},
    }
    for rule, text in named.items():
        yield Row(anchor=f"rule-{re.sub('[<>]', '', rule)}", cells=(rule, text))


def _outcomes() -> Iterator[Row]:
    from punctual.outcome_codes import OUTCOME_CODES
    from punctual.providers import modules, provider_class

    named = dict(OUTCOME_CODES)  # two providers of one platform say the same
    for name in modules():
        named |= provider_class(name).spec.remedies
    for code, found in named.items():
        again = "may help" if found.retryable else "no"
        yield Row(anchor=f"outcome-{code}", cells=(code, found.remediation, again))


if __name__ == "__main__":
    for path, text in zip(PAGES, (markdown(), page()), strict=True):
        path.write_text(text)

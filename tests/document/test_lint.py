"""The document passes Redocly's recommended rules, as errors."""

import json
from pathlib import Path

import pytest

from tests.document.holding import FILE
from tests.document.lint.linter import HERE, complaints, required


@pytest.fixture(scope="module")
def program() -> Path:
    return required()


def test_the_document_passes_the_linter(program: Path) -> None:
    assert complaints(program, FILE) == ""


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        ("no-unresolved-refs", "#/components/schemas/PostAnswer", "#/components/schemas/Nothing"),
        ("operation-operationId-unique", '"operationId": "get_post"', '"operationId": "list_posts"'),
        ("no-invalid-media-type-examples", '"delay_seconds": 30', '"delay_seconds": "30"'),
    ],
)
def test_the_linter_sees_what_is_wrong(program: Path, tmp_path: Path, rule: str, old: str, new: str) -> None:
    broken = tmp_path / "openapi.json"
    text = json.dumps(json.loads(FILE.read_text()))
    assert old in text
    broken.write_text(text.replace(old, new))
    assert rule in complaints(program, broken)


def test_a_rule_that_is_off_has_its_reason_above_it() -> None:
    lines = (HERE / "redocly.yaml").read_text().splitlines()
    switched = [number for number, line in enumerate(lines) if line.endswith((": off", ": warn"))]
    assert [lines[number] for number in switched if not lines[number - 1].lstrip().startswith("#")] == []

"""A connected stage for a while, and what must hold of it whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.platforms.stage import Case, Platform, Stage


@contextmanager
def playing(platform: Platform) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        found = Stage(patch, platform)
        found.connect()
        yield found


def texts(case: Case) -> list[str]:
    """Of its parts, in order."""
    comment = case.more.get("first_comment")
    return [
        case.text,
        *(part["text"] for part in case.more.get("thread", ())),
        *([comment["text"]] if comment else []),
    ]


def never_twice(stage: Stage, case: Case) -> None:
    said = [(each.kind, each.text, each.media) for each in stage.shown()]
    assert len(said) == len(set(said)) <= len(texts(case)), said

"""The corpus, made once a run and only what is asked for; and the workshop as the function has it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from punctual.workshop.running import Workshop
from tests.media.corpus import ALL

MEMORY = 1600 << 20
"""Of the child: the function's 2,048 MB, less what its caller holds."""
Corpus = Callable[[str], Path]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A file, by its name."""
    folder = tmp_path_factory.mktemp("corpus")

    def made(name: str) -> Path:
        path = folder / name
        if not path.exists():
            ALL[name].make(path)
        return path

    return made


@pytest.fixture(scope="session")
def workshop() -> Workshop:
    return Workshop(memory_bytes=MEMORY, seconds=60)

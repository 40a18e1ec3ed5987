"""The corpus, made once a run and only what is asked for; what the workshop says of it; and the workshop itself."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from PIL import Image

from media_processor.app import WORKSHOP_BYTES
from punctual.media.facts import Facts
from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused
from punctual.workshop.__main__ import attempt
from punctual.workshop.answering import answer
from punctual.workshop.orders import Order
from punctual.workshop.running import Workshop
from tests.media.corpus import ALL

MEMORY = WORKSHOP_BYTES
Corpus: TypeAlias = Callable[[str], Path]
Bench: TypeAlias = Callable[[Order], Facts | None]
Rendered: TypeAlias = Callable[[str, Recipe], tuple[Image.Image, Facts]]
Probed: TypeAlias = Callable[[str], Facts]


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


@pytest.fixture(scope="session")
def bench() -> Bench:
    """The child's work without a child: starting one takes longer than most of the files."""

    def work(order: Order) -> Facts | None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            answered = attempt(answer, order)
        if "refused" in answered:
            raise Refused(**answered["refused"])
        return Facts(**answered["facts"]) if answered["facts"] else None

    return work


@pytest.fixture(scope="session")
def probed(corpus: Corpus, bench: Bench) -> Probed:
    """Facts, by name, found once. Raises Refused."""
    found: dict[str, Facts | Refused] = {}

    def probe(name: str) -> Facts:
        if name not in found:
            try:
                facts = bench(order("probe", corpus(name), declared_type=ALL[name].declared))
                assert facts
                found[name] = facts
            except Refused as refused:
                found[name] = refused
        known = found[name]
        if isinstance(known, Refused):
            raise known
        return known

    return probe


@pytest.fixture
def rendered(corpus: Corpus, probed: Probed, bench: Bench, tmp_path: Path) -> Rendered:
    """What becomes of a file by a recipe, opened, and its facts."""

    def render(name: str, recipe: Recipe) -> tuple[Image.Image, Facts]:
        target = tmp_path / f"{name}-{recipe.key}"
        facts = bench(order("render", corpus(name), target=str(target), facts=probed(name), recipe=recipe))
        assert facts
        assert facts.bytes == target.stat().st_size
        return opened(target), facts

    return render


def opened(path: Path) -> Image.Image:
    """Without keeping the file open."""
    return Image.open(io.BytesIO(path.read_bytes()))


def order(work, path: Path, **more) -> Order:
    return Order(work=work, path=str(path), memory_bytes=MEMORY, file_bytes=1 << 30, **more)

"""The whole corpus against what every provider takes: a file goes as it is, is made fit, or is refused with a rule."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import get_args

import httpx
import pytest

from punctual.guarded_http import GuardedHttp
from punctual.media.facts import Facts
from punctual.media.judging import Judgement, judge
from punctual.media.recipes import Recipe
from punctual.providers import modules, provider_class
from punctual.providers.base import Account
from punctual.providers.media import DocumentRules, ImageRules, MediaKind, MediaRules, VideoRules
from tests.media.conftest import Bench, Corpus, Probed, order
from tests.media.corpus import ALL

HONEST = sorted(sample.name for sample in ALL.values() if not sample.refusal and not sample.is_large)
ACCOUNT = Account(id="1@platform.example", handle="@someone", server="https://platform.example")
TINY = ImageRules(types=("image/jpeg", "image/png"), max_bytes=3000, max_width=40, max_height=40, max_pixels=900)
STRICT = MediaRules(
    image=TINY,
    animation=ImageRules(types=("image/gif",), max_bytes=3000, max_width=40, max_frames=100),
    video=VideoRules(types=("video/mp4",), video_codecs=("h264",), audio_codecs=("aac",), max_width=48, max_seconds=30),
    document=DocumentRules(max_pages=200),
)
"""Of a platform that there is none of: every limit that a file can be made to keep to."""
ONLY_VIDEOS = MediaRules(video=STRICT.video, max_videos=1)


def rules() -> dict[str, MediaRules]:
    http = GuardedHttp(transport=httpx.MockTransport(lambda _: httpx.Response(500)))
    found = {}
    for name in modules():
        provider = provider_class(name)(http, lambda: datetime(2026, 11, 22, tzinfo=UTC))
        found[name] = provider.media_rules(provider.spec.settings(), ACCOUNT)
    return {**found, "strict": STRICT, "only_videos": ONLY_VIDEOS}


RULES = rules()


class Made:
    """Renditions, each made once: providers that want the same share it."""

    def __init__(self, corpus: Corpus, bench: Bench, folder: Path):
        self._corpus = corpus
        self._bench = bench
        self._folder = folder
        self._facts: dict[tuple[str, str], Facts] = {}

    def facts(self, name: str, recipe: Recipe) -> Facts:
        key = (name, recipe.key)
        if key not in self._facts:
            target = self._folder / f"{name}-{recipe.key}"
            made = self._bench(order("render", self._corpus(name), target=str(target), recipe=recipe))
            assert made
            assert made.bytes == target.stat().st_size
            target.unlink()
            self._facts[key] = made
        return self._facts[key]


@pytest.fixture(scope="module")
def made(corpus: Corpus, bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(corpus, bench, tmp_path_factory.mktemp("renditions"))


@pytest.mark.parametrize("name", HONEST)
def test_a_file_ends_fitted_or_refused_everywhere(name: str, probed: Probed, made: Made) -> None:
    """At once for all providers: what several want of it is made once."""
    for provider, transcodes in product(sorted(RULES), (False, True)):
        found = judge(probed(name), RULES[provider], transcodes, provider)
        assert (found.recipe is None) or not found.broken, provider
        for broken in found.broken:
            assert broken.rule.partition(".")[0] in get_args(MediaKind), provider
            assert provider in broken.message
        if found.recipe:
            facts = made.facts(name, found.recipe)
            assert facts.kind == found.kind, provider
            assert not facts.has_location, provider
            assert facts.kind == "video" or facts.orientation == 1, provider
            assert judge(facts, RULES[provider], transcodes, provider) == Judgement(kind=found.kind), provider


def test_every_way_to_end_is_taken(probed: Probed) -> None:
    """Or this file would show nothing."""
    ends = set()
    for name in HONEST:
        for each in RULES.values():
            found = judge(probed(name), each, transcodes=False)
            assert found.kind != "document" or not found.recipe
            ends.add((found.kind, "broken" if found.broken else "made" if found.recipe else "as it is"))
    wanted = {("image", "as it is"), ("image", "made"), ("animation", "as it is"), ("animation", "made")}
    wanted |= {("video", "as it is"), ("video", "made"), ("video", "broken")}
    assert {*wanted, ("document", "as it is"), ("document", "broken")} <= ends

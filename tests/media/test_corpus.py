"""Every file of the corpus, through a child of its own: it is taken with its facts, or refused with its code."""

import hashlib

import pytest

from punctual.media.refusals import REFUSALS, Refused
from punctual.workshop.running import Workshop
from tests.media.conftest import Corpus
from tests.media.corpus import ALL


@pytest.mark.parametrize("name", sorted(name for name in ALL if not ALL[name].is_large))
def test_a_file_is_taken_or_refused(name: str, corpus: Corpus, workshop: Workshop) -> None:
    sample, path = ALL[name], corpus(name)
    if sample.refusal:
        assert sample.refusal in REFUSALS
        with pytest.raises(Refused) as refused:
            workshop.probe(path, sample.declared)
        assert (refused.value.code, bool(refused.value.message)) == (sample.refusal, True)
        return
    facts = workshop.probe(path, sample.declared)
    assert {each: getattr(facts, each) for each in sample.facts} == dict(sample.facts)
    content = path.read_bytes()
    assert (facts.bytes, facts.sha256) == (len(content), hashlib.sha256(content).hexdigest())

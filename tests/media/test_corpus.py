"""Every file of the corpus is taken with its facts, or refused with its code."""

import hashlib

import pytest

from punctual.media.refusals import REFUSALS, Refused
from tests.media.conftest import Corpus, Probed
from tests.media.corpus import ALL


@pytest.mark.parametrize("name", sorted(name for name in ALL if not ALL[name].is_large))
def test_a_file_is_taken_or_refused(name: str, corpus: Corpus, probed: Probed) -> None:
    sample = ALL[name]
    if sample.refusal:
        assert sample.refusal in REFUSALS
        with pytest.raises(Refused) as refused:
            probed(name)
        assert (refused.value.code, bool(refused.value.message)) == (sample.refusal, True)
        return
    facts = probed(name)
    assert {each: getattr(facts, each) for each in sample.facts} == dict(sample.facts)
    content = corpus(name).read_bytes()
    assert (facts.bytes, facts.sha256) == (len(content), hashlib.sha256(content).hexdigest())

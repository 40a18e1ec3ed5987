"""What every provider shows of a text, and what it says of how it counts: a new module is tested by existing."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from punctual.providers import modules, provider_class
from punctual.providers.base import Shown
from tests.unit.test_every_provider import ACCOUNT, CAPTION, no_network, provider

pytestmark = pytest.mark.parametrize("name", modules())

ODD_TEXTS = st.text(st.sampled_from(list("aB1.@#＃/:?=&%-_ \n\r\t…你\u0301\u200d😀🇩🇪\ud800\x00")), max_size=80)
PIECES = st.sampled_from(
    ["https://", "https://www.example.com/a/very/long/path/to/a/page?q=1#x", "http://[::1", "@ada@example.social",
     "@ada.example.com", "#tag", "#标签", "\n\n\n", "(https://example.com/a_(b))", "HTTPS://EXAMPLE.COM:8443/", " "]
)  # fmt: skip
TEXTS = st.lists(st.one_of(ODD_TEXTS, PIECES), max_size=12).map("".join)


@settings(max_examples=200)
@given(text=TEXTS)
@example(text="\n".join("x" * 40))
@example(text="#tag\ud800")
def test_a_preview_takes_any_text_and_its_entities_lie_inside_what_is_shown(name: str, text: str) -> None:
    found = provider(name, no_network)
    shown = found.preview(text, found.spec.settings(), ACCOUNT)
    end = 0
    for each in shown.entities:
        assert end <= each.start < each.end <= len(shown.text)
        end = each.end
    assert shown.folds_at is None or 0 < shown.folds_at < len(shown.text)
    assert shown.content_warning is None
    found.check(text, found.spec.settings(), ACCOUNT)


def test_a_preview_shows_as_written_what_cannot_be_clicked(name: str) -> None:
    found = provider(name, no_network)
    assert found.preview(CAPTION, found.spec.settings(), ACCOUNT) == Shown(text=CAPTION)


def test_what_it_says_of_retries_is_what_it_does(name: str) -> None:
    spec = provider_class(name).spec
    assert (spec.retry_safety == "key") == bool(spec.key_window_seconds)
    assert (spec.retry_safety in ("chosen_id", "handle")) == spec.absence_is_proof


def test_a_link_counts_what_the_catalogue_says(name: str) -> None:
    found = provider(name, no_network)
    url = "https://example.com/" + "a" * 100
    counted = found.length(url, found.spec.settings(), ACCOUNT)
    assert counted == (found.spec.url_length or len(url))


def test_bytes_count_where_the_catalogue_says_so(name: str) -> None:
    found = provider(name, no_network)
    family = "👨‍👩‍👧‍👦"
    text = family * (3000 // len(family.encode()) + 1)
    rules = {violation.rule for violation in found.check(text, found.spec.settings(), ACCOUNT)}
    assert (f"{name}.text.max_bytes" in rules) == bool(found.spec.max_bytes)

"""Text as LinkedIn takes it: everything reserved behind a backslash, but for what is meant as a mention or hashtag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punctual.linkedin_api import little
from punctual.providers import provider_class
from punctual.providers.base import Account
from tests.contract.linkedin.little import read
from tests.unit.test_every_provider import no_network, provider

RESERVED = "\\|{}@[]()<>#*_~"
ACCOUNT = Account(id="1", handle="Kim")
MENTION, NAME = "@[Acme (Inc_)](urn:li:organization:1)", "Acme (Inc_)"
PIECES = st.sampled_from(
    [*RESERVED, "＃", "#tag", "#1st", "a", " ", "\n", "é", "🎉", "https://example.com/a_(b)#c", MENTION]
)


@pytest.mark.parametrize("character", RESERVED)
def test_each_reserved_character_stands_behind_a_backslash(character):
    assert little.escaped(f"a{character} b") == f"a\\{character} b"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("plain text, with: punctuation! & more", "plain text, with: punctuation! & more"),
        ("Hello #world, #2026 #münchen", "Hello #world, #2026 #münchen"),
        ("(#tag)", r"\(#tag\)"),
        ("C# and a#b", r"C\# and a\#b"),
        ("# no tag", r"\# no tag"),
        ("##tag", r"\#\#tag"),
        ("#a_b", r"#a\_b"),
        ("https://example.com/#a_b", r"https://example.com/\#a\_b"),
        ("a&#39;", r"a&\#39;"),
        ("@[Devtestco](urn:li:organization:2414183)!", "@[Devtestco](urn:li:organization:2414183)!"),
        ("@[Acme (Inc_)](urn:li:organization:1)", r"@[Acme \(Inc\_\)](urn:li:organization:1)"),
        (r"@[Acme \(Inc\)](urn:li:organization:1)", r"@[Acme \(Inc\)](urn:li:organization:1)"),
        ("@[Kim](urn:li:person:k_ho7-N0r)", "@[Kim](urn:li:person:k_ho7-N0r)"),
        (r"@[Kim](urn:li:person:k\_ho7)", "@[Kim](urn:li:person:k_ho7)"),
        ("@[Kim](urn:li:share:1)", r"\@\[Kim\]\(urn:li:share:1\)"),
        ("@[Kim] (urn:li:person:1)", r"\@\[Kim\] \(urn:li:person:1\)"),
        ("@[#1 Shop](urn:li:organization:1)", r"@[\#1 Shop](urn:li:organization:1)"),
        ("{hashtag|#|tag}", r"\{hashtag\|\#\|tag\}"),
    ],
)
def test_what_is_written_is_sent_as(text, sent):
    assert little.escaped(text) == sent


@given(st.lists(PIECES, max_size=20).map("".join))
def test_nothing_is_cut_off_whatever_is_written(text):
    """Read by the far side's own reader of the grammar."""
    found = read(little.escaped(text))
    assert not found.is_cut
    assert found.text.replace("＃", "#") == text.replace(MENTION, NAME).replace("＃", "#")


@given(st.lists(PIECES, max_size=20).map("".join))
def test_what_linkedin_gives_back_is_known_again(text):
    """It writes hashtags as templates."""
    assert little.plain(read(little.escaped(text)).commentary) == little.plain(little.escaped(text))


def test_the_length_is_the_most_that_linkedin_could_count():
    assert little.length("a (b) 🎉") == len("a \\(b\\) ") + 2
    assert little.length("#tag") == 4
    assert little.length("\ud800") == 1


@pytest.mark.parametrize("name", ["linkedin", "linkedin_page"])
def test_a_comment_is_counted_as_it_is_and_has_a_limit_of_its_own(name):
    found = provider(name, no_network)
    settings = provider_class(name).spec.settings()
    assert found.check("(" * 1250, settings, ACCOUNT, "comment") == []
    assert [each.rule for each in found.check("(" * 1251, settings, ACCOUNT, "comment")] == [f"{name}.text.max_length"]
    assert found.check("(" * 1500, settings, ACCOUNT) == []
    assert [each.rule for each in found.check("(" * 1501, settings, ACCOUNT)] == [f"{name}.text.max_length"]


@pytest.mark.parametrize("name", ["linkedin", "linkedin_page"])
def test_a_blank_text_is_one_only_where_nothing_else_is_said(name):
    found = provider(name, no_network)
    settings = provider_class(name).spec.settings
    poll = settings.model_validate({"poll": {"question": "Q", "options": ["a", "b"]}})
    assert [each.rule for each in found.check(" ", settings(), ACCOUNT)] == [f"{name}.text.blank"]
    assert found.check(" ", poll, ACCOUNT) == []
    assert [each.rule for each in found.check(" ", poll, ACCOUNT, "comment")] == [f"{name}.text.blank"]


def test_a_preview_shows_mentions_by_name_with_links_and_hashtags():
    shown = little.shown_on_site("By @[Acme (Inc)](urn:li:organization:7) #fun https://example.com/a_b#c")
    assert shown.text == "By Acme (Inc) #fun https://example.com/a_b#c"
    assert [(each.kind, shown.text[each.start : each.end], each.url) for each in shown.entities] == [
        ("mention", "Acme (Inc)", "https://www.linkedin.com/company/7/"),
        ("hashtag", "#fun", "https://www.linkedin.com/feed/hashtag/fun/"),
        ("link", "https://example.com/a_b#c", "https://example.com/a_b#c"),
    ]

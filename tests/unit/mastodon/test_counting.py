"""Length as https://github.com/mastodon/mastodon/blob/v4.3.0/app/validators/status_length_validator.rb counts it."""

import pytest

from punctual.providers.base import Account
from punctual.providers.mastodon import Settings

LONG_URL = "https://example.com/" + "a" * 100
COUNTED = {
    "plain text": ("Hello", 5),
    "an emoji of several code points": ("👩‍👩‍👧‍👦", 1),
    "a letter with a combining accent": ("e\u0301", 1),
    "a line break of two characters": ("a\r\nb", 3),
    "a long link": (LONG_URL, 23),
    "a link shorter than its reserve": ("see http://a.io", 4 + 23),
    "two links": (f"{LONG_URL} and {LONG_URL}.", 23 + 5 + 23 + 1),
    "a link in brackets": (f"({LONG_URL})", 25),
    "a mention of another server": ("hi @kim@social.example", len("hi @kim")),
    "a mention with dots and dashes": ("@kim.b-c@sub-domain.social.example!", len("@kim.b-c!")),
    "a mention on this server": ("hi @kim", 7),
    "an address of e-mail": ("kim@example.com", 15),
    "a link that holds a mention": ("https://example.social/@kim@social.example", 23),
    "a mention stuck to a word": ("hi@kim@social.example", 21),
    "a hashtag": ("#Ünïcode", 8),
    "nothing": ("", 0),
}


@pytest.mark.parametrize("case", COUNTED)
def test_text_is_counted_as_the_server_counts_it(mastodon, case):
    text, length = COUNTED[case]
    assert mastodon.length(text, Settings(), account()) == length


def test_a_content_warning_counts_as_it_is_written(mastodon):
    assert mastodon.length("Hello", Settings(spoiler_text="@kim@x.io"), account()) == 5 + 9


def account(**limits: int) -> Account:
    return Account(id="1@mastodon.example", handle="@kim@mastodon.example", limits=limits)


def test_a_text_of_just_the_limit_breaks_no_rule(mastodon):
    assert mastodon.check("x" * 500, Settings(), account()) == []
    assert mastodon.check("x" * 477 + LONG_URL, Settings(), account()) == []


def test_one_character_more_breaks_the_rule_and_says_both_numbers(mastodon):
    (violation,) = mastodon.check("x" * 491, Settings(spoiler_text="0123456789"), account())
    assert (violation.field, violation.rule) == ("text", "mastodon.text.max_length")
    assert "500" in violation.message
    assert "501" in violation.message


def test_the_servers_own_limits_count(mastodon):
    assert mastodon.check("x" * 5000, Settings(), account(max_text=5000)) == []
    assert mastodon.check("x" * 21, Settings(), account(max_text=20))
    assert mastodon.check(LONG_URL, Settings(), account(max_text=30, characters_reserved_per_url=31))


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_blank_text_breaks_a_rule(mastodon, text):
    (violation,) = mastodon.check(text, Settings(spoiler_text="Plot"), account())
    assert violation.rule == "mastodon.text.blank"


@pytest.mark.parametrize("closing", ['."', "”.", "。", "»", ")", "!?"])
def test_what_closes_the_sentence_is_no_part_of_a_link(mastodon, closing):
    assert mastodon.length(LONG_URL + closing, Settings(), account()) == 23 + len(closing)

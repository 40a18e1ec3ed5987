"""X's own samples, of https://github.com/twitter/twitter-text/blob/30e2430/conformance (validate.yml, extract.yml)."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from punctual.x_api.counting import length
from punctual.x_api.links import cashtags, links

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
WEIGHED = {
    "Hi http://test.co": 26,
    "http://test.co": 23,
    "x" * 280: 280,
    "285 chars- http://www.twitter.com/jack " + "x" * 245: 280,
    "https://www.twitter.com/aloha " * 10: 240,
    "故人西辞黄鹤楼，烟花三月下扬州。": 32,
    "the故人西": 9,
    "\u0041\u0301B": 2,
    "A\ufb2c": 4,
    "H\U0001f431\u263a" + FAMILY: 7,
    "\U0001f637\U0001f47e\U0001f621\U0001f525\U0001f4a9": 10,
    "\U0001f64b\U0001f3fd\U0001f468\u200d\U0001f3a4": 4,
    "1\u20e3": 2,
    FAMILY * 140: 280,
    f"Unicode 10.0 emoji: \U0001f92a; \U0001f9d5; \U0001f9d5\U0001f3fe; {ENGLAND}": 34,
    "Unicode 9.0 emoji: \U0001f920; \U0001f483; \U0001f483\U0001f3fe": 29,
    "\u2066\u202ahttp://foobar.پاکستان/\u202c\u2069": 31,
    "\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d": 9,
    "\u2020\u2021\u2030": 6,
    "randomurlrandomurlrandomurlrandomurlrandomurlrandomurlrandomurls.com": 68,
    "caf\u00e9": 4,
    "cafe\u0301": 4,
    "©®": 4,
}
FOUND = {
    "text http://example.com": ["http://example.com"],
    "x http://example.com/path?q=1&r=(2)#top y": ["http://example.com/path?q=1&r=(2)#top"],
    "(http://en.wikipedia.org/wiki/T-50_(footballer)).": ["http://en.wikipedia.org/wiki/T-50_(footballer)"],
    "MLB.tv vine.co": ["MLB.tv", "vine.co"],
    "http://t.co/abcde/more http://t.co/FNkPfmii-": ["http://t.co/abcde", "http://t.co/FNkPfmii"],
    "いまなにしてるtwitter.comいまなにしてる": ["twitter.com"],
    "http://はじめよう.みんな/?query=1": ["http://はじめよう.みんな/?query=1"],
    "はじめよう.みんな": [],
    "@user.com #tag.com $ACME.com": [],
    "mail kim@example.com": [],
    "http://no-tld http://a.b.nosuchtld": [],
    "See example.com.": ["example.com"],
    "http://foo_bar.example.com http://foo.zz_.com": ["http://foo_bar.example.com"],
}


@pytest.mark.parametrize("text", WEIGHED)
def test_a_text_counts_as_x_counts_it(text: str) -> None:
    assert length(text) == WEIGHED[text]


@pytest.mark.parametrize("text", FOUND)
def test_links_are_those_that_x_finds(text: str) -> None:
    assert [link.url for link in links(text)] == FOUND[text]


@pytest.mark.parametrize(
    ("text", "count"),
    [("$ACME", 1), ("$ACME and $GOOG", 2), ("$1000 $", 0), ("a$ACME", 0), ("$ACME.A, $BRK_B", 2), ("$TOOLONGNAME", 0)],
)
def test_cashtags_are_those_that_x_finds(text: str, count: int) -> None:
    assert len(cashtags(text)) == count


PIECES = st.sampled_from(
    ["https://", "example.com", "t.co/a", ".", "/", "(", ")", "a", "日", "é", "@", "#", "-", "_", " ", "\u200d", FAMILY]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=40).map("".join))
@example("http://a.com/(((")
def test_links_lie_in_the_text_one_after_the_other(text: str) -> None:
    end = 0
    for link in links(text):
        assert end <= link.start < link.end <= len(text)
        assert text[link.start : link.end] == link.url
        end = link.end


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_texts_apart_count_together_what_each_counts(one: str, other: str) -> None:
    assert length(f"{one}\n{other}") == length(one) + 1 + length(other)


@pytest.mark.parametrize("text", ["日" * 25_000 + ".zz.com", "a." * 12_000 + ".com", "http://a.com/" + "(a" * 9000])
def test_no_text_takes_long(text: str) -> None:
    began = time.monotonic()
    links(text)
    assert time.monotonic() - began < 8

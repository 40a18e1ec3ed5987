from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies

from punctual.atproto.richtext import facets

WHO = {"alice.test": "did:plc:alice", "bob.example.com": "did:plc:bob", "xn--80ak6aa92e.test": "did:plc:puny"}


def named(text: str) -> list[str]:
    """What each facet covers, cut out of the text's bytes, and what it says it is."""
    return [f"{covered(text, facet)} {says(facet)}" for facet in facets(text, WHO.get)]


def covered(text: str, facet: dict[str, Any]) -> str:
    return text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()


def says(facet: dict[str, Any]) -> str:
    (feature,) = facet["features"]
    return next(value for name, value in feature.items() if name != "$type")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://example.com.", ["https://example.com"]),
        ("(https://example.com/a?b=c#d)!", ["https://example.com/a?b=c#d"]),
        ("https://en.wikipedia.org/wiki/Tea_(meal)", ["https://en.wikipedia.org/wiki/Tea_(meal)"]),
        ("https://münchen.example/straße", ["https://münchen.example/straße"]),
        ("👩‍👩‍👧 cafe\u0301 https://example.com", ["https://example.com"]),
        ("שלום https://example.com", ["https://example.com"]),
        ("http://a https://b", ["http://a", "https://b"]),
        ("example.com and file.py", []),
        ("ftp://example.com mailto:a@alice.test", []),
        ("https:// https:///x https://\ufeffx https://...", []),
    ],
)
def test_links_are_what_a_reader_would_click(text: str, expected: list[str]):
    assert named(text) == [f"{link} {link}" for link in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@alice.test", ["@alice.test did:plc:alice"]),
        ("Hi (@alice.test), “@Bob.Example.COM”!", ["@alice.test did:plc:alice", "@Bob.Example.COM did:plc:bob"]),
        ("@alice.test. Next", ["@alice.test did:plc:alice"]),
        ("@alice.test's", ["@alice.test did:plc:alice"]),
        ("@alice.testさん", ["@alice.test did:plc:alice"]),
        ("👋🏽 cafe\u0301 @alice.test", ["@alice.test did:plc:alice"]),
        ("שלום \u200f@alice.test\u200f עולם", ["@alice.test did:plc:alice"]),
        ("\u202a@alice.test\u202c", ["@alice.test did:plc:alice"]),
        ("@xn--80ak6aa92e.test", ["@xn--80ak6aa92e.test did:plc:puny"]),
        ("mail bob@alice.test or @bob@alice.test or @alice.test@example.com", []),
        ("@alice @alice_x.test @-alice.test @alice.test-", []),
        ("@nobody.example", []),
        ("https://x.example/@alice.test", ["https://x.example/@alice.test https://x.example/@alice.test"]),
    ],
)
def test_mentions_are_handles_that_belong_to_someone(text: str, expected: list[str]):
    assert named(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#tea", ["#tea tea"]),
        ("Good #tea, #Zürich! (#東京) ＃寿司。", ["#tea tea", "#Zürich Zürich", "#東京 東京", "＃寿司 寿司"]),
        ("#cafe\u0301 #c++ #2026goals #🚀", ["#cafe\u0301 cafe\u0301", "#c++ c++", "#2026goals 2026goals", "#🚀 🚀"]),
        ("\u200f#שלום", ["#שלום שלום"]),
        ("#one #two\n#three", ["#one one", "#two two", "#three three"]),
        ("##meta", ["##meta #meta"]),
        ("#1 #2026 #... # #️⃣ #⃣ a#b", []),
        ("#a\u200bb", ["#a a"]),
        ("#" + "x" * 64, ["#" + "x" * 64 + " " + "x" * 64]),
        ("#" + "x" * 65, []),
        ("#" + "e\u0301\u0323\u0331\u0304\u0308" * 60, []),
        ("#https://example.com", ["https://example.com https://example.com"]),
    ],
)
def test_hashtags_are_those_of_the_app(text: str, expected: list[str]):
    assert named(text) == expected


def test_a_handle_named_twice_is_looked_up_once():
    asked: list[str] = []

    def did_of(handle: str) -> str:
        asked.append(handle)
        return "did:plc:alice"

    assert len(facets("@alice.test @ALICE.test", did_of)) == 2
    assert asked == ["alice.test"]


PIECES = strategies.sampled_from(
    [
        "https://example.com",
        "@alice.test",
        "#tea",
        " ",
        "\n",
        "(",
        ")",
        ".",
        "’",
        "👩‍👩‍👧",
        "é",
        "\u0301",
        "ש",
        "\u200f",
        "#",
        "@",
    ]
)


@given(strategies.lists(PIECES | strategies.characters(codec="utf-8"), max_size=40).map("".join))
def test_the_bytes_a_facet_covers_are_what_it_names_and_no_two_overlap(text: str):
    found = facets(text, WHO.get)

    for facet in found:
        part, value = covered(text, facet), says(facet)
        named_by_value = {handle for handle, did in WHO.items() if did == value}
        assert part == value or part[1:] == value or part[1:].lower() in named_by_value
    places = [(facet["index"]["byteStart"], facet["index"]["byteEnd"]) for facet in found]
    assert all(start < end for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))


@given(
    strategies.text(strategies.characters(codec="utf-8"), max_size=30),
    strategies.sampled_from(["https://example.com/a", "@alice.test", "#tea"]),
    strategies.text(strategies.characters(codec="utf-8"), max_size=30),
)
def test_what_stands_alone_between_spaces_is_always_found(before: str, part: str, after: str):
    text = f"{before} {part} {after}"

    start = len(f"{before} ".encode())
    assert {"byteStart": start, "byteEnd": start + len(part.encode())} in [
        facet["index"] for facet in facets(text, WHO.get)
    ]

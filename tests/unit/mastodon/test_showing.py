"""Posts as Mastodon's site shows them.

https://github.com/mastodon/mastodon/blob/039d55592c74d8f82e2959f5cd1ec2758a5901af/app/lib/text_formatter.rb
"""

import pytest

from punctual.mastodon_api.showing import shown_on_site
from punctual.providers.posting import Entity, Shown

SERVER = "https://mastodon.example"


def show(text: str, *, is_mastodon: bool = True) -> Shown:
    return shown_on_site(text, SERVER, is_mastodon=is_mastodon)


def seen(text: str, *, is_mastodon: bool = True) -> list[tuple[str, str | None]]:
    found = show(text, is_mastodon=is_mastodon)
    return [(found.text[each.start : each.end], each.url) for each in found.entities]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com", "example.com"),
        ("http://www.example.com/a", "example.com/a"),
        ("https://example.com/" + "a" * 18, "example.com/" + "a" * 18),
        ("https://example.com/" + "a" * 19, "example.com/" + "a" * 18 + "…"),
    ],
)
def test_a_links_scheme_is_hidden_and_thirty_characters_are_shown(url: str, shown: str) -> None:
    found = show(f"See {url} there")
    assert found.text == f"See {shown} there"
    assert found.entities == (Entity(kind="link", start=4, end=4 + len(shown), url=url),)


def test_places_are_code_points_of_the_text_as_shown() -> None:
    text = "😀 https://www.example.com/a #tag"
    assert seen(text) == [
        ("example.com/a", "https://www.example.com/a"),
        ("#tag", f"{SERVER}/tags/tag"),
    ]


def test_a_mentions_host_is_hidden_and_only_the_server_knows_where_that_account_is() -> None:
    assert seen("Hi @ada@other.example!") == [("@ada", None)]


def test_an_account_of_the_same_server_is_where_mastodon_has_it() -> None:
    assert seen("@ada") == [("@ada", f"{SERVER}/@ada")]
    assert seen("@ada", is_mastodon=False) == [("@ada", None)]


def test_two_accounts_of_one_name_are_told_apart_by_their_hosts() -> None:
    text = "@ada@one.example and @Ada@two.example"
    assert show(text).text == text
    assert show("@ada@one.example and @ada@one.example").text == "@ada and @ada"


@pytest.mark.parametrize("text", ["a@b.example", "#1", "a#tag", "# tag", "=@ada"])
def test_what_only_looks_like_a_mention_or_a_hashtag_stays_text(text: str) -> None:
    assert show(text) == Shown(text=text)


def test_a_hashtag_in_any_script_is_linked() -> None:
    assert seen("＃标签 #été_2027") == [
        ("#标签", f"{SERVER}/tags/%E6%A0%87%E7%AD%BE"),
        ("#été_2027", f"{SERVER}/tags/%C3%A9t%C3%A9_2027"),
    ]


@pytest.mark.parametrize("url", ["https://example.com/#tag", "https://example.com/~@ada"])
def test_what_is_inside_a_link_is_part_of_the_link(url: str) -> None:
    assert [found for _, found in seen(url)] == [url]


def test_a_link_that_a_hashtag_seems_to_begin_is_a_link() -> None:
    assert seen("#https://example.com") == [("example.com", "https://example.com")]


def test_the_ends_are_stripped_and_blank_lines_are_one() -> None:
    """https://api.rubyonrails.org/classes/ActionView/Helpers/TextHelper.html#method-i-simple_format"""
    assert show("  one\r\ntwo\n\n\n\nthree\n").text == "one\ntwo\n\nthree"

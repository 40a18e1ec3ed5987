"""Posts as Bluesky's app shows them: https://github.com/bluesky-social/social-app"""

import pytest

from punctual.atproto.showing import short_url, shown_by_app


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/", "example.com"),
        ("https://Example.com/Path", "example.com/Path"),
        ("https://www.example.com:8443/a", "www.example.com:8443/a"),
        ("https://example.com:443/a", "example.com/a"),
        ("https://example.com/12345678901234", "example.com/12345678901234"),
        ("https://example.com/123456789012345", "example.com/123456789012..."),
        ("https://example.com/?q=1#there", "example.com?q=1#there"),
        ("https://example.com/é", "example.com/%C3%A9"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://[::1", "https://[::1"),
        ("https://example.com:port/", "https://example.com:port/"),
        ("https:///nowhere", "https:///nowhere"),
    ],
)
def test_a_link_is_shown_without_its_scheme_and_its_path_cut(url: str, shown: str) -> None:
    """src/lib/strings/url-helpers.ts, toShortUrl"""
    assert short_url(url) == shown


def test_links_mentions_and_hashtags_are_where_the_app_has_them() -> None:
    found = shown_by_app("😀 @ada.example.com https://example.com/a/long/way/off/ #Tag!", ())
    assert found.text == "😀 @ada.example.com example.com/a/long/way/o... #Tag!"
    assert [(found.text[each.start : each.end], each.url) for each in found.entities] == [
        ("@ada.example.com", "https://bsky.app/profile/ada.example.com"),
        ("example.com/a/long/way/o...", "https://example.com/a/long/way/off/"),
        ("#Tag", "https://bsky.app/hashtag/Tag"),
    ]


def test_a_list_shows_twenty_five_lines() -> None:
    """src/lib/constants.ts, MAX_POST_LINES"""
    assert shown_by_app("\n".join("a" * 25), ()).folds_at is None
    folded = shown_by_app("\n".join("a" * 26), ())
    assert folded.folds_at is not None
    assert folded.text[: folded.folds_at].count("\n") == 24
    assert folded.text[folded.folds_at :] == "\na"


def test_its_labels_are_its_warning() -> None:
    assert shown_by_app("a", ("nudity", "sexual", "nudity")).content_warning == "nudity, sexual"
    assert shown_by_app("a", ()).content_warning is None

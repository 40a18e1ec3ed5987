"""Posts as X's site shows them."""

import pytest

from punctual.providers.posting import Entity
from punctual.x_api.showing import shown_on_site


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://developer.x.com/en/use-cases/solutions", "developer.x.com/en/use-cases/s…"),
        ("https://www.youtube.com/watch?v=oHg5SJYRHA0", "youtube.com/watch?v=oHg5SJ…"),
        ("http://bit.ly/2so49n2", "bit.ly/2so49n2"),
        ("example.com", "example.com"),
    ],
)
def test_links_lose_their_scheme_and_their_end(written: str, shown: str) -> None:
    found = shown_on_site(f"See {written}")
    assert found.text == f"See {shown}"
    assert found.entities[0].url in (written, f"https://{written}")


def test_mentions_hashtags_and_cashtags_can_be_clicked() -> None:
    found = shown_on_site("@kim #Gärten $ACME mail@example.com #1")
    assert found.entities[:3] == (
        Entity(kind="mention", start=0, end=4, url="https://x.com/kim"),
        Entity(kind="hashtag", start=5, end=12, url="https://x.com/hashtag/G%C3%A4rten"),
        Entity(kind="hashtag", start=13, end=18, url="https://x.com/search?q=%24ACME"),
    )
    assert len(found.entities) == 3


def test_a_long_post_is_folded_where_a_short_one_would_end() -> None:
    assert shown_on_site("x" * 280).folds_at is None
    assert shown_on_site("x" * 281).folds_at == 280
    assert shown_on_site("日" * 141).folds_at == 140

"""What a post on Threads may have beside its text, and how it is shown."""

from typing import Any

import pytest
from pydantic import ValidationError

from punctual.providers.media import NO_MEDIA
from punctual.providers.posting import Entity, PartKind
from punctual.threads_api import rules
from punctual.threads_api.settings import Settings


def broken(text: str, kind: PartKind = "post", **settings: Any) -> list[str]:
    return [each.rule for each in rules.broken(text, Settings(**settings), kind)]


def links(*names: str) -> str:
    return " ".join(f"https://{name}.example/" for name in names)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (links("a", "b", "c", "d", "e"), {}),
        (links("a", "b", "c", "d", "e", "e", "a"), {}),
        (links("a", "b", "c", "d", "e"), {"link": "https://a.example/"}),
        ("www.example.com, www.example.com and " + links("a", "b", "c", "d"), {}),
        ("mail@www.example.com and " + links("a", "b", "c", "d", "e"), {}),
    ],
)
def test_five_different_links_are_taken(text: str, settings: dict[str, str]) -> None:
    assert broken(text, **settings) == []


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (links("a", "b", "c", "d", "e", "f"), {}),
        (links("a", "b", "c", "d", "e"), {"link": "https://f.example/"}),
        ("www.example.com, " + links("a", "b", "c", "d", "e"), {}),
    ],
)
def test_six_are_not(text: str, settings: dict[str, str]) -> None:
    assert broken(text, **settings) == ["threads.text.links"]


def test_the_link_of_the_settings_is_the_first_parts_alone() -> None:
    assert broken(links("a", "b", "c", "d", "e"), "thread", link="https://f.example/") == []


def test_nothing_goes_on_with_a_ghost() -> None:
    assert broken("Hi", is_ghost=True) == []
    assert broken("Hi", "thread", is_ghost=True) == ["threads.text.after_ghost"]
    assert broken("Hi", "comment", is_ghost=True) == ["threads.text.after_ghost"]


@pytest.mark.parametrize(
    "settings",
    [
        {"link": "https://example.com/"},
        {"poll": {"options": ["a", "b"]}},
        {"gif": "3o7"},
        {"long_text": "Long"},
        {"is_ghost": True},
    ],
)
def test_what_only_posts_of_text_have_leaves_no_room_for_files(settings: dict[str, Any]) -> None:
    found = Settings.model_validate(settings)
    assert rules.media(found, "post") == NO_MEDIA
    assert rules.media(found, "thread") == rules.MEDIA


@pytest.mark.parametrize(
    "settings",
    [
        {"poll": {"options": ["a", "b"]}, "link": "https://example.com/"},
        {"poll": {"options": ["a", "b"]}, "long_text": "Long"},
        {"gif": "3o7", "link": "https://example.com/"},
        {"is_ghost": True, "topic_tag": "Cats"},
        {"is_ghost": True, "poll": {"options": ["a", "b"]}},
        {"poll": {"options": ["a"]}},
        {"poll": {"options": ["a", "b", "c", "d", "e"]}},
        {"poll": {"options": ["a", "x" * 26]}},
        {"poll": {"options": ["a", " "]}},
        {"topic_tag": "a.b"},
        {"topic_tag": "cats & dogs"},
        {"topic_tag": "#"},
        {"topic_tag": "x" * 51},
        {"reply_control": "nobody"},
        {"link": "example.com"},
        {"quote_post_id": "DCkkKl_OGb1"},
        {"long_text": "x" * 10_001},
    ],
)
def test_what_does_not_go_together_or_is_none_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings)


def test_what_goes_together() -> None:
    Settings(link="https://example.com/", long_text="Long", topic_tag="Cats and dogs", reply_control="everyone")
    Settings(is_ghost=True, is_spoiler=False)
    assert Settings.model_validate({"topic_tag": " #Cats"}).topic_tag == "Cats"


def shown(text: str, topic: str | None = None) -> tuple[str, list[tuple[str, str, str | None]]]:
    found = rules.shown_on_site(text, topic)
    return found.text, [_entity(each, found.text) for each in found.entities]


def _entity(found: Entity, text: str) -> tuple[str, str, str | None]:
    return found.kind, text[found.start : found.end], found.url


def test_links_and_mentions_can_be_clicked() -> None:
    assert shown("See https://example.com/a. By @kim.k, not a@b.example") == (
        "See https://example.com/a. By @kim.k, not a@b.example",
        [
            ("link", "https://example.com/a", "https://example.com/a"),
            ("mention", "@kim.k", "https://www.threads.com/@kim.k"),
        ],
    )


@pytest.mark.parametrize(
    ("text", "seen", "topic"),
    [
        ("A #cat and a #dog", "A cat and a #dog", "cat"),
        ("We are #1, #cats!", "We are #1, cats!", "cats"),
        ("#cat.s", "cat.s", "cat"),
        ("#" + "x" * 51 + " #cat", "#" + "x" * 51 + " cat", "cat"),
        ("#2x4", "2x4", "2x4"),
        ("#猫", "猫", "猫"),
    ],
)
def test_the_first_tag_becomes_the_topic_and_loses_its_sign(text: str, seen: str, topic: str) -> None:
    assert shown(text) == (seen, [("hashtag", topic, None)])


@pytest.mark.parametrize("text", ["#1", "# cat", "a#cat", "https://example.com/#cat", "#.cat"])
def test_no_tag_is_no_topic(text: str) -> None:
    found, entities = shown(text)
    assert found == text
    assert [kind for kind, *_ in entities if kind == "hashtag"] == []


def test_a_topic_that_is_given_apart_leaves_the_text_as_it_is() -> None:
    assert shown("A #cat", "Dogs") == ("A #cat", [])

"""What Instagram takes, by what a post is."""

from typing import Any

import pytest
from pydantic import ValidationError

from punctual.instagram_api import rules
from punctual.instagram_api.settings import Settings
from punctual.providers.posting import PartKind
from tests.unit.test_every_provider import ACCOUNT, no_network, provider

STORY = Settings(post_type="story")


def broken(text: str, settings: Settings | None = None, kind: PartKind = "post") -> list[str]:
    found = provider("instagram", no_network).check(text, settings or Settings(), ACCOUNT, kind)
    return [each.rule for each in found]


@pytest.mark.parametrize(
    ("settings", "kind", "takes", "items", "is_mixed"),
    [
        ({}, "post", {"image", "video"}, 10, True),
        ({"post_type": "story"}, "post", {"image", "video"}, 1, False),
        ({"trial_reel": "MANUAL"}, "post", {"video"}, 1, True),
        ({}, "comment", set(), 0, False),
    ],
)
def test_what_a_post_may_carry_is_as_its_settings_have_it(
    settings: dict[str, Any], kind: PartKind, takes: set[str], items: int, is_mixed: bool
) -> None:
    found = provider("instagram", no_network).media_rules(Settings(**settings), ACCOUNT, kind)
    assert {name for name in ("image", "animation", "video") if getattr(found, name)} == takes
    assert (found.max_items, found.is_mixed, found.needs_media) == (items, is_mixed, kind == "post")


def test_a_story_may_have_any_shape_and_less_time() -> None:
    found = rules.media(STORY, "post")
    assert found.image
    assert found.video
    assert (found.image.types, found.image.max_ratio, found.video.max_seconds) == (("image/jpeg",), None, 60)
    assert not found.takes_cover
    assert not found.max_alt_text


def test_hashtags_and_mentions_are_counted() -> None:
    assert broken("#a1 " * 30 + "@kim.doe " * 20) == []
    assert broken("#a " * 31) == ["instagram.text.hashtags"]
    assert broken("@kim " * 21) == ["instagram.text.mentions"]
    assert broken("#a " * 31, kind="comment") == ["instagram.text.hashtags"]


@pytest.mark.parametrize("text", ["a#b " * 31, "mail@kim.example " * 21, "# 1 " * 31, "https://x.example/#top " * 31])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert broken(text) == []


def test_a_story_has_neither_a_caption_nor_a_comment() -> None:
    assert broken("Hello", STORY) == ["instagram.text.story"]
    assert broken("", STORY) == []
    assert broken("First", STORY, "comment") == ["instagram.text.comment_on_story"]


def test_a_caption_shows_people_and_tags_to_be_clicked_and_no_links() -> None:
    text = "With @kim.doe. at https://example.com #Käse"
    shown = provider("instagram", no_network).preview(text, Settings(), ACCOUNT)
    assert shown.text == text
    assert [(each.kind, text[each.start : each.end], each.url) for each in shown.entities] == [
        ("mention", "@kim.doe", "https://www.instagram.com/kim.doe/"),
        ("hashtag", "#Käse", "https://www.instagram.com/explore/tags/Käse/"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        {"post_type": "reel"},
        {"collaborators": ["a", "b", "c", "d"]},
        {"collaborators": ["not a name"]},
        {"user_tags": [{"username": "kim", "x": 0.5}]},
        {"user_tags": [{"username": "kim", "x": 1.5, "y": 0}]},
        {"user_tags": [{"username": "kim", "file": 11}]},
        {"location_id": "Paris"},
        {"trial_reel": "manual"},
        *({"post_type": "story", **each} for each in ({"location_id": "1"}, {"collaborators": ["kim"]})),
        *({"post_type": "story", **each} for each in ({"share_to_feed": False}, {"trial_reel": "MANUAL"})),
        {"post_type": "story", "audio_name": "Rain"},
        {"mood": "sunny"},
    ],
)
def test_settings_that_instagram_would_refuse_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**given)


def test_a_name_is_the_same_with_and_without_its_sign() -> None:
    assert Settings(collaborators=("@kim.doe", "lee")).collaborators == ("kim.doe", "lee")
    assert Settings.model_validate({"user_tags": [{"username": "@kim"}]}).user_tags[0].username == "kim"


def test_every_setting_says_what_it_is() -> None:
    schema = Settings.model_json_schema()
    tags = schema["$defs"]["UserTag"]["properties"]
    assert [name for name, about in {**schema["properties"], **tags}.items() if not about.get("description")] == []

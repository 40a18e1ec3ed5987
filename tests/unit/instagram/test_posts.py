"""What containers are made of, where that is not as one would think; and what they say."""

import json
from dataclasses import replace
from typing import Any

import pytest

from punctual.instagram_api.posts import PostContainers
from punctual.instagram_api.settings import Settings
from punctual.providers.base import Account, Outgoing
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Rejected
from tests.attachments import attachment
from tests.unit.test_every_provider import GRANT, NOW, no_network, provider


def containers(*media: Attachment, text: str = "Hello", **settings: Any) -> PostContainers:
    post = Outgoing(
        delivery_id="dlv_1",
        key="dlv_1.0.1",
        text=text,
        settings=Settings(**settings),
        due_at=NOW,
        account=Account(id="17", handle="@kim"),
        media=media,
    )
    found: Any = provider("instagram", no_network)
    return PostContainers(found, post, GRANT)


PICTURE, VIDEO = attachment(b"a picture", alt_text="A cat"), attachment(b"a video", kind="video", alt_text="Unheard")


def test_a_picture_names_no_kind_and_a_single_video_is_a_reel() -> None:
    assert containers(PICTURE).whole(()) == {
        "image_url": PICTURE.content.url(),
        "alt_text": "A cat",
        "caption": "Hello",
    }
    assert containers(VIDEO).whole(()) == {
        "media_type": "REELS",
        "video_url": VIDEO.content.url(),
        "caption": "Hello",
    }
    assert containers(PICTURE).children() == ()


def test_items_have_no_caption_and_the_carousel_no_files() -> None:
    made = containers(PICTURE, VIDEO, collaborators=["lee"])
    assert made.children() == [
        {"is_carousel_item": "true", "image_url": PICTURE.content.url(), "alt_text": "A cat"},
        {"is_carousel_item": "true", "video_url": VIDEO.content.url(), "media_type": "VIDEO"},
    ]
    assert made.whole(["1", "2"]) == {
        "media_type": "CAROUSEL",
        "children": "1,2",
        "caption": "Hello",
        "collaborators": '["lee"]',
    }


def test_a_cover_comes_before_a_frame() -> None:
    cover = attachment(b"a cover")
    both = containers(replace(VIDEO, cover=cover, cover_ms=100)).whole(())
    assert both["cover_url"] == cover.content.url()
    assert "thumb_offset" not in both
    assert containers(replace(VIDEO, cover_ms=0)).whole(())["thumb_offset"] == "0"


def tags(made: dict[str, str]) -> Any:
    return json.loads(made["user_tags"])


def test_a_tag_has_a_place_in_a_picture_and_none_in_a_video() -> None:
    placed, unplaced = {"username": "kim", "x": 0.0, "y": 1.0}, {"username": "lee"}
    about = {"user_tags": [placed, unplaced]}
    middle = {**unplaced, "x": 0.5, "y": 0.5}
    assert tags(dict(containers(PICTURE, **about).whole(()))) == [placed, middle]
    assert tags(dict(containers(VIDEO, **about).whole(()))) == [{"username": "kim"}, unplaced]
    for file in (PICTURE, VIDEO):
        assert tags(dict(containers(file, text="", post_type="story", **about).whole(()))) == [placed, unplaced]


def test_a_tag_is_in_its_own_file() -> None:
    made = containers(PICTURE, PICTURE, user_tags=[{"username": "kim", "file": 2}])
    assert ["user_tags" in each for each in made.children()] == [False, True]
    with pytest.raises(Rejected):
        containers(PICTURE, user_tags=[{"username": "kim", "file": 2}]).whole(())


def test_captions_may_be_listed_without_their_signs() -> None:
    ours = containers(PICTURE, text="With @kim,\n\nhello  there")
    assert ours.says("With @kim,\n\nhello  there")
    assert ours.says("With kim,\nhello there")
    assert not ours.says("With @lee, hello there")
    assert not ours.says("")
    assert containers(PICTURE, text="", post_type="story").says("whatever")


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("Error: Media upload has failed with error code 2207026", "media_refused"),
        ("2207010", "refused"),
        ("Error: Media upload has failed with error code 2207053", None),
        ("Error: Media upload has failed with error code 2207003", None),
        ("Error: Media upload has failed with error code 2299999", None),
        ("Error", None),
        ("", None),
    ],
)
def test_a_container_that_failed_says_whether_the_post_is_to_blame(why: str, code: str | None) -> None:
    refusal = containers(PICTURE).refusal(why)
    assert (refusal and refusal.code) == code


@pytest.mark.parametrize(
    ("platform_code", "is_gone"),
    [("100/33", True), ("24/2207006", True), ("-2/2207020", True), ("100", False), ("10", False), (None, False)],
)
def test_a_container_that_is_let_go_of_is_gone(platform_code: str | None, is_gone: bool) -> None:
    error = Rejected("No.", code="refused", status=400, platform_code=platform_code)
    assert containers(PICTURE).is_gone(error) == is_gone


def test_addresses_of_files_are_not_shown() -> None:
    assert PICTURE.content.url() not in repr(containers(PICTURE).post)

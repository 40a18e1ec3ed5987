"""The small Instagram refuses what its documents say that it refuses, by the codes that they give."""

import json

import pytest

from tests.contract.instagram.person import JPEG, JPG, MOVIE, Person, picture, wrong


@pytest.fixture
def kim() -> Person:
    """Connected, with the token of one page."""
    return Person().connect()


def test_images_are_jpegs_of_a_size_and_shape_that_can_be_fetched(kim):
    kim.files |= {
        "https://files.example/a.png": picture(kind="PNG"),
        "https://files.example/big.jpg": JPEG + b"x" * (8 * 1024 * 1024),
        "https://files.example/tall.jpg": picture(10, 20),
        "https://files.example/wide.jpg": picture(40, 20),
    }
    names = ("a.png", "big.jpg", "tall.jpg", "wide.jpg", "gone.jpg")
    said = [wrong(kim.created(image_url=f"https://files.example/{name}")) for name in names]
    assert said == [(36001, 2207005), (36000, 2207004), (36003, 2207009), (36003, 2207009), (9004, 2207052)]
    assert kim.created(media_type="STORIES", image_url="https://files.example/tall.jpg").status_code == 200


@pytest.mark.parametrize("caption", ["x" * 2201, "#a " * 31, "@a " * 21], ids=["long", "hashtags", "mentions"])
def test_a_caption_has_limits(kim, caption):
    assert wrong(kim.created(image_url=JPG, caption=caption)) == (36004, 2207010)


def test_captions_at_their_limits_are_taken(kim):
    for caption in ("x" * 2200, "#a " * 30, "@a " * 20):
        assert kim.created(image_url=JPG, caption=caption).status_code == 200


TAG = {"username": "lee", "x": 0.5, "y": 0.5}
REFUSED = {
    "no media": ({}, (100, None)),
    "an unknown type": ({"media_type": "REEL", "video_url": MOVIE}, (100, 2207023)),
    "a video that is no reel": ({"media_type": "VIDEO", "video_url": MOVIE}, (100, 2207067)),
    "a reel as an item": ({"media_type": "REELS", "video_url": MOVIE, "is_carousel_item": "true"}, (100, None)),
    "a description of a reel": ({"media_type": "REELS", "video_url": MOVIE, "alt_text": "A"}, (100, None)),
    "collaborators of a story": ({"media_type": "STORIES", "image_url": JPG, "collaborators": '["lee"]'}, (100, None)),
    "too many collaborators": ({"image_url": JPG, "collaborators": "a,b,c,d,e,f"}, (100, None)),
    "a tag without its place": ({"image_url": JPG, "user_tags": '[{"username":"lee"}]'}, (100, None)),
    "a tag outside": ({"image_url": JPG, "user_tags": json.dumps([{**TAG, "x": 2}])}, (100, None)),
    "too many tags": ({"image_url": JPG, "user_tags": json.dumps([TAG] * 21)}, (100, 2207040)),
    "a product without its place": ({"image_url": JPG, "product_tags": '[{"product_id":"1"}]'}, (100, 2207036)),
    "a product that is none": ({"image_url": JPG, "product_tags": '[{"product_id":"x"}]'}, (100, 2207037)),
    "a product placed in a reel": (
        {"media_type": "REELS", "video_url": MOVIE, "product_tags": '[{"product_id":"1","x":0}]'},
        (100, 2207035),
    ),
    "a location by name": ({"image_url": JPG, "location_id": "Berlin"}, (100, None)),
    "a trial of an image": ({"image_url": JPG, "trial_params": '{"graduation_strategy":"MANUAL"}'}, (100, 2207081)),
    "an unknown strategy": (
        {"media_type": "REELS", "video_url": MOVIE, "trial_params": '{"graduation_strategy":"NEVER"}'},
        (100, 2207081),
    ),
    "a thumbnail after the end": (
        {"media_type": "REELS", "video_url": MOVIE, "thumb_offset": "60000"},
        (1, 2207057),
    ),
    "a cover that is not there": (
        {"media_type": "REELS", "video_url": MOVIE, "cover_url": "https://files.example/gone.jpg"},
        (9004, 2207052),
    ),
    "a flag that is none": ({"image_url": JPG, "is_carousel_item": "yes"}, (100, None)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_container_is_refused_for(kim, name):
    form, said = REFUSED[name]
    assert wrong(kim.created(**form)) == said
    assert kim.side.containers == {}

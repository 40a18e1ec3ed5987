"""The far side is held to the dossier: files, whole and in segments."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest

from tests.contract.x.side_caller import MP4, PNG, Caller, says
from tests.contract.x.side_media import MB
from tests.contract.x.side_sign_in import Person

INVALID = (400, "Your media IDs are invalid.")
GIF = b"GIF89a" + b"frames" * 20


@pytest.fixture
def x() -> Caller:
    return Caller().connected()


def test_an_image_is_sent_whole_and_shown_with_its_words(x: Caller) -> None:
    answer = x.call("POST", "media/upload", data={"media_category": "tweet_image"}, files={"media": ("a", PNG)}).json()
    assert answer["data"]["size"] == len(PNG)
    assert answer["data"]["expires_after_secs"] == 86400
    assert answer["data"]["image"] == {"image_type": "image/png"}
    number = answer["data"]["id"]
    described = x.call("POST", "media/metadata", json={"id": number, "metadata": {"alt_text": {"text": "A cat"}}})
    assert described.json()["data"]["associated_metadata"] == {"alt_text": {"text": "A cat"}}
    x.posted(media={"media_ids": [number, x.image()]})
    (post,) = x.side.posts
    assert (post.kind, post.text, post.alt_texts) == ("images", "", ("A cat", ""))
    assert post.media == (sha256(PNG).hexdigest(),) * 2


def test_an_image_may_come_as_base64(x: Caller) -> None:
    body = {"media": b64encode(PNG).decode(), "media_category": "tweet_image"}
    assert x.call("POST", "media/upload", json=body).json()["data"]["size"] == len(PNG)
    assert x.call("POST", "media/upload", json={**body, "media": "no base64!"}).status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"media_category": "tweet_video"},
        {"media_category": "amplify_video"},
        {"media_category": "tweet_image", "command": "INIT"},
        {"media_category": "tweet_image", "media_type": "image/png"},
    ],
)
def test_an_upload_that_the_contract_does_not_allow_is_refused(x: Caller, form: dict[str, str]) -> None:
    assert x.call("POST", "media/upload", data=form, files={"media": ("a", PNG)}).status_code == 400


def test_an_image_has_five_megabytes_at_most_and_is_one(x: Caller) -> None:
    category = {"media_category": "tweet_image"}
    for data in (PNG + b"a" * 5 * MB, b"plain words"):
        assert x.call("POST", "media/upload", data=category, files={"media": ("a", data)}).status_code == 400
    assert x.side.files.held == {}


def test_a_video_is_worked_on_before_it_can_be_posted(x: Caller) -> None:
    x.side.processing_seconds = 10
    number = x.video()
    assert x.status(number).json()["data"]["processing_info"] == {"state": "pending", "check_after_secs": 5}
    assert says(x.post(media={"media_ids": [number]})) == INVALID
    x.clock.passes(seconds=8)
    info = x.status(number).json()["data"]["processing_info"]
    assert info == {"state": "in_progress", "check_after_secs": 2, "progress_percent": 80}
    x.clock.passes(seconds=2)
    assert x.status(number).json()["data"]["processing_info"] == {"state": "succeeded", "progress_percent": 100}
    x.posted("A film", media={"media_ids": [number]})
    assert (x.side.posts[0].kind, x.side.posts[0].media) == ("video", (sha256(MP4).hexdigest(),))


def test_work_that_takes_no_time_is_not_spoken_of(x: Caller) -> None:
    x.side.processing_seconds = 0
    number = x.video()
    assert "processing_info" not in x.finish(number).json()["data"]
    x.posted(media={"media_ids": [number]})


@pytest.mark.parametrize("spoils", [True, False])
def test_a_video_that_turns_out_bad_says_so_without_a_reason(x: Caller, spoils: bool) -> None:
    x.side.files.spoils = spoils
    number = x.video(MP4 if spoils else b"no video, whatever its type says")
    x.clock.passes(seconds=3)
    assert x.status(number).json()["data"]["processing_info"] == {"state": "failed", "progress_percent": 0}
    assert says(x.post(media={"media_ids": [number]})) == INVALID


def test_segments_come_in_any_order_and_may_come_again(x: Caller) -> None:
    number = x.begin(len(MP4)).json()["data"]["id"]
    half = len(MP4) // 2
    assert x.append(number, 1, MP4[half:]).status_code == 200
    assert x.append(number, 0, b"x" * half).status_code == 200
    assert x.append(number, 0, MP4[:half]).status_code == 200
    assert x.finish(number).json()["data"]["size"] == len(MP4)
    assert x.finish(number).status_code == 200
    assert x.side.files.held[number].data == MP4
    assert x.append(number, 0, MP4[:half]).status_code == 400


def test_segments_that_do_not_make_the_file_are_refused(x: Caller) -> None:
    number = x.begin(20).json()["data"]["id"]
    assert x.append(number, 0, b"a" * 21).status_code == 400
    assert x.append(number, 1000, b"a").status_code == 400
    assert x.append(number, 0, b"").status_code == 400
    assert x.append(number, 0, b"a" * 10).status_code == 200
    assert x.finish(number).status_code == 400
    assert x.append(number, 2, b"a" * 10).status_code == 200
    assert x.finish(number).status_code == 400
    assert x.status(number).json()["data"]["processing_info"]["state"] == "pending"


def test_a_segment_has_five_megabytes_at_most(x: Caller) -> None:
    number = x.begin(12 * MB).json()["data"]["id"]
    assert x.append(number, 0, b"a" * (5 * MB + 1)).status_code == 400
    assert x.append(number, 0, b"a" * 5 * MB).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"total_bytes": "20"},
        {"total_bytes": -1},
        {"total_bytes": 513 * MB},
        {"media_type": "video/avi"},
        {"media_type": "image/png"},
        {"media_category": "tweet_gif"},
        {"media_category": "tweet_film"},
        {"command": "INIT"},
        {"shared": "yes"},
    ],
)
def test_a_session_that_is_asked_for_wrongly_is_refused(x: Caller, changed: dict[str, Any]) -> None:
    body = {"media_type": "video/mp4", "total_bytes": 20, "media_category": "tweet_video", **changed}
    assert x.call("POST", "media/upload/initialize", json=body).status_code == 400


def test_a_post_has_four_images_or_one_animation_or_one_video(x: Caller) -> None:
    gif = x.video(GIF, mime="image/gif", media_category="tweet_gif")
    video, images = x.video(), [x.image() for _ in range(4)]
    x.clock.passes(seconds=3)
    for ids in ([gif, images[0]], [video, gif], [video, images[0]], ["1"], [images[0], "1"]):
        assert says(x.post("Mixed", media={"media_ids": ids})) == INVALID
    for number, ids in enumerate((images, [gif], [video])):
        x.posted(f"Post {number}", media={"media_ids": ids})
    assert [post.kind for post in x.side.posts] == ["images", "animation", "video"]


def test_a_file_is_forgotten_after_a_day(x: Caller) -> None:
    number = x.image()
    x.waits(hours=24)
    assert says(x.post(media={"media_ids": [number]})) == INVALID
    assert x.status(number).status_code == 404
    assert x.call("POST", "media/metadata", json={"id": number}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": 5},
        {"id": "1", "metadata": {"alt_text": "A cat"}},
        {"id": "1", "metadata": {"alt_text": {"text": "a" * 1001}}},
        {"id": "1", "metadata": {"alt_text": {}}},
    ],
)
def test_words_for_a_file_that_the_contract_does_not_allow_are_refused(x: Caller, body: dict[str, Any]) -> None:
    assert x.call("POST", "media/metadata", json=body).status_code == 400


def test_a_status_is_asked_for_by_id(x: Caller) -> None:
    for query in ({}, {"media_id": "abc"}, {"media_id": "1", "command": "FINALIZE"}, {"media_id": "1", "wait": "1"}):
        assert x.call("GET", "media/upload", params=query).status_code == 400


def test_a_file_of_somebody_else_is_not_there(x: Caller) -> None:
    number = x.image()
    x.side.person = Person("783214", "lena_reads", "Lena")
    x.connected()
    assert x.status(number).status_code == 404
    assert says(x.post(media={"media_ids": [number]})) == INVALID

"""How files reach X: pictures whole, animations and videos in parts, each description by a call of its own."""

import json

import httpx
import pytest

from punctual.providers.base import Outgoing
from punctual.providers.outcomes import Processing, RetryLater
from tests.attachments import attachment
from tests.contract.multipart import parts_of
from tests.contract.x.answering import GRANT, Answering
from tests.kept import Kept

MIB = 1024 * 1024
VIDEO = attachment(b"a" * 4 * MIB + b"b" * 4 * MIB + b"c", kind="video", alt_text="Waves")


@pytest.fixture
def x() -> Answering:
    return Answering()


def prepare(x: Answering, post: Outgoing) -> list[str]:
    """What is sent meanwhile."""
    began = len(x.sent)
    x.provider.prepare(post, GRANT, Kept(x.kept))
    return x.paths()[began:]


def test_a_picture_goes_in_one_request_and_needs_no_other(x: Answering) -> None:
    assert prepare(x, x.post(media=(attachment(b"a boat"),))) == ["POST /2/media/upload"]
    media, category = sorted(parts_of(x.sent[0]), key=lambda part: part.name)
    assert (media.data, media.type, media.file_name) == (b"a boat", "image/jpeg", "media.jpg")
    assert category.data == b"tweet_image"


def test_a_description_follows_the_file(x: Answering) -> None:
    prepare(x, x.post(media=(attachment(alt_text="A boat"),)))
    assert json.loads(x.sent[-1].content) == {
        "id": str(x.uploads),
        "metadata": {"alt_text": {"text": "A boat"}},
    }


def test_a_video_goes_in_numbered_parts(x: Answering) -> None:
    upload = f"POST /2/media/upload/{x.uploads + 1}"
    append, finalize = f"{upload}/append", f"{upload}/finalize"
    asked = prepare(x, x.post(media=(VIDEO,)))
    assert asked == ["POST /2/media/upload/initialize", append, append, append, finalize, "POST /2/media/metadata"]
    assert json.loads(x.sent[0].content) == {
        "media_type": "video/mp4",
        "total_bytes": 8 * MIB + 1,
        "media_category": "tweet_video",
    }
    parts = [{part.name: part.data for part in parts_of(each)} for each in x.sent[1:4]]
    assert [(part["segment_index"], part["media"][:1], len(part["media"])) for part in parts] == [
        (b"0", b"a", 4 * MIB),
        (b"1", b"b", 4 * MIB),
        (b"2", b"c", 1),
    ]


def test_an_animation_is_one_for_x(x: Answering) -> None:
    prepare(x, x.post(media=(attachment(kind="animation"),)))
    assert json.loads(x.sent[0].content)["media_category"] == "tweet_gif"


def test_a_part_that_arrived_is_not_sent_again(x: Answering) -> None:
    append = f"POST /2/media/upload/{x.uploads + 1}/append"
    x.changed[append] = [
        httpx.Response(200, json={"data": {}}),
        httpx.Response(503),
        httpx.Response(200, json={"data": {}}),
    ]
    post = x.post(media=(VIDEO,))
    with pytest.raises(RetryLater):
        x.provider.prepare(post, GRANT, Kept(x.kept))
    assert prepare(x, post).count(append) == 2
    numbers = [part.data for each in x.sent if each.url.path.endswith("append") for part in parts_of(each)]
    assert [number for number in numbers if len(number) == 1 and number.isdigit()] == [b"0", b"1", b"1", b"2"]


def test_x_is_asked_again_when_it_said_so(x: Answering) -> None:
    number = x.uploads + 1
    working = {"data": {"id": str(number), "processing_info": {"state": "in_progress", "check_after_secs": 7}}}
    done = {"data": {"id": str(number), "processing_info": {"state": "succeeded"}}}
    x.changed[f"POST /2/media/upload/{number}/finalize"] = [httpx.Response(200, json=working)]
    x.changed["GET /2/media/upload"] = [httpx.Response(200, json=working), httpx.Response(200, json=done)]
    post = x.post(media=(VIDEO,))
    with pytest.raises(Processing) as waiting:
        x.provider.prepare(post, GRANT, Kept(x.kept))
    assert waiting.value.retry_after == 7
    assert prepare(x, post) == ["GET /2/media/upload", "POST /2/media/metadata"]
    assert x.provider.publish(post, GRANT).platform_id
    assert json.loads(x.sent[-1].content)["media"] == {"media_ids": [str(number)]}


def test_what_was_prepared_is_not_prepared_again(x: Answering) -> None:
    post = x.post(media=(attachment(alt_text="A boat"), VIDEO))
    prepare(x, post)
    assert prepare(x, post) == []

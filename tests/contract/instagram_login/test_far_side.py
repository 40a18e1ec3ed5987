"""The small Instagram with its own login is held to the documents of the big one: what is published, and what fails."""

import hashlib
import io
import json

import httpx
import pytest
from PIL import Image

from tests.contract.instagram_login.far_side import InstagramLoginSide
from tests.contract.instagram_login.raw_client import FILES, A, B, C, Client, error_of


@pytest.fixture
def client() -> Client:
    return Client().connect()


def hashed(*urls: str) -> tuple[str, ...]:
    return tuple(hashlib.sha256(FILES[url]).hexdigest() for url in urls)


def test_a_picture_is_published_once(client):
    client.side.processing_seconds = 10
    number = client.make(image_url=A, caption="Hello", alt_text="A cat")
    assert client.status(number) == "IN_PROGRESS"
    assert error_of(client.publish(number)) == (9007, 2207027)
    client.wait(seconds=10)
    published = client.publish(number).json()["id"]
    assert published != number
    assert client.status(number) == "PUBLISHED"
    assert error_of(client.publish(number))[0] == 24
    [shown] = client.side.posts
    assert (shown.id, shown.kind, shown.text, shown.alt_texts) == (published, "image", "Hello", ("A cat",))
    assert shown.media == hashed(A)


def test_a_post_tells_its_permalink(client):
    number = client.post(image_url=A, caption="Hello")
    given = client.call("GET", f"/{number}", fields="id,permalink,shortcode,timestamp,caption").json()
    assert given["permalink"] == client.side.posts[0].url
    assert given["shortcode"] in given["permalink"]
    assert (given["caption"], given["timestamp"]) == ("Hello", "2026-11-26T08:00:00+0000")


def test_a_carousel_has_two_to_ten_items_in_their_order(client):
    first = client.make(image_url=B, is_carousel_item="true", alt_text="B")
    second = client.make(media_type="VIDEO", video_url=C, is_carousel_item="true")
    assert client.publish(first).is_error
    assert client.ask(media_type="CAROUSEL", children=first).is_error
    client.post(media_type="CAROUSEL", children=f"{first},{second}", caption="Two")
    [shown] = client.side.posts
    assert (shown.kind, shown.text, shown.media) == ("images", "Two", hashed(B, C))
    assert shown.alt_texts[0] == "B"


def test_a_video_is_a_reel_with_a_cover_and_what_was_set(client):
    client.post(media_type="REELS", video_url=C, caption="Hi", cover_url=A, share_to_feed="false", audio_name="Me")
    [shown] = client.side.posts
    assert (shown.kind, shown.media) == ("reel", hashed(C))
    assert (shown.about["cover"], shown.about["audio_name"]) == (hashed(A)[0], "Me")
    assert shown.about["share_to_feed"] is False
    assert "/reel/" in shown.url
    assert error_of(client.ask(media_type="VIDEO", video_url=C))[0] == 100


def test_a_story_has_no_caption_is_not_listed_and_is_gone_after_a_day(client):
    client.post(media_type="STORIES", image_url=A)
    assert [each.kind for each in client.side.posts] == ["story"]
    assert client.call("GET", f"/{client.number}/media").json()["data"] == []
    assert len(client.call("GET", f"/{client.number}/stories").json()["data"]) == 1
    client.wait(days=1)
    assert client.side.posts == []


def test_collaborators_and_tags_can_be_seen_but_not_on_stories(client):
    tags = [{"username": "sam", "x": 0.5, "y": 0.5}]
    client.post(image_url=A, collaborators=json.dumps(["ann"]), user_tags=json.dumps(tags), location_id="7640348500")
    about = client.side.posts[0].about
    assert (about["collaborators"], about["user_tags"], about["location_id"]) == (["ann"], tags, "7640348500")
    assert error_of(client.ask(media_type="STORIES", image_url=A, collaborators='["ann"]')) == (100, None)


def picture(kind: str, width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"x" * (8 * 1024 * 1024 + 1), (36000, 2207004)),
        (picture("PNG", 10, 10), (36001, 2207005)),
        (picture("JPEG", 10, 20), (36003, 2207009)),
    ],
)
def test_a_picture_is_jpeg_of_8_mib_and_of_a_shape(client, monkeypatch, content, error):
    monkeypatch.setitem(FILES, A, content)
    assert error_of(client.ask(image_url=A)) == error


def test_what_cannot_be_fetched_fails_at_once_or_while_it_is_worked_on(client):
    gone = "https://files.example/gone"
    assert error_of(client.ask(image_url=gone)) == (9004, 2207052)
    number = client.make(media_type="REELS", video_url=gone)
    given = client.call("GET", f"/{number}", fields="status_code,status").json()
    assert given["status_code"] == "ERROR"
    assert "2207077" in given["status"]
    assert error_of(client.publish(number)) == (-1, 2207032)


def test_a_caption_has_2200_characters_and_30_hashtags(client):
    assert client.make(image_url=A, caption="x" * 2200)
    for caption in ("x" * 2201, "#cat " * 31):
        assert error_of(client.ask(image_url=A, caption=caption)) == (36004, 2207010)


def test_there_is_no_post_without_a_file_and_no_upload_here(client):
    assert client.ask(caption="Hello").is_error
    assert client.ask(media_type="REELS", upload_type="resumable").is_error
    assert error_of(client.ask(media_type="POST", image_url=A)) == (100, 2207023)


def test_a_container_expires_after_a_day(client):
    number = client.make(image_url=A)
    client.wait(hours=24)
    assert client.status(number) == "EXPIRED"
    assert client.publish(number).is_error


def test_posts_are_listed_newest_first_and_may_lag_behind(client):
    numbers = [client.post(image_url=A, caption=str(number)) for number in range(3)]
    page = client.call("GET", f"/{client.number}/media", fields="id,caption", limit="2").json()
    assert [each["id"] for each in page["data"]] == [numbers[2], numbers[1]]
    client.side.listing_lag_seconds = 20
    client.post(image_url=A)
    assert len(client.call("GET", f"/{client.number}/media").json()["data"]) == 0
    client.wait(seconds=20)
    assert len(client.call("GET", f"/{client.number}/media").json()["data"]) == 4


def test_a_comment_answers_a_post_and_may_be_made_though_it_is_denied(client):
    number = client.post(image_url=A)
    first = client.call("POST", f"/{number}/comments", message="First").json()["id"]
    client.side.denies_what_it_does = {"comment"}
    assert client.call("POST", f"/{number}/comments", message="Second").status_code == 400
    assert [(each.kind, each.text, each.answers) for each in client.side.posts[1:]] == [
        ("comment", "First", number),
        ("comment", "Second", number),
    ]
    given = client.call("GET", f"/{number}/comments", fields="id,text,timestamp").json()["data"]
    assert [each["text"] for each in given] == ["Second", "First"]
    assert given[1]["id"] == first


def test_nothing_is_deleted_here(client):
    number = client.post(image_url=A)
    assert error_of(client.call("DELETE", f"/{number}")) == (100, 33)
    assert len(client.side.posts) == 1


def test_what_is_published_in_a_day_is_limited(client):
    client.side.quota_total = 2
    for _ in range(2):
        client.post(image_url=A)
    given = client.call("GET", f"/{client.number}/content_publishing_limit", fields="config,quota_usage").json()
    assert given["data"] == [{"config": {"quota_total": 2, "quota_duration": 86400}, "quota_usage": 2}]
    number = client.make(image_url=A)
    assert error_of(client.publish(number)) == (9, 2207042)
    client.wait(hours=23, minutes=59)
    number = client.make(image_url=A)
    client.wait(minutes=1)
    assert client.publish(number).is_success


def test_every_answer_tells_how_much_was_called(client):
    usage = json.loads(client.call("GET", "/me").headers["X-Business-Use-Case-Usage"])
    [case] = usage[client.number]
    assert case["type"] == "instagram"
    assert case.keys() >= {"call_count", "total_cputime", "total_time", "estimated_time_to_regain_access"}


@pytest.mark.parametrize("name", InstagramLoginSide.FAILURES)
def test_a_failure_is_answered_once_and_nothing_happens(client, name):
    failure = client.side.FAILURES[name]
    calls = {
        "create_container": lambda: client.ask(image_url=A),
        "publish": lambda: client.publish(container),
        "me": lambda: client.call("GET", "/me"),
        "refresh": lambda: client.refresh(client.token),
        "comment": lambda: client.call("POST", f"/{post}/comments", message="First"),
        "container_status": lambda: client.call("GET", f"/{container}", fields="status_code"),
    }
    client.wait(days=1)
    post, container = client.post(image_url=A), client.make(image_url=B)
    assert failure.operation in client.side.OPERATIONS
    client.side.fail_next = [(failure.operation, failure)]
    assert calls[failure.operation]().status_code == failure.status
    assert len(client.side.posts) == 1
    assert calls[failure.operation]().is_success


def test_an_answer_gets_lost_after_the_post_went_out_and_a_cut_before(client):
    number = client.make(image_url=A)
    client.side.cuts = {"publish"}
    with pytest.raises(httpx.ReadError):
        client.publish(number)
    assert (client.side.posts, client.status(number)) == ([], "FINISHED")
    client.side.loses_answer_of = {"publish"}
    with pytest.raises(httpx.ReadError):
        client.publish(number)
    assert (len(client.side.posts), client.status(number)) == (1, "PUBLISHED")


def test_comments_may_be_turned_off(client):
    number = client.post(image_url=A)
    assert client.call("POST", f"/{number}", comment_enabled="false").json() == {"success": True}
    assert client.side.posts[0].about["comment_enabled"] is False
    assert client.call("POST", f"/{number}").is_error


def test_only_the_hosts_and_calls_of_this_login_are_answered(client):
    for url in ("https://graph.facebook.com/v25.0/me", "https://graph.instagram.com/v25.0/me/accounts"):
        assert error_of(client.http.get(url, params={"access_token": client.token})) == (2500, None)
    assert error_of(client.http.get("https://graph.instagram.com/v25.0/me")) == (104, None)
    me = client.http.get("https://graph.instagram.com/v25.0/me/media", params={"access_token": client.token})
    assert me.json() == {"data": []}

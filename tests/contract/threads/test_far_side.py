"""The small Threads is held to the documents of the big one: what is published and how it is read."""

import hashlib

import pytest

from tests.contract.threads.containers import REPLY_CONTROLS
from tests.contract.threads.counting import length
from tests.contract.threads.raw_client import FILES, A, B, C, Client, error_of


@pytest.fixture
def client() -> Client:
    return Client().connect()


def test_a_profile_has_the_fields_that_were_asked_for(client):
    fields = "id,username,name,threads_profile_picture_url,threads_biography"
    assert set(client.call("GET", "/me", fields=fields).json()) == set(fields.split(","))
    assert client.call("GET", "/me").json() == {"id": "26214418571538390"}
    assert error_of(client.call("GET", "/me", fields="user_id")) == (100, None)


def test_a_text_is_published_once(client):
    number = client.make(media_type="TEXT", text="Hello")
    assert client.side.posts == []
    assert client.status(number) == "FINISHED"
    published = client.publish(number).json()["id"]
    assert published != number
    assert client.status(number) == "PUBLISHED"
    assert error_of(client.publish(number)) == (24, 4279009)
    [shown] = client.side.posts
    assert (shown.id, shown.kind, shown.text) == (published, "text", "Hello")


def test_a_post_tells_its_permalink_and_no_status(client):
    number = client.post("Hello")
    given = client.call("GET", f"/{number}", fields="id,permalink,timestamp,text").json()
    assert given["permalink"] == client.side.posts[0].url
    assert given["timestamp"] == "2026-11-26T08:00:00+0000"
    assert error_of(client.call("GET", f"/{number}", fields="status")) == (100, None)


def test_a_picture_is_fetched_and_worked_on(client):
    client.side.processing_seconds = 30
    number = client.make(media_type="IMAGE", image_url=A, alt_text="A cat", text="Look")
    assert client.status(number) == "IN_PROGRESS"
    assert error_of(client.publish(number)) == (24, 4279009)
    client.wait(seconds=30)
    assert client.publish(number).status_code == 200
    [shown] = client.side.posts
    assert (shown.kind, shown.alt_texts) == ("image", ("A cat",))
    assert shown.media == (hashlib.sha256(FILES[A]).hexdigest(),)


def test_a_finished_container_may_not_be_there_yet(client):
    client.side.profile.containers.propagation_seconds = 5
    number = client.make(media_type="TEXT", text="Hello")
    assert client.status(number) == "FINISHED"
    assert error_of(client.publish(number)) == (24, 4279009)
    client.wait(seconds=5)
    assert client.publish(number).status_code == 200


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"x" * (8 * 1024 * 1024 + 1), (36000, 2207004)),
        (b"GIF89a", (36001, 2207005)),
        (b"\0\0\0\x18ftypheic", (36001, 2207005)),
    ],
)
def test_a_picture_is_jpeg_or_png_of_8_mb(client, monkeypatch, content, error):
    monkeypatch.setitem(FILES, A, content)
    assert error_of(client.call("POST", "/me/threads", media_type="IMAGE", image_url=A)) == error


def test_a_carousel_has_two_to_twenty_files_in_their_order(client):
    urls = {A: "IMAGE", C: "VIDEO", B: "IMAGE"}
    items = []
    for url, kind in urls.items():
        name = "image_url" if kind == "IMAGE" else "video_url"
        items.append(client.make(media_type=kind, is_carousel_item="true", alt_text=url, **{name: url}))
    assert error_of(client.publish(items[0])) == (24, 4279009)
    assert error_of(client.call("POST", "/me/threads", media_type="CAROUSEL", children=items[0])) == (100, None)
    assert client.publish(client.make(media_type="CAROUSEL", children=",".join(items), text="Three")).is_success
    [shown] = client.side.posts
    assert (shown.kind, shown.text, shown.alt_texts) == ("images", "Three", tuple(urls))
    assert shown.media == tuple(hashlib.sha256(FILES[url]).hexdigest() for url in urls)


def test_a_carousel_does_not_take_what_is_no_item_or_not_ready(client):
    single = client.make(media_type="IMAGE", image_url=A)
    client.side.processing_seconds = 10
    item = client.make(media_type="IMAGE", image_url=B, is_carousel_item="true")
    for children in (f"{single},{single}", f"{item},{item}"):
        assert error_of(client.call("POST", "/me/threads", media_type="CAROUSEL", children=children)) == (24, 4279009)


def test_a_container_expires_after_a_day(client):
    number = client.make(media_type="TEXT", text="Hello")
    client.wait(hours=24)
    assert client.status(number) == "EXPIRED"
    assert client.publish(number).is_error


def test_what_cannot_be_fetched_fails_at_once_or_while_it_is_worked_on(client):
    gone = "https://files.example/gone"
    assert error_of(client.call("POST", "/me/threads", media_type="IMAGE", image_url=gone)) == (1, 2207052)
    number = client.make(media_type="VIDEO", video_url=gone)
    given = client.call("GET", f"/{number}", fields="status,error_message").json()
    assert given == {"id": number, "status": "ERROR", "error_message": "FAILED_DOWNLOADING_VIDEO"}
    client.side.profile.containers.spoils_next = "INVALID_DURATION"
    assert client.status(client.make(media_type="VIDEO", video_url=C)) == "ERROR"


@pytest.mark.parametrize(
    ("text", "counted"), [("ab é", 4), ("🙂", 4), ("👩‍👩‍👧", 18), ("🇩🇪", 8), ("❤️", 6), ("1️⃣", 7), ("©", 1), ("日本", 2)]
)
def test_an_emoji_counts_as_many_as_its_bytes(text, counted):
    assert length(text) == counted


def test_a_text_has_500_characters(client):
    assert client.post("x" * 496 + "🙂")
    assert error_of(client.call("POST", "/me/threads", media_type="TEXT", text="x" * 497 + "🙂")) == (100, None)


@pytest.mark.parametrize(
    "asked",
    [
        {"media_type": "TEXT"},
        {"media_type": "REELS", "video_url": C},
        {"media_type": "IMAGE"},
        {"media_type": "IMAGE", "image_url": A, "link_attachment": "https://a.example"},
        {"media_type": "TEXT", "text": "Hi", "reply_control": "nobody"},
        {"media_type": "TEXT", "text": "Hi", "topic_tag": "a.b"},
        {"media_type": "TEXT", "text": "Hi", "is_carousel_item": "true"},
        {"media_type": "TEXT", "text": "Hi", "location_id": "999"},
        {"media_type": "TEXT", "text": "Hi", "quote_post_id": "999"},
        {"media_type": "TEXT", "text": "Hi", "caption": "Hi"},
        {"media_type": "TEXT", "text": "Hi", "poll_attachment": "[]"},
        {"media_type": "TEXT", "text": " ".join(f"https://{number}.example" for number in range(6))},
    ],
)
def test_what_the_documents_do_not_allow_is_refused(client, asked):
    assert error_of(client.call("POST", "/me/threads", **asked))[0] == 100
    assert client.side.profile.containers.kept == {}


def test_what_was_set_can_be_seen(client):
    for each in REPLY_CONTROLS:
        client.post(reply_control=each)
    quoted = client.side.posts[0].id
    client.post(topic_tag="cats", location_id="12345", link_attachment="https://a.example", quote_post_id=quoted)
    shown = client.side.posts[-1]
    assert [each.about["reply_control"] for each in client.side.posts[:-1]] == list(REPLY_CONTROLS)
    assert shown.kind == "link"
    assert shown.about == {
        "topic_tag": "cats",
        "location_id": "12345",
        "link_attachment": "https://a.example",
        "quotes": quoted,
    }


def test_a_chain_is_made_of_answers_to_the_one_before(client):
    first = client.post("One")
    second = client.post("Two", reply_to_id=first)
    third = client.post("Three", reply_to_id=second)
    assert [each.answers for each in client.side.posts] == [None, first, second]
    given = client.call("GET", f"/{third}", fields="replied_to,root_post,is_reply").json()
    assert (given["replied_to"], given["root_post"], given["is_reply"]) == ({"id": second}, {"id": first}, True)
    assert error_of(client.call("POST", "/me/threads", media_type="TEXT", text="x", reply_to_id="1")) == (100, 33)


def test_posts_are_listed_newest_first_and_answers_apart(client):
    numbers = [client.post(f"Post {number}") for number in range(3)]
    answer = client.post("Answer", reply_to_id=numbers[0])
    page = client.call("GET", "/me/threads", fields="id,text", limit="2").json()
    assert [each["id"] for each in page["data"]] == [numbers[2], numbers[1]]
    rest = client.call("GET", "/me/threads", limit="2", after=page["paging"]["cursors"]["after"]).json()
    assert [each["id"] for each in rest["data"]] == [numbers[0]]
    assert [each["id"] for each in client.call("GET", "/me/replies").json()["data"]] == [answer]
    client.side.profile.lists_replies_with_posts = True
    assert len(client.call("GET", "/me/threads").json()["data"]) == 4


def test_a_list_may_lag_behind(client):
    client.side.listing_lag_seconds = 20
    client.post()
    assert client.call("GET", "/me/threads").json()["data"] == []
    client.wait(seconds=20)
    assert len(client.call("GET", "/me/threads").json()["data"]) == 1


def test_a_text_may_be_published_as_it_is_made(client):
    number = client.make(media_type="TEXT", text="Hi", auto_publish_text="true")
    assert [each.id for each in client.side.posts] == [number]


def test_a_post_is_reposted_and_deleted(client):
    number = client.post()
    again = client.call("POST", f"/{number}/repost").json()["id"]
    assert client.side.posts[-1].about == {"reposts": number}
    assert client.call("DELETE", f"/{again}").json() == {"success": True, "deleted_id": again}
    assert [each.id for each in client.side.posts] == [number]
    assert error_of(client.call("DELETE", f"/{again}")) == (100, 33)


def test_places_are_found_by_their_names(client):
    given = client.call("GET", "/location_search", q="menlo park", fields="id,name,city").json()
    assert given == {"data": [{"id": "12345", "name": "Facebook Headquarters", "city": "Menlo Park"}]}
    assert client.call("GET", "/location_search", q="Paris").json() == {"data": []}
    assert error_of(client.call("GET", "/location_search", latitude="1")) == (100, None)
    assert client.call("GET", "/12345", fields="postal_code").json()["postal_code"] == "94025"

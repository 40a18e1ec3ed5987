"""The small Facebook is held to what its documents say of posts, photos and comments."""

from datetime import timedelta

import httpx
import pytest

from tests.contract.facebook.far_side import FacebookSide
from tests.contract.facebook.person import GRAPH, JPEG, MP4, PAGE, SCOPES, Person, attached, digest, wrong


@pytest.fixture
def kim() -> Person:
    """Connected, with the token of one page."""
    return Person().connect()


@pytest.fixture
def stranger() -> Person:
    return Person()


def test_a_text_is_shown_with_its_permalink_and_listed_with_its_time(kim):
    number = kim.post(f"{PAGE}/feed", message="Hello").json()["id"]
    assert number.startswith(f"{PAGE}_")
    (shown,) = kim.side.posts
    assert (shown.kind, shown.text, shown.author) == ("text", "Hello", PAGE)
    assert kim.get(number, fields="permalink_url").json() == {"id": number, "permalink_url": shown.url}
    fields = "id,message,created_time,permalink_url,attachments"
    (listed,) = kim.get(f"{PAGE}/published_posts", fields=fields, limit="10").json()["data"]
    assert listed == {
        "id": number,
        "message": "Hello",
        "created_time": "2026-11-22T16:00:00+0000",
        "permalink_url": shown.url,
    }


def test_the_same_text_is_refused_only_if_nothing_came_between(kim):
    kim.post(f"{PAGE}/feed", message="Hello")
    assert wrong(kim.post(f"{PAGE}/feed", message="Hello")) == (506, 1455006)
    kim.post(f"{PAGE}/feed", message="Between")
    assert kim.post(f"{PAGE}/feed", message="Hello").status_code == 200
    assert [post.text for post in kim.side.posts] == ["Hello", "Between", "Hello"]


def test_a_link_is_shown_and_a_bad_one_refused(kim):
    kim.side.unscrapable.add("https://example.org/gone")
    refused = ["ftp:nothing", "https://www.facebook.com/x", "https://example.org/gone"]
    said = [wrong(kim.post(f"{PAGE}/feed", link=link))[1] for link in refused]
    assert said == [2061006, 1609008, 1609005]
    kim.post(f"{PAGE}/feed", message="Read", link="https://example.org/")
    assert (kim.side.posts[0].kind, kim.side.posts[0].about["link"]) == ("link", "https://example.org/")


def test_a_text_of_nothing_or_of_too_much_is_refused(kim):
    assert wrong(kim.post(f"{PAGE}/feed")) == (100, None)
    assert wrong(kim.post(f"{PAGE}/feed", message="x" * 63_207)) == (100, None)
    assert wrong(kim.post(f"{PAGE}/feed", message="x", published="perhaps")) == (100, None)
    assert kim.side.posts == []


def test_a_post_may_be_scheduled_by_the_platform_within_its_bounds(kim):
    soon = str(int((kim.moment + timedelta(minutes=5)).timestamp()))
    later = str(int((kim.moment + timedelta(minutes=20)).timestamp()))
    assert wrong(kim.post(f"{PAGE}/feed", message="x", published="false", scheduled_publish_time=soon)) == (100, None)
    assert wrong(kim.post(f"{PAGE}/feed", message="x", scheduled_publish_time=later)) == (100, None)
    kim.post(f"{PAGE}/feed", message="x", published="false", scheduled_publish_time=later)
    assert kim.side.posts == []
    kim.later(minutes=21)
    assert [post.text for post in kim.side.posts] == ["x"]


def test_one_photo_is_a_post_of_its_own_by_url_and_by_its_bytes(kim):
    kim.files["https://files.example/a.jpg"] = JPEG
    made = kim.post(f"{PAGE}/photos", url="https://files.example/a.jpg", message="A", alt_text_custom="Bread").json()
    parts = {"source": ("b.jpg", JPEG, "image/jpeg")}
    form = {"access_token": kim.token, "caption": "B"}
    kim.http.post(f"{GRAPH}/{PAGE}/photos", data=form, files=parts)
    first, second = kim.side.posts
    assert (first.id, first.kind, first.alt_texts) == (made["post_id"], "image", ("Bread",))
    assert (second.text, second.media) == ("B", (digest(JPEG),))


def test_several_photos_are_staged_unseen_then_shown_in_their_order_once(kim):
    kim.files["https://files.example/b.jpg"] = JPEG + b" another"
    photos = [kim.staged(alt_text_custom="One"), kim.staged(url="https://files.example/b.jpg")]
    assert kim.side.posts == []
    assert kim.post(f"{PAGE}/feed", message="Two", attached_media=attached(*photos)).status_code == 200
    (shown,) = kim.side.posts
    assert (shown.kind, shown.alt_texts) == ("images", ("One", ""))
    assert shown.media == (digest(JPEG), digest(JPEG + b" another"))
    assert wrong(kim.post(f"{PAGE}/feed", message="Two", attached_media=attached(*photos))) == (100, 1366051)
    assert len(kim.side.posts) == 1


def test_a_staged_photo_that_nobody_attaches_is_let_go_of(kim):
    photo = kim.staged()
    kim.later(days=1)
    assert wrong(kim.post(f"{PAGE}/feed", message="Late", attached_media=attached(photo))) == (100, None)


def test_photos_that_are_none_too_large_or_not_there_are_refused(kim):
    kim.files |= {"https://files.example/v.mp4": MP4, "https://files.example/big.jpg": JPEG + b"x" * 10_000_000}
    said = [
        wrong(kim.post(f"{PAGE}/photos", url=f"https://files.example/{name}")) for name in ("v.mp4", "big.jpg", "gone")
    ]
    assert said == [(100, 1366046), (100, 1366046), (324, 2069019)]


def test_a_comment_stands_under_its_post_and_needs_its_own_scope(kim, stranger):
    number = kim.post(f"{PAGE}/feed", message="Hello").json()["id"]
    made = kim.post(f"{number}/comments", message="First").json()["id"]
    comment = kim.side.posts[1]
    assert (comment.id, comment.kind, comment.answers) == (made, "comment", number)
    assert [each["id"] for each in kim.get(f"{number}/comments", fields="id").json()["data"]] == [made]
    assert wrong(kim.post(f"{PAGE}_1/comments", message="Nowhere")) == (100, 33)
    stranger.connect(scope=",".join(SCOPES[:-1]))
    number = stranger.post(f"{PAGE}/feed", message="Hello").json()["id"]
    assert wrong(stranger.post(f"{number}/comments", message="First")) == (200, None)


def test_what_is_deleted_is_gone_with_its_comments(kim):
    number = kim.post(f"{PAGE}/feed", message="Hello").json()["id"]
    kim.post(f"{number}/comments", message="First")
    params = {"access_token": kim.token}
    assert kim.http.delete(f"{GRAPH}/{number}", params=params).json() == {"success": True}
    assert kim.side.posts == []
    assert wrong(kim.http.delete(f"{GRAPH}/{number}", params=params)) == (100, 33)
    assert wrong(kim.get(number)) == (100, 33)


def test_unknown_paths_and_edges_are_refused_as_the_graph_does(kim):
    assert wrong(kim.post(f"{PAGE}/feeds", message="x")) == (2500, None)
    assert wrong(kim.http.put(f"{GRAPH}/{PAGE}/feed", params={"access_token": kim.token})) == (100, 33)
    assert wrong(kim.http.get(f"{GRAPH}/{PAGE}")) == (104, None)


def test_a_list_may_lag_behind_what_was_posted(kim):
    kim.side.listing_lag_seconds = 30
    kim.post(f"{PAGE}/feed", message="Hello")
    assert kim.get(f"{PAGE}/published_posts").json() == {"data": []}
    kim.later(seconds=30)
    assert len(kim.get(f"{PAGE}/published_posts").json()["data"]) == 1


def test_faults_strike_once_and_where_they_were_set(kim):
    failure = kim.side.FAILURES["permission_missing"]
    kim.side.fail_next = [("feed", failure)]
    assert wrong(kim.post(f"{PAGE}/feed", message="A")) == (200, None)
    kim.side.cuts = {"feed"}
    with pytest.raises(httpx.ReadError):
        kim.post(f"{PAGE}/feed", message="B")
    assert kim.side.posts == []
    kim.side.loses_answer_of = {"feed"}
    with pytest.raises(httpx.ReadError):
        kim.post(f"{PAGE}/feed", message="C")
    kim.post(f"{PAGE}/feed", message="D")
    assert [post.text for post in kim.side.posts] == ["C", "D"]


@pytest.mark.parametrize("name", FacebookSide.FAILURES)
def test_every_known_failure_is_of_an_operation_that_there_is(name):
    failure = FacebookSide.FAILURES[name]
    assert failure.operation in FacebookSide.OPERATIONS
    assert failure.status >= 400
    assert failure.response().status_code == failure.status


def test_the_operations_are_those_of_the_routes(kim):
    named = {route.operation for route in kim.side.routes if isinstance(route.operation, str)}
    assert named <= FacebookSide.OPERATIONS
    assert FacebookSide.PUBLISHING <= FacebookSide.OPERATIONS

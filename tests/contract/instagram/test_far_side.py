"""The small Instagram is held to what its documents say of containers and what comes of them."""

import json
from datetime import timedelta

import httpx
import pytest

from tests.contract.instagram.far_side import ACCOUNT, OTHER, InstagramSide
from tests.contract.instagram.person import (
    JPEG,
    JPG,
    MOVIE,
    MP4,
    PAGE,
    PUBLISHING,
    Person,
    digest,
    picture,
    wrong,
)
from tests.contract.meta.requests import violations


@pytest.fixture
def kim() -> Person:
    """Connected, with the token of one page."""
    return Person().connect()


def test_accounts_are_found_through_their_pages(kim):
    pages = {page["id"]: page.get("instagram_business_account") for page in kim.pages(kim.login())}
    assert (pages[PAGE] or {}).keys() == {"id", "username", "name", "profile_picture_url"}
    assert pages["304305306307308"] is None
    found = kim.get(PAGE, fields="instagram_business_account{id,username}").json()
    assert found["instagram_business_account"] == {"id": ACCOUNT, "username": "kimsbakery"}
    assert kim.get(ACCOUNT, fields="username").json() == {"id": ACCOUNT, "username": "kimsbakery"}
    assert wrong(kim.get(OTHER, fields="username")) == (100, 33)


def test_without_its_scope_an_account_is_not_told_and_nothing_is_made(kim):
    other = Person().connect("pages_show_list", "pages_read_engagement")
    assert all("instagram_business_account" not in page for page in other.pages(other.login("pages_show_list")))
    assert wrong(other.created(image_url=JPG)) == (200, None)


def test_an_image_is_shown_when_its_container_is_published(kim):
    kim.side.processing_seconds = 5
    container = kim.container(image_url=JPG, caption="Bread", alt_text="A loaf")
    assert kim.state(container) == "IN_PROGRESS"
    assert wrong(kim.published(container)) == (9007, 2207027)
    kim.later(seconds=5)
    assert (kim.state(container), kim.side.posts) == ("FINISHED", [])
    number = kim.published(container).json()["id"]
    (shown,) = kim.side.posts
    assert (shown.id, shown.kind, shown.text, shown.alt_texts) == (number, "image", "Bread", ("A loaf",))
    assert shown.media == (digest(JPEG),)
    found = kim.get(number, fields="id,permalink,shortcode,timestamp,caption").json()
    assert (found["permalink"], found["timestamp"]) == (shown.url, "2026-11-22T16:00:05+0000")


def test_a_container_goes_out_once(kim):
    container = kim.container(image_url=JPG)
    kim.published(container)
    assert kim.state(container) == "PUBLISHED"
    assert wrong(kim.published(container)) == (24, 2207008)
    assert len(kim.side.posts) == 1


def test_a_container_expires_after_a_day(kim):
    container = kim.container(image_url=JPG)
    kim.later(days=1)
    assert kim.state(container) == "EXPIRED"
    assert wrong(kim.published(container)) == (24, 2207008)


def test_a_lost_answer_of_publishing_is_told_by_the_container(kim):
    lost, cut = kim.container(image_url=JPG), kim.container(image_url=JPG)
    kim.side.loses_answer_of = {"publish"}
    with pytest.raises(httpx.ReadError):
        kim.published(lost)
    kim.side.cuts = {"publish"}
    with pytest.raises(httpx.ReadError):
        kim.published(cut)
    assert (kim.state(lost), kim.state(cut), len(kim.side.posts)) == ("PUBLISHED", "FINISHED", 1)


def test_a_carousel_shows_its_items_in_their_order_when_all_are_ready(kim):
    first = kim.item(image_url=JPG, alt_text="One")
    kim.side.processing_seconds = 60
    second = kim.item(media_type="VIDEO", video_url=MOVIE)
    kim.side.processing_seconds = 0
    parent = kim.container(media_type="CAROUSEL", children=f"{first},{second}", caption="Two")
    assert kim.state(parent) == "IN_PROGRESS"
    kim.later(seconds=60)
    kim.published(parent)
    (shown,) = kim.side.posts
    assert (shown.kind, shown.media, shown.alt_texts) == ("images", (digest(JPEG), digest(MP4)), ("One", ""))
    assert kim.get(shown.id, fields="media_type").json()["media_type"] == "CAROUSEL_ALBUM"


def test_a_carousel_has_two_to_ten_items_that_are_made_for_one(kim):
    item, single = kim.item(image_url=JPG), kim.container(image_url=JPG)
    assert wrong(kim.created(media_type="CAROUSEL", children=item)) == (100, 2207028)
    assert wrong(kim.created(media_type="CAROUSEL", children=",".join([item] * 11))) == (100, 2207028)
    assert wrong(kim.created(media_type="CAROUSEL", children=f"{item},{single}")) == (24, 2207006)
    assert wrong(kim.published(item)) == (24, 2207008)
    kim.later(days=1)
    assert wrong(kim.created(media_type="CAROUSEL", children=f"{item},{item}")) == (-2, 2207020)


def test_a_reel_has_all_that_its_container_said(kim):
    trial = {"graduation_strategy": "MANUAL"}
    kim.files["https://files.example/c.jpg"] = picture(20, 20)
    container = kim.container(
        media_type="REELS",
        video_url=MOVIE,
        caption="Reel",
        share_to_feed="false",
        collaborators='["lee","max"]',
        cover_url="https://files.example/c.jpg",
        audio_name="Oven",
        location_id="7640348500",
        user_tags='[{"username":"lee"}]',
        trial_params=json.dumps(trial),
    )
    kim.published(container)
    (shown,) = kim.side.posts
    assert (shown.kind, shown.media) == ("reel", (digest(MP4),))
    assert shown.about == {
        "collaborators": ["lee", "max"],
        "user_tags": [{"username": "lee"}],
        "location_id": "7640348500",
        "share_to_feed": False,
        "audio_name": "Oven",
        "trial_params": trial,
        "cover": digest(picture(20, 20)),
    }


def test_a_reel_by_upload_waits_for_its_bytes_and_goes_on_where_they_broke_off(kim):
    made = kim.created(media_type="REELS", upload_type="resumable", caption="R").json()
    assert made["uri"] == f"https://rupload.facebook.com/ig-api-upload/v25.0/{made['id']}"
    assert kim.state(made["id"]) == "IN_PROGRESS"
    assert wrong(kim.sent(made["uri"], Authorization=f"Bearer {kim.token}")) == (190, None)
    kim.side.cuts, kim.side.cut_keeps = {"rupload"}, 6
    with pytest.raises(httpx.ReadError):
        kim.sent(made["uri"])
    assert wrong(kim.sent(made["uri"])) == (100, None)
    assert kim.sent(made["uri"], MP4[6:], offset="6").json()["success"] is True
    assert kim.state(made["id"]) == "FINISHED"
    kim.published(made["id"])
    assert kim.side.posts[0].media == (digest(MP4),)


def test_a_reel_by_upload_may_be_fetched_as_well(kim):
    made = kim.created(media_type="REELS", upload_type="resumable").json()
    headers = {"Authorization": f"OAuth {kim.token}", "file_url": MOVIE}
    assert kim.http.post(made["uri"], headers=headers).json()["success"] is True
    assert kim.published(made["id"]).status_code == 200


def test_stories_of_an_image_and_of_a_video_have_no_caption_and_last_a_day(kim):
    for form in ({"image_url": JPG}, {"video_url": MOVIE}):
        kim.published(kim.container(media_type="STORIES", caption="Unseen", **form))
    assert [(post.kind, post.text) for post in kim.side.posts] == [("story", ""), ("story", "")]
    assert len(kim.get(f"{ACCOUNT}/stories", fields="id,permalink").json()["data"]) == 2
    assert kim.get(f"{ACCOUNT}/media").json() == {"data": []}
    kim.later(days=1)
    assert (kim.side.posts, kim.get(f"{ACCOUNT}/stories").json()) == ([], {"data": []})


def test_what_goes_wrong_with_a_video_is_told_by_its_container_only(kim):
    gone = kim.container(media_type="REELS", video_url="https://files.example/gone.mp4")
    image = kim.container(media_type="REELS", video_url=JPG)
    kim.side.spoils = True
    spoiled = kim.container(media_type="REELS", video_url=MOVIE)
    for container, subcode in ((gone, "2207077"), (image, "2207026"), (spoiled, "2207026")):
        found = kim.get(container, fields="status_code,status").json()
        assert (found["status_code"], subcode in found["status"]) == ("ERROR", True)
        assert wrong(kim.published(container)) == (-1, 2207032)
    assert kim.side.posts == []


def test_the_quota_counts_the_last_day_and_a_carousel_once(kim):
    kim.side.quota_total = 2
    fields = {"fields": "config,quota_usage"}
    kim.published(kim.container(image_url=JPG))
    kim.later(hours=12)
    items = f"{kim.item(image_url=JPG)},{kim.item(image_url=JPG)}"
    kim.published(kim.container(media_type="CAROUSEL", children=items))
    told = kim.get(f"{ACCOUNT}/content_publishing_limit", **fields).json()
    assert told == {"data": [{"config": {"quota_total": 2, "quota_duration": 86400}, "quota_usage": 2}]}
    third = kim.container(image_url=JPG)
    assert wrong(kim.published(third)) == (9, 2207042)
    since = str(int((kim.moment - timedelta(hours=1)).timestamp()))
    assert kim.get(f"{ACCOUNT}/content_publishing_limit", since=since).json() == {"data": [{"quota_usage": 1}]}
    kim.later(hours=12)
    assert kim.published(third).status_code == 200


def test_media_are_listed_newest_first_and_not_at_once(kim):
    kim.side.listing_lag_seconds = 30
    numbers = []
    for caption in ("One", "Two"):
        numbers.append(kim.published(kim.container(image_url=JPG, caption=caption)).json()["id"])
        kim.later(seconds=20)
    fields = {"fields": "id,caption,timestamp,permalink", "limit": "5"}
    assert [each["caption"] for each in kim.get(f"{ACCOUNT}/media", **fields).json()["data"]] == ["One"]
    kim.later(seconds=10)
    assert [each["id"] for each in kim.get(f"{ACCOUNT}/media", **fields).json()["data"]] == numbers[::-1]


def test_a_comment_is_sent_as_message_read_as_text_and_needs_its_scope(kim):
    number = kim.published(kim.container(image_url=JPG)).json()["id"]
    made = kim.post(f"{number}/comments", message="First").json()["id"]
    assert (kim.side.posts[1].kind, kim.side.posts[1].answers) == ("comment", number)
    listed = kim.get(f"{number}/comments", fields="id,text,timestamp,username").json()["data"]
    assert [(each["id"], each["text"]) for each in listed] == [(made, "First")]
    assert wrong(kim.get(f"{number}/comments", fields="message")) == (100, None)
    assert kim.http.delete(f"https://graph.facebook.com/v25.0/{made}", params={"access_token": kim.token}).json()
    assert len(kim.side.posts) == 1
    other = Person().connect(*PUBLISHING)
    number = other.published(other.container(image_url=JPG)).json()["id"]
    assert wrong(other.post(f"{number}/comments", message="First")) == (200, None)


def test_media_are_not_deleted_unless_the_platform_takes_it(kim):
    number = kim.published(kim.container(image_url=JPG)).json()["id"]
    address, params = f"https://graph.facebook.com/v25.0/{number}", {"access_token": kim.token}
    assert wrong(kim.http.delete(address, params=params)) == (100, 33)
    kim.side.deletes_media = True
    assert kim.http.delete(address, params=params).json() == {"success": True}
    assert kim.side.posts == []


def test_another_account_cannot_be_published_to_and_a_restricted_one_neither(kim):
    assert wrong(kim.post(f"{OTHER}/media", image_url=JPG)) == (100, 33)
    container = kim.container(image_url=JPG)
    kim.side.is_restricted = True
    assert wrong(kim.published(container)) == (25, 2207050)


def test_a_persons_own_token_publishes_as_well(kim):
    kim.token = kim.login()
    assert kim.published(kim.container(image_url=JPG)).status_code == 200


def test_the_account_dies_with_the_persons_password(kim):
    container = kim.container(image_url=JPG)
    kim.side.change_password()
    assert wrong(kim.published(container)) == (190, 460)
    assert kim.side.posts == []


def test_usage_is_of_the_use_case_instagram_and_too_much_is_refused(kim):
    (case,) = json.loads(kim.get(ACCOUNT).headers["X-Business-Use-Case-Usage"])[PAGE]
    assert case["type"] == "instagram"
    kim.side.allowed["page"] = 1
    assert wrong(kim.get(ACCOUNT)) == (80002, None)


def test_all_that_was_asked_here_is_in_the_contract(kim):
    items = f"{kim.item(image_url=JPG, alt_text='A')},{kim.item(media_type='VIDEO', video_url=MOVIE)}"
    number = kim.published(kim.container(media_type="CAROUSEL", children=items, caption="C")).json()["id"]
    made = kim.created(media_type="REELS", upload_type="resumable").json()
    kim.sent(made["uri"])
    kim.state(made["id"])
    kim.get(number, fields="id,permalink,shortcode,timestamp,caption")
    kim.post(f"{number}/comments", message="First")
    kim.get(f"{number}/comments", fields="id,text,timestamp,username")
    kim.get(f"{ACCOUNT}/media", fields="id,caption,timestamp,permalink", limit="5")
    kim.get(f"{ACCOUNT}/stories", fields="id,timestamp")
    kim.get(f"{ACCOUNT}/content_publishing_limit", fields="config,quota_usage")
    found = {f"{request.method} {request.url.path}": violations(request) for request in kim.side.seen}
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("name", InstagramSide.FAILURES)
def test_every_known_failure_is_of_an_operation_that_there_is_and_strikes_once(kim, name):
    failure = InstagramSide.FAILURES[name]
    assert failure.operation in InstagramSide.OPERATIONS
    assert failure.response().status_code == failure.status >= 400


def test_the_operations_are_those_of_the_routes(kim):
    named = {route.operation for route in kim.side.routes if isinstance(route.operation, str)}
    assert named <= InstagramSide.OPERATIONS
    kim.side.fail_next = [("create_container", InstagramSide.FAILURES["image_format"])]
    assert wrong(kim.created(image_url=JPG)) == (36001, 2207005)
    assert kim.created(image_url=JPG).status_code == 200

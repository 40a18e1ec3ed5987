"""What the check of Meta's contract lets pass, and what it notices."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.contract.facebook.person import GRAPH, MP4, PAGE, Person, attached
from tests.contract.meta.requests import violations

IG = "https://graph.instagram.com/v25.0"
UPLOAD = "https://rupload.facebook.com/video-upload/v25.0/7"
TOKEN = {"Authorization": "Bearer token"}
OAUTH = {"Authorization": "OAuth token"}


def post(path: str, base: str = GRAPH, headers: dict[str, str] = TOKEN, **form: Any) -> httpx.Request:
    return httpx.Request("POST", f"{base}/{path}", headers=headers, data=form)


def get(path: str, base: str = GRAPH, headers: dict[str, str] = TOKEN, **query: Any) -> httpx.Request:
    return httpx.Request("GET", f"{base}/{path}", headers=headers, params=query)


def test_all_that_a_page_needs_in_its_life_is_in_the_contract():
    kim = Person().connect()
    kim.files["https://files.example/v.mp4"] = MP4
    kim.get(PAGE, fields="id,name,username,picture{url},link,tasks,instagram_business_account{id,username}")
    number = kim.post(f"{PAGE}/feed", message="Hello", link="https://example.org/", published="true").json()["id"]
    kim.post(f"{PAGE}/feed", message="Two", attached_media=attached(kim.staged(alt_text_custom="One"), kim.staged()))
    kim.post(f"{PAGE}/photo_stories", photo_id=kim.staged())
    kim.http.post(
        f"{GRAPH}/{PAGE}/photos", data={"access_token": kim.token}, files={"source": ("a.jpg", b"\xff\xd8\xff")}
    )
    kim.post(f"{PAGE}/videos", host="graph-video", file_url="https://files.example/v.mp4", title="T")
    about = {"file_name": "v.mp4", "file_length": str(len(MP4)), "file_type": "video/mp4"}
    session = kim.post(f"{kim.side.app['client_id']}/uploads", **about).json()["id"]
    headers = {"Authorization": f"OAuth {kim.token}", "file_offset": "0"}
    handle = kim.http.post(f"{GRAPH}/{session}", headers=headers, content=MP4).json()["h"]
    kim.post(f"{PAGE}/videos", host="graph-video", fbuploader_video_file_chunk=handle)
    kim.get(kim.reel(title="T", description="R"), fields="id,status{video_status},post_id,permalink_url,published")
    kim.started("video_stories")
    kim.post(f"{number}/comments", message="First")
    kim.get(f"{number}/comments", fields="id,message,created_time,from", order="reverse_chronological")
    fields = "id,message,created_time,permalink_url,is_published,attachments{media_type}"
    kim.get(f"{PAGE}/published_posts", fields=fields, limit="10")
    kim.get(f"{PAGE}/stories", fields="post_id,status")
    kim.get("me/permissions")
    kim.get("debug_token", input_token=kim.token, access_token="1|secret")
    kim.http.delete(f"{GRAPH}/{number}", params={"access_token": kim.token})
    kim.http.delete(f"{GRAPH}/me/permissions", params={"access_token": kim.token})
    assert {request.url.host for request in kim.side.seen} == set(kim.side.HOSTS) - {"www.facebook.com"}
    found = {f"{request.method} {request.url.path}": violations(request) for request in kim.side.seen}
    assert {where: wrong for where, wrong in found.items() if wrong} == {}


def test_the_dialogs_are_in_the_contract():
    kim = Person().connect()
    assert violations(httpx.Request("GET", kim.side.consents[0])) == []
    assert violations(httpx.Request("GET", f"{kim.side.consents[0]}&response_mode=x")) == ["response_mode is unknown"]


def test_what_instagram_takes_is_in_the_contract_by_either_login():
    tags = json.dumps([{"username": "kim", "x": 0.5, "y": 0.5}])
    trial = json.dumps({"graduation_strategy": "MANUAL"})
    image = {"image_url": "https://a.example/", "caption": "C", "alt_text": "A", "user_tags": tags, "location_id": "7"}
    reel = {"media_type": "REELS", "video_url": "https://a.example/", "share_to_feed": "true", "thumb_offset": "1000"}
    more = {
        "collaborators": '["kim","lee"]',
        "cover_url": "https://a.example/",
        "audio_name": "N",
        "trial_params": trial,
    }
    for base in (GRAPH, IG):
        assert violations(post("17/media", base, **image)) == []
        assert violations(post("17/media", base, **reel, **more)) == []
        assert violations(post("17/media", base, media_type="CAROUSEL", children="1,2,3", caption="C")) == []
        assert violations(post("17/media", base, image_url="https://a.example/", is_carousel_item="true")) == []
        assert violations(post("17/media", base, media_type="STORIES", upload_type="resumable")) == []
        assert violations(post("17/media_publish", base, creation_id="18")) == []
        assert violations(get("18", base, fields="status_code,status")) == []
        assert violations(get("19", base, fields="id,permalink,shortcode,timestamp,caption")) == []
        assert violations(get("17/media", base, fields="id,caption,timestamp,permalink", limit="5")) == []
        assert violations(get("17/content_publishing_limit", base, fields="config,quota_usage")) == []
        assert violations(post("19/comments", base, message="First")) == []
    address = "https://rupload.facebook.com/ig-api-upload/v25.0/18"
    assert (
        violations(httpx.Request("POST", address, headers={**OAUTH, "offset": "0", "file_size": "1"}, content=b"x"))
        == []
    )
    refreshing = {"grant_type": "ig_refresh_token", "access_token": "token"}
    assert violations(httpx.Request("GET", "https://graph.instagram.com/refresh_access_token", params=refreshing)) == []


MUTATIONS: dict[str, tuple[Callable[[], httpx.Request], str]] = {
    "an unknown parameter": (lambda: post("1/feed", mesage="Hello"), "mesage is unknown"),
    "an unknown edge": (lambda: post("1/feeds", message="Hello"), "POST {node}/feeds is not in the contract"),
    "an edge of another node": (lambda: get("me/media"), "GET {node}/media is not in the contract"),
    "another verb": (lambda: httpx.Request("PUT", f"{GRAPH}/1/feed", headers=TOKEN), "is not in the contract"),
    "another host": (lambda: post("1/feed", "https://graph.example/v25.0"), "is not in the contract"),
    "a word for a flag": (lambda: post("1/feed", published="yes"), "published: no bool"),
    "a word for a number": (lambda: post("1/photos", scheduled_publish_time="soon"), "no unsigned int"),
    "a negative number": (lambda: post("1/media_publish", creation_id="-1"), "creation_id: no unsigned int"),
    "no moment": (lambda: post("1/feed", scheduled_publish_time="soon"), "scheduled_publish_time: no datetime"),
    "text for objects": (lambda: post("1/feed", attached_media='["seven"]'), "attached_media: no Object"),
    "a broken list": (lambda: post("1/feed", attached_media="[{"), "attached_media: no list"),
    "text for a map": (lambda: post("1/media", trial_params="MANUAL"), "trial_params: no map"),
    "an unknown phase": (lambda: post("1/video_reels", upload_phase="end"), "upload_phase: not one of its values"),
    "an unknown state": (
        lambda: post("1/video_reels", upload_phase="finish", video_state="LIVE"),
        "video_state: not one of its values",
    ),
    "an enumeration that nobody listed": (
        lambda: post("1/feed", place_attachment_setting="1"),
        "the values of pagefeed_place_attachment_setting_enum_param are not known here",
    ),
    "an unknown media type": (lambda: post("1/media", media_type="REEL"), "media_type: not one of its values"),
    "no phase": (lambda: post("1/video_reels", title="T"), "upload_phase is missing"),
    "no container": (lambda: post("1/media_publish"), "creation_id is missing"),
    "no version": (lambda: post("1/feed", "https://graph.facebook.com", message="x"), "no version in the path"),
    "no token": (lambda: post("1/feed", headers={}, message="x"), "no access token"),
    "an unknown header": (lambda: post("1/feed", headers={**TOKEN, "offset": "0"}), "header: offset is unknown"),
    "an unknown field": (lambda: get("1_2", fields="id,permalink"), "fields: permalink is unknown of PagePost"),
    "an unknown inner field": (lambda: get("me/accounts", fields="picture{uri}"), "fields: uri is unknown of"),
    "an unknown field of a container": (lambda: get("1", fields="statuscode"), "fields: statuscode is unknown of"),
    "a video at the wrong host": (lambda: post("1/videos", file_url="x"), "videos go to graph-video.facebook.com"),
    "an upload as Bearer": (lambda: httpx.Request("POST", UPLOAD, headers=TOKEN), "header: authorization is not OAuth"),
    "an upload from nowhere": (lambda: post("upload:x", headers=OAUTH), "header: file_offset is missing"),
    "a token bought without its app": (lambda: get("oauth/access_token", code="c"), "client_id is missing"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_check_notices(name):
    request, sentence = MUTATIONS[name]
    assert any(sentence in each for each in violations(request())), violations(request())


def test_a_body_of_json_is_held_to_the_same_names_and_types():
    made = httpx.Request("POST", f"{GRAPH}/1/feed", headers=TOKEN, json={"message": "x", "published": False})
    assert violations(made) == []
    made = httpx.Request("POST", f"{GRAPH}/1/feed", headers=TOKEN, json={"message": "x", "published": "no"})
    assert violations(made) == ["published: no bool"]


def test_which_kind_a_number_names_may_be_told():
    assert violations(get("7", fields="status_code")) == []
    assert violations(get("7", fields="status_code"), {"7": "IGMedia"}) == ["fields: status_code is unknown of IGMedia"]

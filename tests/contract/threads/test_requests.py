"""What the check of requests to Threads itself notices."""

from typing import Any

import httpx
import pytest

from tests.contract.threads.requests import violations

API = "https://graph.threads.net/v1.0"
BEARER = {"Authorization": "Bearer THAA"}
IMAGE = {"media_type": "IMAGE", "image_url": "https://files.example/a.jpg", "alt_text": "A cat"}


def asked(method: str, path: str, headers: dict[str, str] = BEARER, **content: Any) -> list[str]:
    url = path if path.startswith("https") else f"{API}{path}"
    return violations(httpx.Request(method, url, headers=headers, **content))


def created(query: str = "", **parameters: str) -> list[str]:
    return asked("POST", f"/me/threads{query}", data=parameters)


@pytest.mark.parametrize(
    ("method", "path", "parameters"),
    [
        ("POST", "/26214418571538390/threads", IMAGE),
        ("POST", "/me/threads", {"media_type": "TEXT", "text": "Hi", "reply_to_id": "18", "reply_control": "everyone"}),
        (
            "POST",
            "/me/threads",
            {"media_type": "CAROUSEL", "children": "17,18", "location_id": "1", "topic_tag": "cats"},
        ),
        ("POST", "/me/threads", {"media_type": "TEXT", "link_attachment": "https://a.example", "quote_post_id": "1"}),
        ("POST", "/me/threads", {"media_type": "TEXT", "text": "?", "poll_attachment": '{"option_a":"y"}'}),
        ("POST", "/me/threads_publish", {"creation_id": "17"}),
        ("GET", "/17", {"fields": "status,error_message"}),
        ("GET", "/18", {"fields": "id,permalink,timestamp,text"}),
        ("GET", "/me", {"fields": "id,username,name,threads_profile_picture_url,threads_biography"}),
        ("GET", "/me/threads", {"fields": "id,text,timestamp,permalink", "limit": "5", "since": "1790000000"}),
        ("GET", "/me/replies", {"fields": "id,text,replied_to", "limit": "5"}),
        ("GET", "/me/threads_publishing_limit", {"fields": "quota_usage,config,reply_quota_usage,reply_config"}),
        (
            "GET",
            "/location_search",
            {"q": "Menlo Park", "fields": "id,name,city", "latitude": "-1.5", "longitude": "2"},
        ),
        ("POST", "/18/repost", {}),
        ("DELETE", "/18", {}),
        ("GET", "/debug_token", {"input_token": "x"}),
    ],
)
def test_requests_of_the_documents_are_allowed_in_query_and_body(method, path, parameters):
    assert asked(method, path, params=parameters) == []
    assert asked(method, path, headers={}, params={**parameters, "access_token": "THAA"}) == []
    if method == "POST":
        assert asked(method, path, data=parameters) == []


def test_the_login_is_allowed_without_a_version():
    host = "https://graph.threads.net"
    login = {"client_id": "1", "client_secret": "s", "code": "c", "redirect_uri": "https://a.example/b"}
    login["grant_type"] = "authorization_code"
    assert asked("POST", f"{host}/oauth/access_token", headers={}, data=login) == []
    exchange = {"grant_type": "th_exchange_token", "client_secret": "s", "access_token": "t"}
    assert asked("GET", f"{host}/access_token", headers={}, params=exchange) == []
    refresh = {"grant_type": "th_refresh_token", "access_token": "t"}
    assert asked("GET", f"{host}/refresh_access_token", headers={}, params=refresh) == []
    assert asked("GET", "/refresh_access_token", headers={}, params=refresh) == [
        "GET /v1.0/refresh_access_token is not in the contract"
    ]
    wrong = {**refresh, "grant_type": "ig_refresh_token"}
    assert asked("GET", f"{host}/refresh_access_token", headers={}, params=wrong) == [
        "parameter grant_type: not one that there is"
    ]


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (lambda: created(**IMAGE, caption="Hi"), "parameter caption is unknown"),
        (lambda: asked("GET", "/me?feilds=id"), "parameter feilds is unknown"),
        (lambda: created(text="Hi"), "parameter media_type is missing"),
        (lambda: asked("POST", "/me/threads_publish"), "parameter creation_id is missing"),
        (lambda: created(media_type="REELS"), "parameter media_type: not one that there is"),
        (lambda: created(media_type="TEXT", reply_control="me"), "parameter reply_control: not one that there is"),
        (lambda: created(**IMAGE, is_carousel_item="1"), "parameter is_carousel_item: neither true nor false"),
        (lambda: created(media_type="TEXT", reply_to_id="abc"), "parameter reply_to_id: no number"),
        (lambda: created(media_type="IMAGE", image_url="a.jpg"), "parameter image_url: no URL"),
        (lambda: created(media_type="CAROUSEL", children="17"), "parameter children: not 2 to 20 identifiers"),
        (lambda: created(media_type="TEXT", poll_attachment="[1]"), "parameter poll_attachment: no JSON object"),
        (lambda: created(media_type="TEXT", text_entities="{}"), "parameter text_entities: no JSON list"),
        (lambda: asked("GET", "/17?fields=status_code"), "parameter fields: names what is not there"),
        (lambda: asked("GET", "/me/threads?limit=few"), "parameter limit: no number"),
        (lambda: asked("GET", "/location_search?latitude=north"), "parameter latitude: no number"),
        (lambda: asked("POST", "/me/media"), "POST /v1.0/me/media is not in the contract"),
        (lambda: asked("PUT", "/me/threads"), "PUT /v1.0/me/threads is not in the contract"),
        (lambda: asked("GET", "https://graph.threads.net/v2.0/me"), "GET /v2.0/me is not in the contract"),
        (lambda: asked("GET", "https://graph.facebook.com/v1.0/me"), "the host is not in the contract"),
        (lambda: created("?media_type=TEXT&media_type=TEXT"), "parameter media_type: given more than once"),
        (lambda: created("?media_type=TEXT", media_type="TEXT"), "parameter media_type: given more than once"),
        (lambda: asked("POST", "/18/repost", json={"text": "Hi"}), "body: application/json is not taken here"),
        (lambda: asked("GET", "/me", headers={}), "no access token"),
    ],
)
def test_a_request_outside_the_contract_is_noticed(found, problem):
    assert found() == [problem]


def test_no_sentence_quotes_a_value():
    assert "secret" not in "".join(
        created(media_type="secret", reply_to_id="secret", image_url="secret", fields="secret")
    )

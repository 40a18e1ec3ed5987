"""Every request of every post type is one that X's published contract allows.

Its OAuth is not in that contract: tests/contract/lifecycle/x.toml holds those requests to the documents.
"""

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from punctual.providers import provider_class
from punctual.providers.media import Attachment
from tests.attachments import attachment
from tests.contract.contracts import load
from tests.contract.openapi_requests import OpenApiRequests
from tests.contract.x.answering import ACCOUNT, GRANT, LIVE, Answering

WITH_TOKEN = {"Authorization": "Bearer token"}
TWEETS = "https://api.x.com/2/tweets"
UPLOAD = "https://api.x.com/2/media/upload"
LONG_VIDEO = attachment(b"v" * (9 * 1024 * 1024), kind="video", alt_text="Waves")
POSTS: Mapping[str, tuple[str, Mapping[str, Any], tuple[Attachment, ...]]] = {
    "text": ("Hello", {}, ()),
    "link": ("See https://example.com/page", {"reply_settings": "mentionedUsers"}, ()),
    "image": ("Hello", {"tagged_user_ids": ["1", "2"], "made_with_ai": True}, (attachment(alt_text="A boat"),)),
    "images": ("", {"paid_partnership": True}, (attachment(b"one"), attachment(b"two", type="image/png"))),
    "animation": ("Hello", {"place_id": "df51dec6f4ee2b2c"}, (attachment(kind="animation", alt_text="A cat"),)),
    "video": ("Hello", {"subscribers_only": True}, (LONG_VIDEO,)),
    "poll": ("Tea?", {"poll": {"options": ["Yes", "No"], "duration_minutes": 60}}, ()),
    "to a community": ("Hello", {"community_id": "1", "share_with_followers": True}, ()),
    "a reply": ("Hello", {"reply_to": "5", "exclude_reply_user_ids": ["6"]}, ()),
    "a quote": ("Hello", {"quote_post_id": "5"}, ()),
    "with a link to messages": (
        "Hello",
        {"direct_message_link": "https://x.com/messages/compose?recipient_id=2244994945"},
        (),
    ),
}


@pytest.fixture(scope="module")
def contract() -> OpenApiRequests:
    return OpenApiRequests(load("x", "x/openapi.json"))


def violations(contract: OpenApiRequests, x: Answering) -> list[str]:
    assert x.sent
    return [violation for request in x.sent for violation in contract.violations(request)]


def test_every_type_that_the_catalogue_names_is_among_these() -> None:
    assert set(provider_class("x").spec.post_types) <= set(POSTS)


@pytest.mark.parametrize("kind", POSTS)
def test_what_is_sent_for_a_post_is_in_the_contract(kind: str, contract: OpenApiRequests) -> None:
    text, settings, media = POSTS[kind]
    x = Answering()
    assert x.publish(x.post(text, settings, media=media)) == LIVE
    assert violations(contract, x) == []


@pytest.mark.parametrize("kind", ["thread", "comment"])
@pytest.mark.parametrize("media", [(), (attachment(alt_text="A boat"),)])
def test_what_is_sent_for_a_part_that_answers_is_in_the_contract(
    kind: Any, media: tuple[Attachment, ...], contract: OpenApiRequests
) -> None:
    x = Answering()
    every = {name: value for _, settings, _ in POSTS.values() for name, value in settings.items()}
    x.publish(x.post("More", every, kind=kind, part=1, root=LIVE, parent=LIVE, media=media))
    assert violations(contract, x) == []
    assert b'"in_reply_to_tweet_id":"1445880548472328192"' in x.sent[-1].content


def test_all_other_calls_are_in_the_contract(contract: OpenApiRequests) -> None:
    x = Answering()
    x.provider.accounts(GRANT)
    x.provider.find(x.post(), GRANT)
    x.provider.delete(LIVE, GRANT, ACCOUNT)
    x.provider.options("communities", "garden", GRANT, ACCOUNT)
    x.provider.options("users", "@kim", GRANT, ACCOUNT)
    assert violations(contract, x) == []
    assert x.paths() == [
        "GET /2/users/me",
        "GET /2/users/2244994945/tweets",
        "DELETE /2/tweets/1445880548472328192",
        "GET /2/communities/search",
        "GET /2/users/by/username/kim",
    ]


def test_a_video_that_is_worked_on_is_asked_about_as_the_contract_says(contract: OpenApiRequests) -> None:
    x = Answering()
    working = {"data": {"id": "1", "processing_info": {"state": "pending", "check_after_secs": 1}}}
    x.changed[f"POST /2/media/upload/{x.uploads + 1}/finalize"] = [httpx.Response(200, json=working)]
    x.publish(x.post(media=(LONG_VIDEO,)))
    assert "GET /2/media/upload" in x.paths()
    assert violations(contract, x) == []


def tweets(body: Any) -> httpx.Request:
    return httpx.Request("POST", TWEETS, json=body, headers=WITH_TOKEN)


def timeline(**params: str) -> httpx.Request:
    return httpx.Request("GET", "https://api.x.com/2/users/1/tweets", params=params, headers=WITH_TOKEN)


def one_shot(**data: str) -> httpx.Request:
    return httpx.Request("POST", UPLOAD, files={"media": b"a"}, data=data, headers=WITH_TOKEN)


def append(**data: str) -> httpx.Request:
    return httpx.Request("POST", f"{UPLOAD}/1/append", files={"media": b"a"}, data=data, headers=WITH_TOKEN)


MUTATIONS: dict[str, tuple[Callable[[], httpx.Request], str]] = {
    "an unknown field": (lambda: tweets({"text": "Hello", "visibility": "all"}), "body: $ breaks additional"),
    "a field of another type": (lambda: tweets({"text": "Hello", "made_with_ai": "yes"}), "breaks type"),
    "a number for an id": (lambda: tweets({"text": "Hello", "community_id": 1}), "breaks type"),
    "an unknown value": (lambda: tweets({"text": "Hello", "reply_settings": "everyone"}), "breaks enum"),
    "a poll of one answer": (
        lambda: tweets({"text": "Hello", "poll": {"options": ["Yes"], "duration_minutes": 60}}),
        "breaks minItems",
    ),
    "an unknown field further in": (
        lambda: tweets({"text": "Hello", "media": {"media_ids": ["1"], "alt": "A"}}),
        "breaks additional",
    ),
    "no token": (lambda: httpx.Request("POST", TWEETS, json={"text": "Hello"}), "authorization is missing"),
    "an unknown query": (lambda: timeline(count="5"), "query: count is unknown"),
    "an unknown one of a list": (lambda: timeline(**{"post.fields": "text,likes"}), "query post.fields: $[1] breaks"),
    "a time that is none": (lambda: timeline(start_time="yesterday"), "query start_time: $ breaks format"),
    "a file without its category": (lambda: one_shot(), "body: $ breaks required"),
    "a command of the old form": (
        lambda: one_shot(media_category="tweet_image", command="INIT"),
        "body: $ breaks additional",
    ),
    "a part whose number is none": (lambda: append(segment_index="first"), "breaks type"),
    "a part beyond the last": (lambda: append(segment_index="1000"), "breaks maximum"),
    "a type that X has not": (
        lambda: httpx.Request("POST", f"{UPLOAD}/initialize", json={"media_type": "video/avi"}, headers=WITH_TOKEN),
        "breaks enum",
    ),
    "another path": (
        lambda: httpx.Request("POST", "https://api.x.com/1.1/statuses/update.json"),
        "not in the contract",
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_request_that_the_contract_does_not_allow_is_noticed(mutation: str, contract: OpenApiRequests) -> None:
    request, problem = MUTATIONS[mutation]
    built = request()
    built.read()
    found = contract.violations(built)
    assert any(problem in violation for violation in found), found

"""What a search takes for the post whose answer was missed: its text as X shows it, its time, and what it answers."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.providers.outcomes import Rejected, RetryLater
from tests.attachments import attachment
from tests.contract.x.answering import GRANT, LIVE, NOW, Answering

TIMELINE = "GET /2/users/2244994945/tweets"
WRITTEN = 'Tea & <cake>: see https://example.com/a?b=1&c=2, "now" example.org'
SHOWN = 'Tea &amp; &lt;cake&gt;: see https://t.co/aaa, "now" https://t.co/bbb'
URLS = [
    {"start": 24, "end": 40, "url": "https://t.co/aaa", "expanded_url": "https://example.com/a?b=1&c=2"},
    {"start": 48, "end": 64, "url": "https://t.co/bbb", "expanded_url": "http://example.org/"},
]
OF_MEDIA = {"url": "https://t.co/ccc", "expanded_url": "https://x.com/XDevelopers/status/7/photo/1", "media_key": "3_9"}


def made(text: str = "Hello", **changed: Any) -> dict[str, Any]:
    at = (NOW + timedelta(seconds=1)).isoformat()
    return {"id": "7", "created_at": at, "text": text, "conversation_id": "7", **changed}


def found(x: Answering, *shown: dict[str, Any], **about: Any) -> str | None:
    body = {"data": list(shown), "meta": {"result_count": len(shown)}}
    x.changed[TIMELINE] = [httpx.Response(200, json=body)]
    live = x.provider.find(x.post(**about), GRANT)
    return live and live.platform_id


def test_a_text_is_known_by_what_its_links_stand_for() -> None:
    assert found(Answering(), made(SHOWN, entities={"urls": URLS}), text=WRITTEN) == "7"
    other = [{**URLS[0], "expanded_url": "https://example.com/another"}, URLS[1]]
    assert found(Answering(), made(SHOWN, entities={"urls": other}), text=WRITTEN) is None


def test_a_long_text_is_read_whole() -> None:
    whole = "word " * 100
    for name in ("note_post", "note_tweet"):
        assert found(Answering(), made("word word…", **{name: {"text": whole}}), text=whole) == "7"


def test_the_link_of_media_is_no_part_of_the_text() -> None:
    shown = made("Hello https://t.co/ccc", entities={"urls": [OF_MEDIA]}, attachments={"media_keys": ["3_9"]})
    about = {"media": (attachment(),), "prepared": {"media_0": {"id": "9", "settled": True}}}
    assert found(Answering(), shown, **about) == "7"
    assert found(Answering(), {**shown, "attachments": {}}, **about) is None


def test_without_a_text_the_very_files_must_be_there() -> None:
    shown = made("https://t.co/ccc", entities={"urls": [OF_MEDIA]}, attachments={"media_keys": ["3_9"]})
    about: dict[str, Any] = {"text": "", "media": (attachment(),)}
    assert found(Answering(), shown, prepared={"media_0": {"id": "9", "settled": True}}, **about) == "7"
    assert found(Answering(), shown, prepared={"media_0": {"id": "8", "settled": True}}, **about) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"created_at": (NOW - timedelta(seconds=6)).isoformat()},
        {"text": "Hello you"},
        {"conversation_id": "6"},
        {"referenced_posts": [{"type": "replied_to", "id": "6"}]},
        {"referenced_tweets": [{"type": "quoted", "id": "6"}]},
        {"attachments": {"media_keys": ["3_1"]}},
        {"id": "no id"},
        {"created_at": "yesterday"},
    ],
)
def test_another_post_is_not_taken_for_it(changed: dict[str, Any]) -> None:
    assert found(Answering(), made(**changed)) is None


def test_nor_is_one_that_another_delivery_has_or_one_of_two_that_are_alike() -> None:
    assert found(Answering(), made(), taken=frozenset({"7"})) is None
    assert found(Answering(), made(), made(id="8", conversation_id="8")) is None


def test_a_reply_is_known_by_what_it_answers_whomever_x_has_it_mention() -> None:
    part: dict[str, Any] = {"kind": "thread", "part": 1, "root": LIVE, "parent": LIVE}
    answers = [{"type": "replied_to", "id": LIVE.platform_id}]
    shown = made("@XDevelopers Hello", referenced_posts=answers, conversation_id=LIVE.platform_id)
    assert found(Answering(), shown, **part) == "7"
    assert found(Answering(), {**shown, "referenced_posts": [{"type": "replied_to", "id": "1"}]}, **part) is None
    assert found(Answering(), made("Hello"), **part) is None
    assert found(Answering(), {**shown, "text": "@XDevelopers @kim Hello"}, **part, text="@kim Hello") == "7"
    assert found(Answering(), {**shown, "text": "@sam Hello"}, **part, text="@kim Hello") is None
    assert found(Answering(), {**shown, "text": "Oh, Hello"}, **part) is None
    assert found(Answering(), {**shown, "text": "@XDevelopers"}, **part) is None


def test_it_asks_for_no_more_than_what_was_made_since_the_first_call() -> None:
    x = Answering()
    found(x)
    assert x.sent[0].url.params["start_time"] == "2026-11-26T15:59:55Z"


def test_a_second_page_is_read_too() -> None:
    x = Answering()
    pages = [
        {"data": [made("Another", id="9", conversation_id="9")], "meta": {"result_count": 1, "next_token": "n1"}},
        {"data": [made()], "meta": {"result_count": 1}},
    ]
    x.changed[TIMELINE] = [httpx.Response(200, json=page) for page in pages]
    live = x.provider.find(x.post(), GRANT)
    assert live
    assert live.platform_id == "7"
    assert x.sent[1].url.params["pagination_token"] == "n1"


def test_where_x_does_not_know_the_contracts_names_it_is_asked_by_the_older_ones() -> None:
    x = Answering()
    x.changed[TIMELINE] = [httpx.Response(400, json={"title": "Invalid Request"})]
    with pytest.raises(RetryLater):
        x.provider.find(x.post(), GRANT)
    assert [next(name for name in each.url.params if name.endswith("t.fields")) for each in x.sent] == [
        "post.fields",
        "tweet.fields",
    ]


def test_where_x_passes_over_them_too() -> None:
    x = Answering()
    bare = {"data": [{"id": "7", "text": "Hello"}], "meta": {"result_count": 1}}
    x.changed[TIMELINE] = [httpx.Response(200, json=bare)]
    with pytest.raises(RetryLater):
        x.provider.find(x.post(), GRANT)
    assert len(x.sent) == 2


def test_a_refusal_that_is_not_about_names_is_one() -> None:
    x = Answering()
    x.changed[TIMELINE] = [httpx.Response(403, json={"title": "Forbidden"})]
    with pytest.raises(Rejected):
        x.provider.find(x.post(), GRANT)
    assert len(x.sent) == 1

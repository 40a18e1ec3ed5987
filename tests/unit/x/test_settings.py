"""What settings do: what belongs to the post itself, what contradicts what, what it costs."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from punctual.providers.x import Settings, X
from tests.attachments import attachment
from tests.contract.x.answering import ACCOUNT, LIVE, Answering

SUBSCRIBED = replace(ACCOUNT, limits={"is_subscribed": 1})
PART: dict[str, Any] = {"kind": "thread", "part": 1, "root": LIVE, "parent": LIVE}
POLL = {"options": ["Yes", "No"], "duration_minutes": 60}
READY = {"media": (attachment(),), "prepared": {"media_0": {"id": "9", "settled": True}}}


@pytest.fixture
def x() -> X:
    return Answering().provider


def settings(**chosen: Any) -> Settings:
    return Settings.model_validate(chosen)


def sent(text: str = "Hello", chosen: dict[str, Any] | None = None, **about: Any) -> Any:
    far = Answering()
    far.publish(far.post(text, chosen, **about))
    return json.loads(far.sent[-1].content)


def rules(x: X, text: str = "Hello", account: Any = ACCOUNT, kind: Any = "post", **chosen: Any) -> list[str]:
    return [each.rule.removeprefix("x.") for each in x.check(text, settings(**chosen), account, kind)]


def test_what_was_not_chosen_is_left_to_x() -> None:
    assert sent() == {"text": "Hello"}


def test_a_text_is_sent_where_it_is_empty_too() -> None:
    assert sent("", **READY) == {"text": "", "media": {"media_ids": ["9"]}}


def test_only_the_post_itself_has_a_poll_a_community_and_a_say_in_who_replies() -> None:
    chosen = {
        "poll": POLL,
        "community_id": "1",
        "share_with_followers": True,
        "reply_settings": "verified",
        "place_id": "p1",
        "tagged_user_ids": ["5"],
    }
    first = sent(chosen=chosen)
    assert (first["poll"], first["community_id"], first["geo"]) == (POLL, "1", {"place_id": "p1"})
    assert (first["share_with_followers"], first["reply_settings"]) == (True, "verified")
    later = sent(chosen=chosen, **PART, **READY)
    reply = {"in_reply_to_tweet_id": LIVE.platform_id}
    assert later == {"text": "Hello", "media": {"media_ids": ["9"]}, "reply": reply}


def test_the_whole_thread_says_that_it_is_paid_for_and_what_has_media_that_ai_made_them() -> None:
    chosen = {"made_with_ai": True, "paid_partnership": True}
    assert sent(chosen=chosen) == {"text": "Hello", **chosen}
    assert "made_with_ai" not in sent(chosen=chosen, **PART)
    with_media = sent(chosen=chosen, **PART, **READY)
    assert (with_media["made_with_ai"], with_media["paid_partnership"]) == (True, True)


def test_a_later_part_answers_the_part_before_it_and_not_the_setting() -> None:
    chosen = {"reply_to": "5", "exclude_reply_user_ids": ["6"]}
    assert sent(chosen=chosen)["reply"] == {"in_reply_to_tweet_id": "5", "exclude_reply_user_ids": ["6"]}
    assert sent(chosen=chosen, **PART)["reply"] == {"in_reply_to_tweet_id": LIVE.platform_id}


def test_settings_that_contradict_each_other_are_named(x: X) -> None:
    assert rules(x, poll=POLL, quote_post_id="5") == ["poll.alone"]
    assert rules(x, share_with_followers=True) == ["share_with_followers.needs_community"]
    assert rules(x, exclude_reply_user_ids=["5"]) == ["exclude_reply_user_ids.needs_reply"]
    assert rules(x, exclude_reply_user_ids=["5"], kind="thread") == [], "told once, of the post itself"
    (found,) = x.check("Hello", settings(share_with_followers=True), ACCOUNT)
    assert found.field == "settings/share_with_followers"


def test_a_second_cashtag_and_what_no_post_may_hold_are_refused(x: X) -> None:
    assert rules(x, "$ACME") == []
    assert rules(x, "$ACME $GOOG", kind="comment") == ["text.max_cashtags"]
    assert rules(x, "A\ufeffB") == ["text.characters"]


def test_a_long_text_is_for_those_who_asked_for_it_and_pay_for_it(x: X) -> None:
    assert rules(x, "x" * 281, SUBSCRIBED) == ["text.max_length"]
    assert rules(x, "x" * 25_000, SUBSCRIBED, long_post=True) == []
    assert rules(x, "x" * 25_001, SUBSCRIBED, long_post=True) == ["text.max_length"]
    assert rules(x, "x" * 281, long_post=True) == ["long_post.needs_subscription"]


def test_a_poll_takes_no_media_and_tags_need_them(x: X) -> None:
    assert x.media_rules(settings(poll=POLL), ACCOUNT).max_items == 0
    assert x.media_rules(settings(poll=POLL), ACCOUNT, "thread").max_items == 4
    assert x.media_rules(settings(tagged_user_ids=["5"]), ACCOUNT).needs_media
    assert not x.media_rules(settings(tagged_user_ids=["5"]), ACCOUNT, "comment").needs_media


def test_subscribers_may_send_larger_videos(x: X) -> None:
    sides = [rules.video and rules.video.max_width for rules in (x.media_rules(settings(), one) for one in BOTH)]
    assert sides == [1280, 1920]


BOTH = (ACCOUNT, SUBSCRIBED)


@pytest.mark.parametrize(
    ("text", "chosen", "kind", "micros"),
    [
        ("Hello", {}, "post", 15_000),
        ("See example.com", {}, "thread", 200_000),
        ("Hello", {"reply_to": "5"}, "post", 10_000),
        ("Hello", {"reply_to": "5"}, "comment", 15_000),
        ("https://example.com", {"reply_to": "5"}, "post", 200_000),
    ],
)
def test_a_part_costs_what_x_lists(x: X, text: str, chosen: dict[str, Any], kind: Any, micros: int) -> None:
    cost = x.cost(text, settings(**chosen), ACCOUNT, kind)
    assert cost
    assert cost.micros == micros


@pytest.mark.parametrize(
    "chosen",
    [
        {"poll": {"options": ["Yes"], "duration_minutes": 60}},
        {"poll": {"options": ["Yes", "x" * 26], "duration_minutes": 60}},
        {"poll": {**POLL, "duration_minutes": 4}},
        {"community_id": "https://x.com/i/communities/1"},
        {"tagged_user_ids": ["1"] * 11},
        {"direct_message_link": "https://example.com"},
        {"reply_settings": "everybody"},
    ],
)
def test_what_x_would_not_take_is_no_setting(chosen: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**chosen)


def test_every_setting_says_what_it_is_for() -> None:
    schema = Settings.model_json_schema()
    every = [schema, *schema["$defs"].values()]
    assert [name for one in every for name, about in one["properties"].items() if not about.get("description")] == []

"""The far side is held to the dossier: what X takes as a post, and how it shows it."""

from typing import Any

import pytest

from tests.contract.x.side_answers import DUPLICATE, NOT_PERMITTED
from tests.contract.x.side_caller import Caller, says
from tests.contract.x.side_counting import cashtags_in, length_of
from tests.contract.x.side_sign_in import Person

LENA = Person("783214", "lena_reads", "Lena")
COMMUNITY = "1493446837214187523"


@pytest.fixture
def x() -> Caller:
    return Caller().connected()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("Hello, world! 👋", 16),
        ("日本", 4),
        ("cafe\u0301", 4),
        ("👨‍👩‍👧‍👦", 2),
        ("🙋🏽", 2),
        ("👨‍🎤", 2),
        ("❤️", 2),
        ("🇩🇪", 2),
        ("1️⃣", 2),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2),
        ("©", 1),
        ("“q”", 3),
        ("€…", 4),
        ("https://example.com/very/long/path?x=1", 23),
        ("see example.com.", 28),
        ("(https://example.com/a_(b))", 25),
        ("見てexample.comね", 29),
        ("www.example.co.uk/x!", 24),
        ("https://münchen.de/ß", 23),
        ("kim@example.com", 15),
        ("http://localhost/x", 18),
        ("https://news.example/x", 22),
        ("@kim #tag $TWTR", 15),
    ],
)
def test_characters_weigh_what_the_documents_say(text: str, length: int) -> None:
    assert length_of(text) == length


def test_cashtags_are_letters_after_a_dollar() -> None:
    assert cashtags_in("$A and $BRK.B, costs $5 a$b $TOOLONGG") == ["$A", "$BRK.B"]


@pytest.mark.parametrize(
    "text", ["a" * 280, "字" * 140, "👨‍👩‍👧‍👦" * 140, "https://example.com/" + "a" * 500 + " " + "b" * 256]
)
def test_280_characters_are_the_most(x: Caller, text: str) -> None:
    assert says(x.post(f"{text}!")) == (403, NOT_PERMITTED)
    x.posted(text)


def test_a_subscriber_writes_long_posts_which_lists_show_in_short(x: Caller) -> None:
    x.side.person = Person("783214", "lena_reads", "Lena", "Premium")
    x.connected()
    text = "word " * 100 + "end"
    x.posted(text)
    assert says(x.post("a" * 25_001)) == (403, NOT_PERMITTED)
    (row,) = x.list(**{"post.fields": "note_post"}).json()["data"]
    assert row["text"].endswith("…")
    assert row["note_post"]["text"] == text
    assert "note_post" not in x.list(**{"tweet.fields": "note_tweet"}).json()["data"][0]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "$.text"),
        ({"text": ""}, "$.text"),
        ({"text": 5}, "$.text"),
        ({"text": None}, "$.text"),
        ({"text": "a", "mood": "good"}, "$.mood"),
        ({"text": "a", "reply_settings": "everyone"}, "$.reply_settings"),
        ({"text": "a", "made_with_ai": "true"}, "$.made_with_ai"),
        ({"text": "a", "paid_partnership": 1}, "$.paid_partnership"),
        ({"text": "a", "community_id": "mine"}, "$.community_id"),
        ({"text": "a", "media": {}}, "$.media.media_ids"),
        ({"text": "a", "media": {"media_ids": []}}, "$.media.media_ids"),
        ({"text": "a", "media": {"media_ids": ["1"] * 5}}, "$.media.media_ids"),
        ({"text": "a", "media": {"media_ids": "1"}}, "$.media.media_ids"),
        ({"text": "a", "media": {"media_ids": [1]}}, "$.media.media_ids[0]"),
        ({"text": "a", "media": {"media_ids": ["1"], "tagged_user_ids": ["1"] * 11}}, "$.media.tagged_user_ids"),
        ({"text": "a", "media": {"media_ids": ["1"], "alt_text": "b"}}, "$.media.alt_text"),
        ({"text": "a", "reply": {}}, "$.reply.in_reply_to_tweet_id"),
        ({"text": "a", "poll": {"options": ["b", "c"]}}, "$.poll.duration_minutes"),
        ({"text": "a", "poll": {"options": ["b"], "duration_minutes": 5}}, "$.poll.options"),
        ({"text": "a", "poll": {"options": list("bcdef"), "duration_minutes": 5}}, "$.poll.options"),
        ({"text": "a", "poll": {"options": ["b" * 26, "c"], "duration_minutes": 5}}, "$.poll.options[0]"),
        ({"text": "a", "poll": {"options": ["b", "c"], "duration_minutes": 4}}, "$.poll.duration_minutes"),
        ({"text": "a", "poll": {"options": ["b", "c"], "duration_minutes": 10081}}, "$.poll.duration_minutes"),
        ({"text": "a", "poll": {"options": ["b", "c"], "duration_minutes": 5.5}}, "$.poll.duration_minutes"),
        (
            {"text": "a", "media": {"media_ids": ["1"]}, "poll": {"options": ["b", "c"], "duration_minutes": 5}},
            "$.poll",
        ),
    ],
)
def test_a_body_that_the_contract_does_not_allow_is_refused_by_name(
    x: Caller, body: dict[str, Any], named: str
) -> None:
    refused = x.call("POST", "tweets", json=body)
    assert refused.status_code == 400
    assert refused.json()["type"] == "https://api.x.com/2/problems/invalid-request"
    assert named in {name for error in refused.json()["errors"] for name in error["parameters"]}
    assert x.side.posts == []


def test_a_body_of_another_kind_is_refused(x: Caller) -> None:
    assert x.call("POST", "tweets", data={"text": "a"}).status_code == 400
    assert x.call("POST", "tweets", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
    assert x.call("POST", "tweets", params={"trim": "1"}, json={"text": "a"}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"quote_tweet_id": "1"},
        {"card_uri": "card://1"},
        {"nullcast": True},
        {"for_super_followers_only": True},
        {"edit_options": {"previous_post_id": "1"}},
        {"community_id": "1"},
        {"text": "Buy $ONE and $TWO"},
        {"text": "a\ufeff"},
    ],
)
def test_what_self_serve_apps_may_not_do_is_forbidden(x: Caller, body: dict[str, Any]) -> None:
    assert says(x.post(**{"text": "Hello", **body})) == (403, NOT_PERMITTED)


def test_readers_see_what_a_post_was_asked_to_be(x: Caller) -> None:
    x.side.rules.untaggable = {"12"}
    media = {"media_ids": [x.image()], "tagged_user_ids": ["11", "12"]}
    own = {"reply_settings": "mentionedUsers", "made_with_ai": True, "paid_partnership": True}
    number = x.posted("  Hello  ", media=media, community_id=COMMUNITY, share_with_followers=True, **own)
    (post,) = x.side.posts
    assert (post.id, post.text, post.kind) == (number, "Hello", "image")
    assert post.url == f"https://x.com/kim_writes/status/{number}"
    assert post.about == {
        **own,
        "community_id": COMMUNITY,
        "share_with_followers": True,
        "tagged_user_ids": ["11"],
    }


def test_a_poll_ends_when_it_was_asked_to(x: Caller) -> None:
    x.posted("Tea?", poll={"options": ["Yes", "No"], "duration_minutes": 60})
    (post,) = x.side.posts
    assert (post.kind, post.about["poll"]["options"]) == ("poll", ["Yes", "No"])
    assert (post.about["poll"]["ends_at"] - post.made_at).total_seconds() == 3600


def test_the_same_text_is_refused_for_a_day_even_after_it_was_taken_down(x: Caller) -> None:
    number = x.posted("Hello café")
    assert says(x.post("Hello cafe\u0301 ")) == (403, DUPLICATE)
    assert x.call("DELETE", f"tweets/{number}").json() == {"data": {"deleted": True}}
    assert x.side.posts == []
    assert says(x.post("Hello café")) == (403, DUPLICATE)
    x.waits(hours=24)
    x.posted("Hello café")


def test_the_same_text_with_files_is_no_copy_unless_the_switch_says_so(x: Caller) -> None:
    for _ in range(2):
        x.posted("Hello", media={"media_ids": [x.image()]})
    x.side.rules.sees_copies_with_media = True
    assert says(x.post("Hello", media={"media_ids": [x.image()]})) == (403, DUPLICATE)


def test_a_thread_answers_itself(x: Caller) -> None:
    root = x.posted("One")
    x.posted("Two", reply={"in_reply_to_tweet_id": root})
    assert [post.answers for post in x.side.posts] == [None, root]
    x.side.rules.answers_oneself = False
    assert x.post("Three", reply={"in_reply_to_tweet_id": root}).status_code == 403


def test_others_are_answered_only_where_they_ask_for_it(x: Caller) -> None:
    called, silent = x.side.says(LENA, "What do you say, @kim_writes?"), x.side.says(LENA, "Hello")
    assert x.post("Hi", reply={"in_reply_to_tweet_id": silent}).status_code == 403
    x.posted("@lena_reads " + "a" * 280, reply={"in_reply_to_tweet_id": called})
    assert x.side.spent == 10_000
    assert len(x.side.posts) == 1


def test_what_was_taken_down_is_not_answered(x: Caller) -> None:
    root = x.posted("One")
    x.call("DELETE", f"tweets/{root}")
    detail = "You attempted to reply to a Tweet that is deleted or not visible to you."
    assert says(x.post("Two", reply={"in_reply_to_tweet_id": root})) == (403, detail)
    assert x.call("DELETE", f"tweets/{root}").status_code == 404
    assert "data" not in x.call("GET", f"tweets/{root}").json()


def test_lists_show_links_and_files_as_short_links(x: Caller) -> None:
    text = "Tea & cake: https://example.com/a?b=1 <now>"
    answer = x.post(text, media={"media_ids": [x.image(), x.image()]}).json()["data"]
    (row,) = x.list(**{"tweet.fields": "created_at,entities,attachments"}).json()["data"]
    first, *files = row["entities"]["urls"]
    assert row["text"] == answer["text"] == f"Tea &amp; cake: {first['url']} &lt;now&gt; {files[0]['url']}"
    assert row["text"][first["start"] : first["end"]] == first["url"]
    assert first["expanded_url"] == "https://example.com/a?b=1"
    assert [each["expanded_url"] for each in files] == [f"https://x.com/kim_writes/status/{answer['id']}/photo/1"] * 2
    assert len(row["attachments"]["media_keys"]) == 2
    assert row["created_at"] == "2026-11-26T08:00:00.000Z"  # written a quarter of a second later
    assert x.side.posts[0].text == text


def test_a_list_speaks_the_contract_or_the_documents(x: Caller) -> None:
    root = x.posted("One")
    x.posted("Two", reply={"in_reply_to_tweet_id": root})
    referenced = [{"type": "replied_to", "id": root}]
    assert x.list(expansions="referenced_posts").json()["data"][0]["referenced_posts"] == referenced
    assert x.list(**{"tweet.fields": "referenced_tweets"}).json()["data"][0]["referenced_tweets"] == referenced
    assert x.list(**{"post.fields": "referenced_tweets"}).status_code == 400
    x.side.lists.speaks = {"post.fields"}
    assert x.list(**{"tweet.fields": "created_at"}).status_code == 400


def test_a_list_is_newest_first_in_pages_and_empty_without_data(x: Caller) -> None:
    assert x.list().json() == {"meta": {"result_count": 0}}
    numbers = [x.posted(f"Post {number}") for number in range(7)]
    page = x.list(max_results=5).json()
    assert [row["id"] for row in page["data"]] == numbers[:1:-1]
    rest = x.list(max_results=5, pagination_token=page["meta"]["next_token"]).json()
    assert [row["id"] for row in rest["data"]] == numbers[1::-1]
    assert "next_token" not in rest["meta"]
    assert [row["id"] for row in x.list(since_id=numbers[5]).json()["data"]] == [numbers[6]]


def test_a_list_is_narrowed_by_time_and_kind(x: Caller) -> None:
    root = x.posted("One")
    x.clock.passes(minutes=1)
    reply = x.posted("Two", reply={"in_reply_to_tweet_id": root})
    assert [row["id"] for row in x.list(start_time="2026-11-26T08:00:30Z").json()["data"]] == [reply]
    assert [row["id"] for row in x.list(end_time="2026-11-26T08:00:30.5Z").json()["data"]] == [root]
    assert [row["id"] for row in x.list(exclude="retweets,replies").json()["data"]] == [root]


@pytest.mark.parametrize(
    "query",
    [
        {"max_results": 4},
        {"max_results": 101},
        {"max_results": "many"},
        {"exclude": "retweets,quotes"},
        {"exclude": "retweets,retweets"},
        {"start_time": "yesterday"},
        {"since_id": "abc"},
        {"pagination_token": "abc"},
        {"limit": 5},
        {"tweet.fields": "mood"},
    ],
)
def test_a_list_that_is_asked_for_wrongly_is_refused(x: Caller, query: dict[str, Any]) -> None:
    assert x.list(**query).status_code == 400


def test_a_new_post_is_in_no_list_while_those_lag(x: Caller) -> None:
    x.side.listing_lag_seconds = 20
    number = x.posted("Hello")
    assert "data" not in x.list().json()
    x.clock.passes(seconds=20)
    assert x.list().json()["data"][0]["id"] == number

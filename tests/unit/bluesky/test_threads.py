from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from punctual.providers.base import Login, Outgoing, Published
from punctual.providers.bluesky import Bluesky, Settings
from punctual.providers.outcomes import ProviderError, Rejected, RetryLater
from tests.contract.bluesky.far_side import DID, cid_of, failed
from tests.contract.bluesky.session import DUE_AT, Session, created_at, next_part, record_of, thread

BOB = "did:plc:bobbbbbbbbbbbbbbbbbbbbbb"
FIRST = f"at://{BOB}/app.bsky.feed.post/3m6first"
SECOND = f"at://{BOB}/app.bsky.feed.post/3m6second"


@pytest.fixture
def login(session: Session) -> Login:
    return session.login()


def ref(published: Published) -> dict[str, str]:
    return {"uri": published.platform_id, "cid": published.extra["cid"]}


def bobs(session: Session, uri: str, **record: Any) -> dict[str, str]:
    """A post of somebody else, and what a reply says of it."""
    session.far_side.records[uri] = {"text": "Hi", "createdAt": "2026-11-20T08:00:00Z", **record}
    return {"uri": uri, "cid": cid_of(session.far_side.records[uri])}


def answering(session: Session, login: Login, uri: str, **changed: Any) -> Outgoing:
    return session.prepared("A reply", login, settings=Settings(reply_to=uri), **changed)


def test_each_part_answers_the_one_before_and_the_comment_the_first(session: Session, login: Login):
    (first, one), (second, two), (third, _), (comment, _) = thread(session.provider, login)

    assert "reply" not in record_of(first)
    assert record_of(second)["reply"] == {"root": ref(one), "parent": ref(one)}
    assert record_of(third)["reply"] == {"root": ref(one), "parent": ref(two)}
    assert record_of(comment)["reply"] == {"root": ref(one), "parent": ref(one)}
    assert Bluesky.spec.max_parts >= 3
    assert Bluesky.spec.comments


def test_parts_of_one_moment_sort_by_time_and_each_key_behind_its_parents(session: Session, login: Login):
    made = thread(session.provider, login)

    times = [created_at(post) for post, _ in made]
    assert times[0] == DUE_AT
    assert all(before < after for before, after in pairwise(times))
    assert times[-1] - times[0] < timedelta(milliseconds=10)
    keys = {published.platform_id: post.prepared["rkey"] for post, published in made}
    assert len(keys) == 4
    for post, _ in made[1:]:
        assert post.parent
        assert keys[post.parent.platform_id] < post.prepared["rkey"]


def test_a_part_is_later_than_its_parent_where_the_clock_has_gone_back(session: Session, login: Login):
    session.clock.moment = DUE_AT + timedelta(minutes=5)
    first = session.prepared("First", login)
    one = session.provider.publish(first, login.grant)
    session.clock.moment = DUE_AT

    second = next_part(session.provider, login, 1, one, one)

    assert created_at(second) == created_at(first) + timedelta(milliseconds=1)


def test_a_later_part_has_its_own_time(session: Session, login: Login):
    one = session.provider.publish(session.prepared("First", login), login.grant)

    second = next_part(session.provider, login, 1, one, one, due_at=DUE_AT + timedelta(minutes=5))

    assert timedelta() <= created_at(second) - DUE_AT - timedelta(minutes=5) < timedelta(milliseconds=10)
    assert second.prepared["rkey"] > one.platform_id.rpartition("/")[2]


def test_a_part_whose_parent_is_known_asks_nobody(session: Session, login: Login):
    one = session.provider.publish(session.prepared("First", login), login.grant)
    asked = len(session.far_side.seen)

    next_part(session.provider, login, 1, one, one)

    assert len(session.far_side.seen) == asked


def test_each_part_sent_again_is_no_new_post(session: Session, login: Login):
    made = thread(session.provider, login)
    before = dict(session.far_side.records)

    assert [session.provider.publish(post, login.grant) for post, _ in made] == [published for _, published in made]
    assert session.far_side.records == before
    assert len(before) == 4


def test_what_is_found_can_be_answered_as_what_was_published(session: Session, login: Login):
    bobs(session, FIRST)
    first = answering(session, login, FIRST)
    one = session.provider.publish(first, login.grant)

    assert session.provider.find(first, login.grant) == one


@pytest.mark.parametrize("known_by", ["platform_id", "url"])
@pytest.mark.parametrize("owner", [DID, "alice.example"])
def test_a_parent_that_a_person_settled_is_asked_for(session: Session, login: Login, known_by: str, owner: str):
    one = session.provider.publish(session.prepared("First", login), login.grant)
    web = f"https://bsky.app/profile/{owner}/post/{one.platform_id.rpartition('/')[2]}"
    settled = Published(**{"platform_id": "", "url": "", known_by: web})

    second = next_part(session.provider, login, 1, settled, settled)

    assert record_of(second)["reply"] == {"root": ref(one), "parent": ref(one)}
    assert created_at(second) > DUE_AT
    assert second.prepared["rkey"] > one.platform_id.rpartition("/")[2]
    assert "Authorization" not in session.far_side.seen[-1].headers


@pytest.mark.parametrize("where", ["https://example.com/1", f"at://{DID}/app.bsky.feed.post/3m6gone"])
def test_a_parent_that_is_gone_ends_the_thread_with_a_sentence(session: Session, login: Login, where: str):
    settled = Published(platform_id=where, url=where)

    with pytest.raises(Rejected, match="The post that this one continues is not on Bluesky"):
        next_part(session.provider, login, 1, settled, settled)


def test_a_reply_to_a_threads_first_post_names_it_twice(session: Session, login: Login):
    first = bobs(session, FIRST)

    assert record_of(answering(session, login, FIRST))["reply"] == {"root": first, "parent": first}


def test_a_reply_to_a_reply_takes_over_its_root(session: Session, login: Login):
    first = bobs(session, FIRST)
    second = bobs(session, SECOND, reply={"root": first, "parent": first})

    post = answering(session, login, SECOND)

    assert record_of(post)["reply"] == {"root": first, "parent": second}


def test_a_thread_that_answers_a_post_stays_in_its_thread(session: Session, login: Login):
    first = bobs(session, FIRST)
    settings = Settings(reply_to=FIRST)

    (_, one), (second, two), (third, _), (comment, _) = thread(session.provider, login, settings=settings)

    assert record_of(second)["reply"] == {"root": first, "parent": ref(one)}
    assert record_of(third)["reply"] == {"root": first, "parent": ref(two)}
    assert record_of(comment)["reply"] == {"root": first, "parent": ref(one)}


def test_a_post_named_by_its_web_address_is_answered_by_its_owners_did(session: Session, login: Login):
    first = bobs(session, FIRST)

    post = answering(session, login, "https://bsky.app/profile/bob.example/post/3m6first")

    assert record_of(post)["reply"]["parent"] == first


def test_the_time_of_somebody_elses_post_moves_nothing(session: Session, login: Login):
    bobs(session, FIRST, createdAt="2099-01-01T00:00:00Z")

    post = answering(session, login, FIRST)

    assert created_at(post) == DUE_AT
    assert post.prepared["rkey"] == session.prepared("Hi", login).prepared["rkey"]


@pytest.mark.parametrize("created", ["", "yesterday", "2026-11-22T17:00:00", 7, None])
def test_a_parent_whose_time_cannot_be_read_is_answered_all_the_same(session: Session, login: Login, created: Any):
    one = session.provider.publish(session.prepared("First", login), login.grant)
    session.far_side.records[one.platform_id]["createdAt"] = created

    second = next_part(session.provider, login, 1, one, replace(one, extra={}))

    assert created_at(second) == DUE_AT + timedelta(milliseconds=1)


@pytest.mark.parametrize("reply", [None, "x", {}, {"root": {"uri": 1, "cid": 2}}, {"root": None}])
def test_a_post_whose_own_root_cannot_be_read_is_taken_for_one(session: Session, login: Login, reply: Any):
    first = bobs(session, FIRST, reply=reply)

    assert record_of(answering(session, login, FIRST))["reply"] == {"root": first, "parent": first}


@pytest.mark.parametrize(
    "answer",
    [
        failed(400, "RecordNotFound"),
        failed(400, "InvalidRequest"),
        failed(400, "AccountTakedown"),
        failed(401, "AuthMissing"),
        failed(404, ""),
    ],
)
def test_a_post_that_is_gone_cannot_be_answered_and_says_nothing_of_our_grant(
    session: Session, login: Login, answer: httpx.Response
):
    session.far_side.answers_next = [answer]

    with pytest.raises(Rejected, match="reply_to") as refused:
        answering(session, login, FIRST)

    assert refused.value.code == "reply_to_gone"


@pytest.mark.parametrize(
    "answer",
    [
        failed(502, "UpstreamFailure"),
        failed(429, "RateLimitExceeded"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"uri": FIRST, "cid": "b"}),
        httpx.Response(200, json={"uri": FIRST, "value": {}}),
        httpx.Response(200, json={"uri": "at://bob.example/app.bsky.feed.post/3", "cid": "b", "value": {}}),
        httpx.Response(200, json={"uri": "at://did:plc:bob", "cid": "b", "value": {}}),
    ],
)
def test_a_post_that_cannot_be_looked_up_now_is_looked_up_later(session: Session, login: Login, answer: httpx.Response):
    session.far_side.answers_next = [answer]

    with pytest.raises(RetryLater):
        answering(session, login, FIRST)


def test_a_server_that_may_not_be_called_is_named_as_such(session: Session, login: Login):
    private = replace(login.grant, server="http://enoki.example")

    with pytest.raises(ProviderError) as refused:
        session.provider.prepare(
            replace(session.prepared("Hi", login), prepared={}, settings=Settings(reply_to=FIRST)), private, dict
        )

    assert refused.value.code == "address_refused"


def test_an_answer_without_a_cid_is_a_post_that_is_asked_for_before_it_is_answered(session: Session, login: Login):
    first = session.prepared("First", login)
    full = session.provider.publish(first, login.grant)
    session.far_side.answers_next = [httpx.Response(200, json={"uri": full.platform_id})]

    bare = session.provider.publish(first, login.grant)

    assert bare == replace(full, extra={})
    assert record_of(next_part(session.provider, login, 1, bare, bare))["reply"]["parent"] == ref(full)

"""Threads and first comments: every part is a status that answers the one before it, or the first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from punctual.providers.mastodon import Settings
from punctual.providers.outcomes import Rejected, RetryLater


def part(number, root, parent, kind="thread", **more):
    return {"part": number, "root": root, "parent": parent, "kind": kind, "key": f"dlv_1-1-{number}", **more}


def thread(session, *texts, **more):
    made = []
    for number, text in enumerate(texts):
        root, parent = (made[0], made[-1]) if made else (None, None)
        made.append(session.publish(text, **part(number, root, parent, **more)))
    return made


def test_each_part_of_a_thread_answers_the_one_before_it(session, far_side):
    first, second, third = thread(session, "One", "Two", "Three")
    answered = {status["id"]: status["in_reply_to_id"] for status in far_side.statuses}
    assert answered == {
        first.platform_id: None,
        second.platform_id: first.platform_id,
        third.platform_id: second.platform_id,
    }


def test_a_first_comment_answers_the_post_itself(session, far_side):
    first, _ = thread(session, "One", "Two")
    comment = session.publish("The link", **part(2, first, first, "comment"))
    assert far_side.statuses[0]["id"] == comment.platform_id
    assert far_side.statuses[0]["in_reply_to_id"] == first.platform_id


def test_every_part_of_a_thread_is_in_the_contract_and_has_its_own_key(session, far_side, contract):
    there = session.publish("Zero", key="there")
    thread(session, "One", "Two", settings=Settings(visibility="unlisted", reply_to=there.platform_id))
    sent = [request for request in far_side.seen if request.method == "POST" and request.url.path == "/api/v1/statuses"]
    assert [contract.violations(request) for request in sent] == [[], [], []]
    assert [request.headers["Idempotency-Key"] for request in sent] == ["there", "dlv_1-1-0", "dlv_1-1-1"]


def test_a_repeated_part_is_the_same_part(session, far_side):
    first = session.publish("One", key="first")
    second = session.publish("Two", **part(1, first, first))
    assert session.publish("Two", **part(1, first, first)) == second
    assert len(far_side.statuses) == 2


@pytest.mark.parametrize("asked", [None, "private"])
def test_later_parts_are_seen_by_whom_the_first_was(session, far_side, asked):
    far_side.preferred_visibility = "unlisted"
    first = session.publish("One", key="first", settings=Settings(visibility=asked))
    far_side.preferred_visibility = "public"
    session.publish("Two", **part(1, first, first, settings=Settings(visibility=asked)))
    assert [status["visibility"] for status in far_side.statuses] == [asked or "unlisted"] * 2


def test_a_visibility_that_only_this_server_knows_is_left_to_it(session, far_side):
    far_side.preferred_visibility = "mutuals_only"
    first = session.publish("One", key="first")
    session.publish("Two", **part(1, first, first))
    assert b"mutuals_only" not in far_side.seen[-1].content


def test_a_post_may_answer_one_that_is_there(session, far_side):
    there = session.publish("There", key="there")
    first, _ = thread(session, "One", "Two", settings=Settings(reply_to=there.platform_id))
    assert far_side.statuses[1]["in_reply_to_id"] == there.platform_id
    assert far_side.statuses[0]["in_reply_to_id"] == first.platform_id
    assert b'reply_to":' not in far_side.seen[-1].content


def test_an_answer_to_nothing_is_refused_with_a_sentence(session, far_side):
    with pytest.raises(Rejected, match="is gone, or hidden from this account") as refused:
        session.publish(settings=Settings(reply_to="110000000000000999"))
    assert (refused.value.code, refused.value.status) == ("parent_gone", 404)
    assert not far_side.statuses


def test_a_part_whose_parent_was_deleted_is_refused(session, far_side, clock):
    first = session.publish("One", key="first")
    far_side.statuses.clear()
    clock.advance(minutes=2)
    with pytest.raises(Rejected) as refused:
        session.publish("Two", **part(1, first, first))
    assert refused.value.code == "parent_gone"


def test_a_parent_made_a_moment_ago_may_not_be_shown_yet(session, far_side, clock):
    """https://github.com/mastodon/mastodon/issues/21932"""
    first = session.publish("One", key="first")
    far_side.copies_lag = True
    clock.advance(seconds=1)
    with pytest.raises(RetryLater) as refused:
        session.publish("Two", **part(1, first, first))
    assert (refused.value.code, refused.value.retry_after) == ("parent_not_shown", 5)
    far_side.copies_lag = False
    session.publish("Two", **part(1, first, first))
    assert len(far_side.statuses) == 2


def test_a_parent_of_which_nothing_more_is_known_is_gone_at_once(session, far_side):
    first = session.publish("One", key="first")
    far_side.statuses.clear()
    bare = replace(first, extra={})
    with pytest.raises(Rejected):
        session.publish("Two", **part(1, bare, bare))


def test_a_404_that_answers_no_answer_is_about_the_server(session, far_side):
    del far_side.routes["POST", "/api/v1/statuses"]
    with pytest.raises(Rejected, match="is it a Mastodon server"):
        session.publish()


def test_parts_with_the_same_text_are_told_apart_by_what_they_answer(session, clock):
    sent_at = clock()
    first, second, third = thread(session, "…", "…", "…")
    assert session.find("…", sent_at=sent_at) == first
    assert session.find("…", sent_at=sent_at, **part(1, first, first)) == second
    assert session.find("…", sent_at=sent_at, **part(2, first, second)) == third
    assert session.find("…", sent_at=sent_at, **part(3, first, third)) is None


def test_a_found_part_can_be_answered_like_one_whose_answer_came(session, far_side, clock):
    first = session.publish("One", key="first")
    assert session.find("One", sent_at=clock()).extra == first.extra
    assert first.extra == {"made_at": "2026-11-22T16:00:00+00:00", "visibility": "public"}


def test_a_later_part_that_others_see_is_not_ours(session, far_side, clock):
    far_side.preferred_visibility = "private"
    first = session.publish("One", key="first")
    session.publish("Two", **part(1, first, first))
    far_side.statuses[0]["visibility"] = "public"
    assert session.find("Two", sent_at=clock(), **part(1, first, first)) is None


def test_a_twin_post_is_not_found_for_the_other(session, clock):
    """Two deliveries of one text at one time: the first one's status is its own."""
    twin = session.publish(key="one")
    assert session.find(sent_at=clock(), taken=frozenset({twin.platform_id})) is None
    ours = session.publish(key="two")
    assert session.find(sent_at=clock(), taken=frozenset({twin.platform_id})) == ours


def test_a_twin_is_not_even_asked_about(session, far_side, clock):
    twin = session.publish()
    calls = len(far_side.seen)
    session.find(sent_at=clock(), taken=frozenset({twin.platform_id}))
    assert len(far_side.seen) == calls + 1


def test_the_last_status_of_a_window_says_when_the_next_may_come(session, far_side, clock):
    far_side.statuses_in_a_window = 2
    told = []
    provider = session.provider.noting(told.append)
    provider.publish(session.post(key="one"), session.grant)
    assert told == []
    provider.publish(session.post(key="two"), session.grant)
    assert told == [clock() + timedelta(hours=3)]
    with pytest.raises(RetryLater):
        provider.publish(session.post(key="three"), session.grant)
    assert told[1:] == [clock() + timedelta(minutes=5)]

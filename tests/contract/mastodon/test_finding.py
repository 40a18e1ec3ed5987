"""`find` is evidence only: what it finds is our post, what it does not find proves nothing."""

import httpx
import pytest

from punctual.providers.mastodon import Settings
from punctual.providers.outcomes import RetryLater


def test_a_post_whose_answer_was_lost_is_found_by_its_source(session, clock):
    sent_at = clock()
    clock.advance(seconds=3)
    made = session.publish("Tom & Jerry  <3\nhttps://example.com @kim@example.social ")
    clock.advance(minutes=3)
    assert session.find("Tom & Jerry  <3\nhttps://example.com @kim@example.social ", sent_at=sent_at) == made


def test_a_post_that_was_never_sent_is_not_looked_for(session, far_side):
    calls = len(far_side.seen)
    assert session.find(sent_at=None) is None
    assert len(far_side.seen) == calls


def test_finding_nothing_is_no_proof(session, clock):
    assert session.find(sent_at=clock()) is None
    assert not session.provider.absence_is_proof(session.post())


def test_another_text_is_not_our_post(session, clock):
    session.publish("Hello, world")
    assert session.find("Hello", sent_at=clock()) is None


def test_an_older_post_with_the_same_text_is_not_ours(session, clock):
    session.publish()
    clock.advance(minutes=1)
    assert session.find(sent_at=clock()) is None


def test_a_post_made_long_after_our_last_possible_call_is_not_ours(session, clock):
    sent_at = clock()
    clock.advance(hours=2)
    session.publish()
    assert session.find(sent_at=sent_at) is None


def test_a_post_that_another_app_made_is_not_ours(session, far_side, clock):
    session.publish()
    far_side.statuses[0]["application"] = {"name": "Web", "website": None}
    assert session.find(sent_at=clock()) is None


@pytest.mark.parametrize("application", [None, "Punctual", {"name": "Punctual"}])
def test_a_server_that_does_not_say_by_which_app_still_gives_evidence(session, far_side, clock, application):
    made = session.publish()
    far_side.statuses[0]["application"] = application
    assert session.find(sent_at=clock()) == made


def test_another_content_warning_is_another_post(session, clock):
    session.publish(settings=Settings(spoiler_text="Plot"))
    assert session.find(sent_at=clock()) is None
    assert session.find(sent_at=clock(), settings=Settings(spoiler_text="Plot")) is not None


def test_another_visibility_is_another_post(session, clock):
    session.publish(settings=Settings(visibility="direct"))
    assert session.find(sent_at=clock(), settings=Settings(visibility="public")) is None


def test_a_public_post_that_the_server_made_unlisted_is_found(session, far_side, clock):
    made = session.publish(settings=Settings(visibility="public"))
    far_side.statuses[0]["visibility"] = "unlisted"
    assert session.find(sent_at=clock(), settings=Settings(visibility="public")).platform_id == made.platform_id


def test_two_posts_that_both_could_be_ours_are_no_evidence(session, clock):
    session.publish(key="one")
    session.publish(key="two")
    assert session.find(sent_at=clock()) is None


def test_a_server_that_does_not_give_the_source_gives_no_evidence(compatible_session, compatible_side, clock):
    compatible_session.publish()
    compatible_side.has_source = False
    assert compatible_session.find(sent_at=clock()) is None


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'[null, 7, {}, {"id": "1", "created_at": 5}]'])
def test_an_unreadable_timeline_gives_no_evidence(session, far_side, clock, body):
    far_side.answers_next = [httpx.Response(200, content=body)]
    assert session.find(sent_at=clock()) is None


def test_a_look_that_fails_is_taken_up_again_later(session, far_side, clock):
    far_side.answers_next = [httpx.Response(503)]
    with pytest.raises(RetryLater):
        session.find(sent_at=clock())

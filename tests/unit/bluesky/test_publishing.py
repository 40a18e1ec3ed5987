import json
from datetime import timedelta

import httpx
import pytest
from pydantic import ValidationError

from punctual.providers.base import Account, Published
from punctual.providers.bluesky import Settings
from punctual.providers.outcomes import OutcomeUnknown, ProviderError, Reconnect, Rejected, RetryLater, Unauthorized
from tests.contract.bluesky.far_side import DID, cid_of, failed, uri_of
from tests.contract.bluesky.session import DUE_AT, Session, created_at, outgoing, prepare
from tests.kept import Kept


def test_300_graphemes_pass_and_301_do_not(session: Session):
    (account,) = session.login().accounts

    assert session.provider.check("👍🏽" * 300, Settings(), account) == []
    (violation,) = session.provider.check("é" * 301, Settings(), account)
    assert violation.rule == "bluesky.text.max_length"


def test_3000_bytes_are_a_rule_of_their_own(session: Session):
    (account,) = session.login().accounts
    family = "👩‍👩‍👧"
    assert len(family.encode()) == 18

    assert session.provider.check(family * 166 + "x" * 12, Settings(), account) == []
    (violation,) = session.provider.check(family * 166 + "x" * 13, Settings(), account)
    assert violation.rule == "bluesky.text.max_bytes"
    assert len(session.provider.check(family * 301, Settings(), account)) == 2


@pytest.mark.parametrize(
    "wrong",
    [{"langs": ["en"] * 4}, {"langs": ["English"]}, {"langs": ["EN"]}, {"labels": ["rude"]}, {"visibility": "public"}],
)
def test_settings_that_bluesky_would_refuse_are_refused_before(wrong: dict[str, object]):
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_what_is_kept_is_the_whole_record_and_its_key_in_one_step(session: Session):
    login = session.login()
    kept = Kept()

    session.provider.prepare(outgoing("Hi", login.accounts[0]), login.grant, kept)

    (results,) = kept.steps
    assert results.keys() == {"record", "rkey"}
    assert json.loads(results["record"]) == {
        "$type": "app.bsky.feed.post",
        "text": "Hi",
        "createdAt": "2026-11-22T17:00:00.000Z",
    }
    assert session.far_side.records == {}


def test_a_post_that_is_prepared_late_says_when_it_was_made(session: Session):
    login = session.login()
    session.clock.moment = DUE_AT + timedelta(minutes=20, microseconds=1500)

    late = session.prepared("Hi", login)

    session.clock.moment += timedelta(minutes=1)
    assert created_at(late) == DUE_AT + timedelta(minutes=20, milliseconds=1)
    assert prepare(session.provider, late, login.grant) == late
    assert session.prepared("Hi", login).prepared["rkey"] == late.prepared["rkey"]


def test_preparing_again_asks_nobody_and_keeps_what_there_is(session: Session):
    login = session.login()
    post = session.prepared("@alice.example", login)
    asked = len(session.far_side.seen)
    session.far_side.handles.clear()

    assert prepare(session.provider, post, login.grant) == post
    assert len(session.far_side.seen) == asked


def test_preparing_from_nothing_again_names_the_same_record(session: Session):
    login = session.login()

    assert session.prepared("Hi #tea", login).prepared == session.prepared("Hi #tea", login).prepared
    assert session.prepared("Hi #tea", login).prepared != session.prepared("Hi #tea", login, key="dlv_1-2").prepared


def test_the_kept_record_is_sent_under_the_kept_key(session: Session):
    login = session.login()
    post = session.prepared("Hi @alice.example", login)

    published = session.provider.publish(post, login.grant)

    sent = json.loads(session.far_side.seen[-1].content)
    assert sent == {
        "repo": DID,
        "collection": "app.bsky.feed.post",
        "rkey": post.prepared["rkey"],
        "record": json.loads(post.prepared["record"]),
    }
    assert published == Published(
        platform_id=uri_of(sent),
        url=f"https://bsky.app/profile/alice.example/post/{sent['rkey']}",
        extra={"cid": cid_of(sent["record"]), "created_at": "2026-11-22T17:00:00.000Z"},
    )


def test_an_account_whose_handle_is_broken_is_named_by_its_did(session: Session):
    login = session.login()
    post = session.prepared("Hi", login, Account(id=DID, handle="handle.invalid"))

    assert session.provider.publish(post, login.grant).url.startswith(f"https://bsky.app/profile/{DID}/post/")


def test_published_twice_it_is_one_record(session: Session):
    login = session.login()
    post = session.prepared("Once", login)

    assert session.provider.publish(post, login.grant) == session.provider.publish(post, login.grant)
    assert len(session.far_side.records) == 1


def test_a_lost_answer_is_unknown_until_it_is_found(session: Session):
    login = session.login()
    post = session.prepared("Once", login)
    assert session.provider.find(post, login.grant) is None
    session.far_side.loses_answers = True

    with pytest.raises(OutcomeUnknown):
        session.provider.publish(post, login.grant)

    found = session.provider.find(post, login.grant)
    assert found
    assert found.platform_id in session.far_side.records
    assert session.provider.absence_is_proof(post)


def test_looking_needs_no_living_grant(session: Session):
    login = session.login()
    post = session.prepared("Hi", login)

    session.provider.find(post, login.grant)

    assert "Authorization" not in session.far_side.seen[-1].headers


@pytest.mark.parametrize(
    "answer",
    [
        failed(400, "InvalidRequest"),
        failed(404, ""),
        failed(502, "UpstreamFailure"),
        httpx.Response(200, json={}),
        failed(429, ""),
    ],
)
def test_only_the_servers_own_word_for_it_means_not_there(session: Session, answer: httpx.Response):
    login = session.login()
    post = session.prepared("Hi", login)
    session.far_side.answers_next = [answer]

    with pytest.raises(ProviderError):
        session.provider.find(post, login.grant)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (failed(400, "ExpiredToken"), Unauthorized),
        (failed(400, "InvalidToken"), Unauthorized),
        (failed(401, "AuthMissing"), Unauthorized),
        (failed(401, "AccountDeactivated"), Reconnect),
        (failed(401, "AccountTakedown"), Reconnect),
        (failed(403, "AccountNotFound"), Reconnect),
        (failed(400, "InvalidRequest"), Rejected),
        (failed(429, "RateLimitExceeded"), RetryLater),
        (failed(502, "UpstreamFailure"), OutcomeUnknown),
        (httpx.Response(200, text="<html>"), OutcomeUnknown),
        (httpx.Response(200, json={"uri": "at://did:plc:other/app.bsky.feed.post/3"}), OutcomeUnknown),
    ],
)
def test_each_answer_to_a_post_has_its_outcome(session: Session, answer: httpx.Response, outcome: type[ProviderError]):
    login = session.login()
    post = session.prepared("Hi", login)
    session.far_side.answers_next = [answer]

    with pytest.raises(outcome) as raised:
        session.provider.publish(post, login.grant)

    assert type(raised.value) is outcome


def test_a_mention_that_cannot_be_looked_up_is_tried_again_while_there_is_time(session: Session):
    login = session.login()
    session.far_side.answers_next = [failed(502, "UpstreamFailure")]

    with pytest.raises(RetryLater):
        session.prepared("Hi @alice.example", login)

    assert "facets" in session.prepared("Hi @alice.example", login).prepared["record"]


def test_a_mention_never_makes_a_post_late(session: Session):
    login = session.login()
    session.clock.moment = DUE_AT - timedelta(seconds=60)
    session.far_side.answers_next = [failed(502, "UpstreamFailure")]

    assert "facets" not in session.prepared("Hi @alice.example", login).prepared["record"]


@pytest.mark.parametrize(
    "answer", [failed(400, "InvalidRequest"), failed(401, ""), httpx.Response(200, json={"did": "x"})]
)
def test_a_mention_of_nobody_is_plain_text(session: Session, answer: httpx.Response):
    login = session.login()
    session.far_side.answers_next = [answer]

    assert "facets" not in session.prepared("Hi @alice.example", login).prepared["record"]

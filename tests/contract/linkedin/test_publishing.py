"""What comes of it when LinkedIn refuses, loses an answer, or calls a post a duplicate: never a second post."""

from dataclasses import replace
from datetime import timedelta

import pytest

from punctual.linkedin_api import lookups
from punctual.providers.outcomes import (
    OutcomeUnknown,
    Processing,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    Unauthorized,
)
from tests.attachments import attachment, reads_of
from tests.contract.linkedin.failures import FAILURES
from tests.contract.linkedin.far_side import LinkedInSide
from tests.contract.linkedin.raw_caller import Clock
from tests.contract.linkedin.session import Session, connect
from tests.kept import Kept

VIDEO = b"v" * 9_000_000
MEANS = {
    "rejected": Rejected,
    "reconnect": Reconnect,
    "unauthorized": Unauthorized,
    "retry": RetryLater,
    "unknown": OutcomeUnknown,
    "duplicate": (Rejected, Processing, OutcomeUnknown),
}


@pytest.fixture
def page() -> Session:
    return numbered(connect("linkedin_page"))


@pytest.fixture
def member() -> Session:
    return numbered(connect("linkedin"))


def numbered(session: Session) -> Session:
    """From now on the far side's numbers tell their time, as LinkedIn's do."""
    session.side.feed.count = int(session.clock().timestamp() * 1000) << 22
    return session


def raised(what) -> ProviderError:
    with pytest.raises(ProviderError) as error:
        what()
    return error.value


@pytest.mark.parametrize("name", sorted(FAILURES))
def test_each_documented_failure_means_what_it_says(page, name):
    failure = FAILURES[name]
    root = page.publish("The post")
    page.side.fail_next.append((failure.operation, failure))
    error = raised(lambda: _do(page, failure.operation, name, root))
    if name == "client_unknown":  # the grant is as good as before: whoever runs the stack mends the app
        assert isinstance(error, RetryLater)
        return
    assert isinstance(error, MEANS[failure.means])
    assert isinstance(error, Unauthorized) == (failure.means == "unauthorized")
    assert [shown.text for shown in page.side.posts] == ["The post"]


def _do(page, operation, name, root):
    match operation:
        case "token" if "code" in name or name == "client_unknown":
            connect("linkedin_page", side=page.side, clock=page.clock)
        case "token":
            grant = replace(page.grant, refresh_token=page.grant.access_token)
            page.provider.refresh(grant, page.app)
        case "me":
            page.provider.call("GET", "https://api.linkedin.com/v2/me", grant=page.grant)
        case "comment":
            page.provider.publish(page.comment(root), page.grant)
        case "publish":
            page.publish("Another")
        case _:
            page.publish("A video", media=(attachment(VIDEO, kind="video"),))


def test_a_page_finds_what_was_posted_although_the_answer_was_lost(page):
    page.side.loses_answer_of.add("publish")
    post = page.prepared(page.post("(Hello) #there", media=(attachment(b"one"),)))
    assert isinstance(raised(lambda: page.provider.publish(post, page.grant)), OutcomeUnknown)
    found = page.find(post)
    assert found
    assert found.platform_id == page.side.posts[0].id
    assert page.find(replace(post, taken=frozenset({found.platform_id}))) is None
    assert page.find(replace(post, first_sent_at=page.clock() + timedelta(minutes=1))) is None
    assert page.find(replace(post, text="(Hello)")) is None
    other = {"media_0": {"id": "urn:li:image:other", "settled": True}}
    assert page.find(replace(post, prepared=other)) is None


def test_a_list_that_lags_proves_nothing(page):
    page.side.listing_lag_seconds = 60
    page.side.loses_answer_of.add("publish")
    post = page.post("Hello")
    raised(lambda: page.provider.publish(post, page.grant))
    assert page.find(post) is None
    assert not page.provider.absence_is_proof(post)
    page.clock.advance(seconds=90)
    assert page.find(post)


def test_a_comment_whose_answer_was_lost_is_found_under_the_post(page):
    root = page.publish("The post")
    page.side.loses_answer_of.add("comment")
    comment = page.comment(root, "Plain (text) #here")
    assert isinstance(raised(lambda: page.provider.publish(comment, page.grant)), OutcomeUnknown)
    found = page.find(comment)
    assert found
    shown = page.side.posts[-1]
    assert (found.platform_id, found.url) == (shown.id, shown.url)
    assert shown.text == "Plain (text) #here"
    assert page.find(page.comment(root, "Another")) is None


def test_a_comment_is_called_by_the_name_that_linkedin_has_for_it_and_can_be_deleted_by_it(page):
    comment = page.provider.publish(page.comment(page.publish("The post")), page.grant)
    assert (comment.platform_id, comment.url) == (page.side.posts[-1].id, page.side.posts[-1].url)
    page.provider.delete(comment, page.grant, page.account)
    assert [shown.text for shown in page.side.posts] == ["The post"]


def test_a_member_of_a_self_served_app_is_told_that_nobody_can_look(member):
    member.side.loses_answer_of.add("publish")
    post = member.post("Hello")
    raised(lambda: member.provider.publish(post, member.grant))
    error = raised(lambda: member.find(post))
    assert isinstance(error, OutcomeUnknown)
    assert error.code == "not_readable"


def test_the_same_as_an_older_post_is_refused_with_its_address(page):
    first = page.publish("Hello")
    page.clock.advance(minutes=5)
    error = raised(lambda: page.publish("Hello"))
    assert isinstance(error, Rejected)
    assert error.code == "duplicate"
    assert first.url in error.sentence


def test_a_post_of_an_earlier_try_that_nobody_could_account_for_is_taken_for_it(page):
    """A person found that it did not go out, was wrong, and had it sent again."""
    due_at = page.clock()
    page.side.loses_answer_of.add("publish")
    raised(lambda: page.publish("Hello"))
    page.clock.advance(minutes=5)
    again = page.post("Hello", due_at=due_at)
    error = raised(lambda: page.provider.publish(again, page.grant))
    assert isinstance(error, Processing)
    (shown,) = page.side.posts
    assert error.kept == {lookups.NAMED: shown.id}
    found = page.find(replace(again, prepared=error.kept))
    assert found
    assert found.platform_id == shown.id
    assert page.find(replace(again, prepared=error.kept, taken=frozenset({shown.id}))) is None


def test_the_ghost_of_a_deleted_post_is_taken_for_nothing(page):
    first = page.publish("Hello")
    page.provider.delete(first, page.grant, page.account)
    page.clock.advance(hours=1)
    page.side.feed.count = int(page.clock().timestamp() * 1000) << 22
    post = page.post("Hello")
    error = raised(lambda: page.provider.publish(post, page.grant))
    assert isinstance(error, Processing)
    assert page.find(replace(post, prepared=error.kept)) is None
    assert page.side.posts == []


def test_a_number_that_tells_no_sensible_time_is_looked_up(page):
    page.side.feed.count = 4711
    page.publish("Hello")
    page.clock.advance(minutes=5)
    assert isinstance(raised(lambda: page.publish("Hello")), Processing)


def test_a_limit_of_the_day_ends_at_midnight_utc(member):
    member.side.calls_a_day = 0
    error = raised(lambda: member.publish("Hello"))
    assert isinstance(error, RetryLater)
    midnight = member.clock().replace(hour=0, minute=0, second=0) + timedelta(days=1)
    assert member.clock() + timedelta(seconds=error.retry_after) == midnight


def test_a_version_that_ended_says_what_whoever_runs_the_stack_must_do(member):
    member.side.oldest_version = "202609"
    error = raised(lambda: member.publish("Hello"))
    assert isinstance(error, Rejected)
    assert error.code == "version_ended"
    assert "202608" in error.sentence
    member.provider.speak("202609")
    member.publish("Hello")
    assert member.side.seen[-1].headers["LinkedIn-Version"] == "202609"


def test_a_video_goes_in_the_parts_that_linkedin_cuts_and_none_twice(page):
    """The worker is gone after each part; the next one goes on."""
    page.side.processing_seconds = 60
    kept: dict = {}
    post = page.post("Film", media=(attachment(VIDEO, kind="video"),))
    for operation in ("upload_part", "upload_finish"):
        page.side.loses_answer_of.add(operation)
        raised(lambda: page.provider.prepare(replace(post, prepared=dict(kept)), page.grant, Kept(kept)))
    assert isinstance(
        raised(lambda: page.provider.prepare(replace(post, prepared=dict(kept)), page.grant, Kept(kept))), Processing
    )
    puts = [one for one in page.side.seen if one.method == "PUT"]
    assert len(puts) == 4, "three parts, and the one again whose answer was lost"
    assert max(length for _, length in reads_of(post.media[0])) <= 4_194_304
    page.clock.advance(seconds=60)
    page.provider.prepare(replace(post, prepared=dict(kept)), page.grant, Kept(kept))
    page.provider.publish(replace(post, prepared=kept), page.grant)
    assert page.side.posts[0].media == (post.media[0].sha256,)


def test_an_upload_whose_addresses_ended_is_begun_anew(page):
    kept: dict = {}
    post = page.post("Film", media=(attachment(VIDEO, kind="video"),))
    page.side.cuts.add("upload_part")
    raised(lambda: page.provider.prepare(post, page.grant, Kept(kept)))
    page.clock.advance(days=40)
    error = raised(lambda: page.provider.prepare(replace(post, prepared=dict(kept)), page.grant, Kept(kept)))
    assert error.code == "upload_lost"
    page.provider.prepare(replace(post, prepared=dict(kept)), page.grant, Kept(kept))
    assert len({one.url for one in page.side.seen if one.method == "PUT"}) > 3


def test_a_picture_that_members_may_not_ask_about_is_posted_all_the_same(member):
    member.side.processing_seconds = 60
    member.publish("Picture", media=(attachment(b"one"),))
    assert member.side.posts[0].kind == "image"


def test_only_an_approved_app_asks_for_more_and_only_once_for_all():
    """A consent to other scopes would end the tokens of the one before it."""
    clock = Clock()
    side = LinkedInSide(clock)
    side.refreshes = True
    of_member = connect("linkedin", side=side, clock=clock, product="community_management")
    of_page = connect("linkedin_page", side=side, clock=clock)
    of_member.publish("As myself")
    of_page.publish("As the page")
    assert [shown.author.split(":")[2] for shown in side.posts] == ["person", "organization"]
    assert of_member.grant.renewable_until == clock() - timedelta(minutes=2) + timedelta(days=365)


def test_a_grant_is_renewed_up_to_a_year_from_the_consent():
    clock = Clock()
    side = LinkedInSide(clock)
    side.refreshes = True
    session = connect("linkedin_page", side=side, clock=clock)
    last_day = session.grant.renewable_until
    clock.advance(days=50)
    renewed = session.provider.refresh(session.grant, session.app)
    assert renewed.renewable_until == last_day
    assert session.provider.can_refresh(renewed)
    clock.advance(days=330)
    assert isinstance(raised(lambda: session.provider.refresh(renewed, session.app)), Reconnect)


def test_without_refresh_tokens_a_grant_is_used_to_its_end(member):
    assert not member.provider.can_refresh(member.grant)
    assert member.grant.expires_at == member.clock() - timedelta(minutes=1) + timedelta(days=60)


def test_pages_are_those_that_the_person_may_post_as():
    clock = Clock()
    side = LinkedInSide(clock)
    of = side.organizations[0]
    side.organizations = [
        replace(of, id=str(number), role=role, state=state)
        for number, (role, state) in enumerate(
            [
                ("ADMINISTRATOR", "APPROVED"),
                ("ANALYST", "APPROVED"),
                ("CONTENT_ADMIN", "APPROVED"),
                ("ADMINISTRATOR", "REVOKED"),
            ],
            start=1,
        )
    ]
    session = connect("linkedin_page", side=side, clock=clock)
    assert [account.id for account in session.provider.accounts(session.grant)] == ["1", "3"]

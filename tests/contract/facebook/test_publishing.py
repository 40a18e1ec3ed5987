"""The provider on the small Facebook: what readers see of each type of post, once, whatever becomes of the answers."""

from typing import Any

import pytest

from punctual.providers.base import Published
from punctual.providers.outcomes import (
    OutcomeUnknown,
    Processing,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    Unauthorized,
)
from tests.attachments import attachment
from tests.contract.facebook.failures import FAILURES
from tests.contract.facebook.person import JPEG, MP4, digest
from tests.contract.facebook.session import Session

PICTURES = (attachment(JPEG, alt_text="A hill"), attachment(JPEG + b"!"))
VIDEO = (attachment(MP4, kind="video"),)
KINDS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "text": ("Hello", (), {}),
    "link": ("Hello", (), {"link": "https://example.org/"}),
    "image": ("Hello", PICTURES[:1], {}),
    "images": ("", PICTURES, {}),
    "video": ("Hello", VIDEO, {"title": "A title"}),
    "reel": ("Hello", VIDEO, {"post_type": "reel"}),
    "story": ("", PICTURES[:1], {"post_type": "story"}),
    "a story that moves": ("", VIDEO, {"post_type": "story"}),
}
IS_LOST = {
    "text": "feed",
    "link": "feed",
    "image": "feed",
    "images": "feed",
    "reel": "reel_finish",
    "story": "photo_story",
    "a story that moves": "video_story_finish",
}


@pytest.fixture
def session() -> Session:
    return Session().connect()


def published(came: Any) -> Published:
    assert isinstance(came, Published), came
    return came


@pytest.mark.parametrize("kind", KINDS)
def test_readers_see_it_once_as_it_was_meant(session: Session, kind: str) -> None:
    text, media, settings = KINDS[kind]
    post = session.prepared(session.outgoing(text, media, **settings))
    assert session.side.posts == [], "nothing before its time"
    found = published(session.publish(post))
    (shown,) = session.side.posts
    assert (shown.id, shown.text) == (found.platform_id, text)
    assert shown.kind == ("story" if "story" in kind else kind)
    assert shown.media == tuple(digest(each.content.read(0, each.bytes)) for each in media)
    if "story" not in kind:
        assert [each for each in shown.alt_texts if each] == [each.alt_text for each in media if each.alt_text]
    if "story" not in kind:
        assert (found.url or session.provider.permalink(found, session.grant, session.account)) == shown.url
        comment = session.outgoing("First!")
        replies = {"kind": "comment", "part": 1, "root": found, "parent": found}
        made = published(session.publish(type(comment)(**{**vars(comment), **replies})))
        assert published(session.looked()).platform_id == made.platform_id
        session.provider.delete(made, session.grant, session.account)
    session.provider.delete(found, session.grant, session.account)
    session.provider.delete(found, session.grant, session.account)
    assert session.side.posts == []


@pytest.mark.parametrize("kind", IS_LOST)
def test_what_was_made_and_not_heard_of_is_found(session: Session, kind: str) -> None:
    text, media, settings = KINDS[kind]
    session.side.loses_answer_of.add(IS_LOST[kind])
    assert isinstance(session.publish(session.prepared(session.outgoing(text, media, **settings))), OutcomeUnknown)
    (shown,) = session.side.posts
    assert published(session.looked()).platform_id == shown.id


@pytest.mark.parametrize("kind", IS_LOST)
def test_what_was_not_made_is_not_found(session: Session, kind: str) -> None:
    """And only a video that has an id proves it; then it can be published."""
    text, media, settings = KINDS[kind]
    session.side.cuts.add(IS_LOST[kind])
    post = session.prepared(session.outgoing(text, media, **settings))
    assert isinstance(session.publish(post), OutcomeUnknown)
    assert session.looked() is None
    assert session.provider.absence_is_proof(session.sent) == (kind in ("reel", "a story that moves"))
    published(session.publish(post))
    assert len(session.side.posts) == 1


def test_a_reel_is_waited_for_and_one_that_fails_is_refused(session: Session) -> None:
    session.side.processing_seconds = 30
    came = session.publish(session.prepared(session.outgoing("Hello", VIDEO, post_type="reel")))
    assert isinstance(came, Processing)
    session.later(seconds=31)
    published(session.looked())
    session.side.spoils, session.side.processing_seconds = True, 0
    assert isinstance(session.publish(session.prepared(session.outgoing("Two", VIDEO, post_type="reel"))), Processing)
    assert session.looked() is None
    assert isinstance(session.publish(session.sent), Rejected)
    assert len(session.side.posts) == 1


@pytest.mark.parametrize(("kind", "operation"), [("video", "upload_part"), ("reel", "rupload")])
def test_an_upload_that_broke_off_goes_on(session: Session, kind: str, operation: str) -> None:
    text, media, settings = KINDS[kind]
    post = session.outgoing(text, media, **settings)
    session.side.cuts.add(operation)
    session.side.cut_keeps = 7
    with pytest.raises(RetryLater):
        session.prepared(post)
    begun = type(post)(**{**vars(post), "prepared": dict(session.kept)})
    published(session.publish(session.prepared(begun)))
    (shown,) = session.side.posts
    assert shown.media == (digest(MP4),)


def test_pictures_that_are_gone_are_uploaded_anew(session: Session) -> None:
    post = session.prepared(session.outgoing("Hello", PICTURES))
    session.later(hours=25)
    came = session.publish(post)
    assert isinstance(came, RetryLater)
    assert came.code == "media_expired"


def test_the_same_text_twice_is_looked_for_and_not_taken_for_the_first(session: Session) -> None:
    first = published(session.publish(session.outgoing("Hello")))
    session.later(minutes=5)
    came = session.publish(session.outgoing("Hello"))
    assert isinstance(came, OutcomeUnknown)
    assert came.code == "duplicate"
    assert session.looked() is None
    assert [shown.id for shown in session.side.posts] == [first.platform_id]


MEANS: dict[str, tuple[type[ProviderError], ...]] = {
    "rejected": (Rejected,),
    "reconnect": (Reconnect,),
    "unauthorized": (Unauthorized,),
    "retry": (RetryLater,),
    "duplicate": (OutcomeUnknown,),
    "unknown": (OutcomeUnknown,),
}
PUBLISHING = {name: each for name, each in FAILURES.items() if each.operation in ("feed", "photo_unpublished", "video")}


@pytest.mark.parametrize("name", PUBLISHING)
def test_each_documented_refusal_means_what_it_says(session: Session, name: str) -> None:
    failure = PUBLISHING[name]
    session.side.fail_next.append((failure.operation, failure))
    media = {"feed": (), "photo_unpublished": PICTURES[:1], "video": VIDEO}[failure.operation]
    came: Any = None
    try:
        came = session.publish(session.prepared(session.outgoing("Hello", media)))
    except ProviderError as error:
        came = error
    assert isinstance(came, MEANS[failure.means]), came
    assert session.side.posts == []


@pytest.mark.parametrize("end", ["change_password", "remove_app", "need_checkpoint"])
def test_a_person_who_leaves_ends_the_pages_token(session: Session, end: str) -> None:
    getattr(session.side, end)()
    came = session.publish(session.outgoing("Hello"))
    assert type(came) is Reconnect


def test_disconnecting_ends_the_pages_token(session: Session) -> None:
    session.later(days=90)  # the person's own token has expired by then
    session.provider.revoke(session.grant, session.app)
    assert type(session.publish(session.outgoing("Hello"))) is Reconnect


def test_a_page_without_the_task_is_not_offered() -> None:
    other = Session()
    page_id = next(iter(other.side.pages))
    other.side.pages[page_id].tasks = ("ANALYZE",)
    login = other.login()
    assert page_id not in {account.id for account in login.accounts}
    assert login.accounts
    assert login.id == other.side.person["id"]

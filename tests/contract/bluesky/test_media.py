"""Pictures: a blob for each, kept before the next; then a record that shows them. Written against a small PDS."""

import httpx
import pytest

from punctual.media.recipes import Recipe
from punctual.providers.base import Outgoing
from punctual.providers.outcomes import Rejected, RetryLater, Unprepared
from tests.attachments import attachment
from tests.contract.bluesky.far_side import failed
from tests.contract.bluesky.session import Session, next_part, outgoing, prepare, record_of
from tests.kept import Kept

FIRST = attachment(b"first", alt_text="A dog", width=1600, height=900)
SECOND = attachment(b"second", type="image/png", width=3, height=4)


@pytest.fixture
def session() -> Session:
    return Session()


def uploads(session: Session) -> list[bytes]:
    return [request.content for request in session.far_side.seen if request.url.path.endswith("uploadBlob")]


def with_prepared(post: Outgoing, kept: Kept) -> Outgoing:
    return Outgoing(**{**vars(post), "prepared": dict(kept.results)})


def test_the_record_shows_every_picture_in_order_with_its_alt_text_and_shape(session: Session):
    login = session.login()
    post = session.prepared("Hi", login, media=(FIRST, SECOND))
    session.provider.publish(post, login.grant)

    (record,) = session.far_side.records.values()
    shown = record["embed"]["images"]
    assert record["embed"]["$type"] == "app.bsky.embed.images"
    assert [each["alt"] for each in shown] == ["A dog", ""]
    assert [each["aspectRatio"] for each in shown] == [{"width": 1600, "height": 900}, {"width": 3, "height": 4}]
    held = session.far_side.blobs.held
    assert [held[each["image"]["ref"]["$link"]] for each in shown] == [b"first", b"second"]
    assert [each["image"]["mimeType"] for each in shown] == ["image/jpeg", "image/png"]


@pytest.mark.parametrize(("count", "kind"), [(1, "images"), (4, "images"), (5, "gallery"), (10, "gallery")])
def test_more_pictures_than_the_older_embed_holds_are_a_gallery(session: Session, count: int, kind: str):
    media = tuple(attachment(b"%d" % number) for number in range(count))
    record = record_of(session.prepared("Hi", session.login(), media=media))
    items = record["embed"]["images" if kind == "images" else "items"]
    assert record["embed"]["$type"] == f"app.bsky.embed.{kind}"
    assert len(items) == count
    assert all(("$type" in each) == (kind == "gallery") for each in items)


def test_a_picture_without_a_text_is_a_post(session: Session):
    login = session.login()
    session.provider.publish(session.prepared("", login, media=(FIRST,)), login.grant)
    (record,) = session.far_side.records.values()
    assert (record["text"], len(record["embed"]["images"])) == ("", 1)


def test_a_part_of_a_thread_brings_its_own_pictures(session: Session):
    login = session.login()
    first = session.prepared("Hi", login, media=(FIRST,))
    one = session.provider.publish(first, login.grant)
    post = next_part(session.provider, login, 1, one, one, media=(SECOND,))
    session.provider.publish(post, login.grant)
    record = session.far_side.records[f"at://{login.accounts[0].id}/app.bsky.feed.post/{post.prepared['rkey']}"]
    assert record["reply"]["parent"]["uri"] == one.platform_id
    assert session.far_side.blobs.held[record["embed"]["images"][0]["image"]["ref"]["$link"]] == b"second"


def test_a_blob_that_was_answered_is_never_sent_again(session: Session):
    login, kept = session.login(), Kept()
    post = outgoing("Hi", login.accounts[0], media=(FIRST, SECOND))
    original = session.far_side.upload_blob
    session.far_side.methods["repo.uploadBlob"] = lambda request: (
        original(request) if request.content == b"first" else httpx.Response(502)
    )
    with pytest.raises(RetryLater):
        session.provider.prepare(post, login.grant, kept)
    assert "record" not in kept.results

    session.far_side.methods["repo.uploadBlob"] = original
    session.far_side.seen.clear()
    session.provider.prepare(with_prepared(post, kept), login.grant, kept)
    assert uploads(session) == [b"second"]
    session.provider.prepare(with_prepared(post, kept), login.grant, kept)
    assert uploads(session) == [b"second"], "nothing is left to do"


def test_the_servers_word_on_the_type_is_what_the_record_says(session: Session):
    """It looks at the bytes: a record that says otherwise would be refused."""
    login = session.login()
    original = session.far_side.upload_blob

    def sniffing(request: httpx.Request) -> httpx.Response:
        request.headers["Content-Type"] = "image/webp"
        return original(request)

    session.far_side.methods["repo.uploadBlob"] = sniffing
    post = session.prepared("Hi", login, media=(FIRST,))
    assert record_of(post)["embed"]["images"][0]["image"]["mimeType"] == "image/webp"
    assert session.provider.publish(post, login.grant)


@pytest.mark.parametrize("answer", [{}, {"blob": None}, {"blob": {"ref": {}, "mimeType": "image/png", "size": 1}}])
def test_an_upload_whose_answer_names_no_blob_is_tried_again(session: Session, answer: object):
    login = session.login()
    session.far_side.answers_next = [httpx.Response(200, json=answer)]
    with pytest.raises(RetryLater) as told:
        session.prepared("Hi", login, media=(FIRST,))
    assert told.value.code == "unreadable_answer"


def test_blobs_that_the_server_let_go_are_uploaded_anew_for_the_same_post(session: Session):
    login = session.login()
    post = session.prepared("Hi", login, media=(FIRST, SECOND))
    session.far_side.blobs.let_go()
    session.far_side.seen.clear()

    with pytest.raises(Unprepared) as told:
        session.provider.publish(post, login.grant)
    assert not session.far_side.records
    assert told.value.code == "media_expired"
    left = {name: value for name, value in {**post.prepared, **told.value.kept}.items() if value is not None}
    again = prepare(session.provider, Outgoing(**{**vars(post), "prepared": left}), login.grant)
    assert uploads(session) == [b"first", b"second"]
    assert again.prepared["rkey"] == post.prepared["rkey"]
    assert session.provider.publish(again, login.grant) == session.provider.find(post, login.grant)
    assert len(session.far_side.records) == 1


def test_a_server_that_lets_go_again_and_again_is_believed_in_the_end(session: Session):
    login = session.login()
    post = session.prepared("Hi", login, media=(FIRST,))
    for _ in range(3):
        session.far_side.blobs.let_go()
        with pytest.raises(Unprepared) as told:
            session.provider.publish(post, login.grant)
        left = {name: value for name, value in {**post.prepared, **told.value.kept}.items() if value is not None}
        post = prepare(session.provider, Outgoing(**{**vars(post), "prepared": left}), login.grant)
    session.far_side.blobs.let_go()
    with pytest.raises(Rejected) as refused:
        session.provider.publish(post, login.grant)
    assert refused.value.platform_code == "BlobNotFound"


@pytest.mark.parametrize("code", ["InvalidMimeType", "BlobTooLarge", "InvalidRequest"])
def test_another_refusal_of_the_record_is_one(session: Session, code: str):
    login = session.login()
    post = session.prepared("Hi", login, media=(FIRST,))
    session.far_side.answers_next = [failed(400, code)]
    with pytest.raises(Rejected):
        session.provider.publish(post, login.grant)


def test_a_session_that_ends_during_an_upload_is_worth_a_refresh(session: Session):
    login = session.login()
    session.far_side.access.clear()
    with pytest.raises(Exception, match="no longer accepts"):
        session.prepared("Hi", login, media=(FIRST,))


def test_the_rules_are_those_of_the_lexicons(session: Session):
    rules = session.provider.media_rules(None, session.login().accounts[0])
    assert rules.image
    assert rules.image.max_bytes == 2_000_000
    assert rules.animation is None, "it becomes a video"
    assert (rules.max_images, rules.max_videos, rules.is_mixed) == (10, 1, False)
    assert Recipe(kind="image", type=rules.image.types[0]).key


def test_no_alt_text_or_blob_is_in_what_a_refusal_says(session: Session):
    login = session.login()
    session.far_side.answers_next = [failed(413, "BlobTooLarge")]
    with pytest.raises(Rejected) as refused:
        session.prepared("Hi", login, media=(FIRST,))
    assert "A dog" not in f"{refused.value!r} {refused.value.__dict__}"
    assert refused.value.platform_code == "BlobTooLarge"

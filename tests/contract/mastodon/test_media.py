"""Files of a post: uploaded one by one, waited for, attached by their ids, and proof of which post is which."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from punctual.mastodon_api.media import TYPES
from punctual.providers.base import Outgoing
from punctual.providers.mastodon import Settings
from punctual.providers.outcomes import OutcomeUnknown, Processing, Rejected, RetryLater, Unfinished, Unprepared
from tests.attachments import attachment, reads_of
from tests.contract.mastodon.session import Session
from tests.kept import Kept

FIRST = attachment(b"first", alt_text="Ein Hund")
SECOND = attachment(b"second", type="image/png")


def prepare(session: Session, text: str = "Hello", *, kept: Kept | None = None, **changed: Any) -> Outgoing:
    """The post with what `prepare` kept."""
    kept = kept or Kept()
    post = session.post(text, **changed, prepared=dict(kept.results))
    session.provider.prepare(post, session.grant, kept)
    return replace(post, prepared=dict(kept.results))


def after(post: Outgoing, kept: Mapping[str, Any]) -> Kept:
    """As the core goes on after `Unprepared`."""
    return Kept({name: value for name, value in {**post.prepared, **kept}.items() if value is not None})


def uploads(far_side: Any) -> list[str]:
    return [request.url.path for request in far_side.seen if request.url.path.endswith("/media")]


def test_files_are_attached_in_order_with_their_descriptions_and_types(session, far_side):
    post = prepare(session, media=(FIRST, SECOND))
    session.provider.publish(post, session.grant)
    sent = list(far_side.files.attached.values())
    assert [each["file"].data for each in sent] == [b"first", b"second"]
    assert [each["file"].type for each in sent] == ["image/jpeg", "image/png"]
    assert [each["file"].file_name for each in sent] == ["media.jpg", "media.png"]
    assert sent[0]["description"].data.decode() == "Ein Hund"
    assert "description" not in sent[1]
    assert [each["id"] for each in far_side.statuses[0]["media_attachments"]] == list(far_side.files.attached)


def test_a_file_without_a_text_is_a_post(session, far_side):
    session.provider.publish(prepare(session, "", media=(FIRST,)), session.grant)
    assert far_side.statuses[0]["text"] == ""


def test_a_video_brings_the_picture_that_stands_for_it(session, far_side):
    video = attachment(b"moving", kind="video", cover=SECOND)
    session.provider.publish(prepare(session, media=(video,)), session.grant)
    (sent,) = far_side.files.attached.values()
    assert (sent["file"].data, sent["file"].type, sent["thumbnail"].data) == (b"moving", "video/mp4", b"second")


@pytest.mark.parametrize("names_urls", [True, False], ids=["by its status", "by its url alone"])
def test_a_file_that_the_server_works_on_is_waited_for(session, far_side, names_urls):
    """Other servers than Mastodon answer 200, without a URL: https://docs.joinmastodon.org/entities/MediaAttachment/#url"""
    far_side.files.looks, far_side.files.names_urls = 3, names_urls
    kept = Kept()
    for _ in range(2):
        with pytest.raises(Processing):
            prepare(session, kept=kept, media=(FIRST,))
    post = prepare(session, kept=kept, media=(FIRST,))
    assert len(uploads(far_side)) == 1
    assert session.provider.publish(post, session.grant)


@pytest.mark.parametrize("status", [202, 206])
def test_a_server_that_says_it_is_at_work_is_believed_whatever_url_it_names(session, far_side, status):
    file = {"id": "7", "url": "https://mastodon.example/media/7"}
    far_side.answers_next = [httpx.Response(202, json=file), httpx.Response(status, json=file)]
    with pytest.raises(Processing):
        prepare(session, media=(FIRST,))


def test_a_file_that_is_ready_at_once_is_not_asked_about(session, far_side):
    prepare(session, media=(FIRST,))
    assert far_side.seen[-1].method == "POST"


def test_a_file_that_was_answered_is_never_sent_again(session, far_side):
    kept = Kept()
    original = far_side.routes["POST", "/api/v2/media"]
    far_side.routes["POST", "/api/v2/media"] = lambda request: (
        httpx.Response(500) if b"second" in request.content else original(request)
    )
    with pytest.raises(RetryLater):
        prepare(session, kept=kept, media=(FIRST, SECOND))
    far_side.routes["POST", "/api/v2/media"] = original
    far_side.seen.clear()
    post = prepare(session, kept=kept, media=(FIRST, SECOND))
    assert len(uploads(far_side)) == 1
    prepare(session, kept=kept, media=(FIRST, SECOND))
    assert len(uploads(far_side)) == 1, "nothing is left to do"
    assert [each["file"].data for each in far_side.files.held.values()] == [b"first", b"second"]
    assert session.provider.publish(post, session.grant)


def test_a_worker_without_time_leaves_the_next_file_to_another(session, far_side):
    class Late(Kept):
        def yield_if_late(self, seconds: float | None = None) -> None:
            if far_side.files.held:
                raise Unfinished()

    with pytest.raises(Unfinished):
        prepare(session, kept=Late(), media=(FIRST, SECOND))
    assert len(far_side.files.held) == 1


def test_a_video_is_begun_only_with_as_much_time_as_its_one_request_may_take(session, far_side):
    class Short(Kept):
        def yield_if_late(self, seconds: float | None = None) -> None:
            if (seconds or session.provider.spec.call_seconds) > 30:
                raise Unfinished()

    film = attachment(b"film", kind="video")
    with pytest.raises(Unfinished):
        prepare(session, kept=Short(), media=(film,))
    assert uploads(far_side) == []
    prepare(session, kept=Short(), media=(FIRST,))
    assert len(uploads(far_side)) == 1, "a picture's is a call like any other"


def test_a_large_file_is_read_bit_by_bit_as_it_is_sent(session, far_side):
    film = attachment(bytes(5_000_000), kind="video")
    prepare(session, media=(film,))
    (sent,) = far_side.files.held.values()
    assert len(sent["file"].data) == 5_000_000
    assert max(length for _, length in reads_of(film)) <= 1024 * 1024
    assert sum(length for _, length in reads_of(film)) == 5_000_000, "once"


def test_a_server_without_the_second_version_takes_files_by_the_first(compatible_session, compatible_side):
    post = prepare(compatible_session, media=(FIRST,))
    assert uploads(compatible_side) == ["/api/v2/media", "/api/v1/media"]
    compatible_session.provider.publish(post, compatible_session.grant)
    (sent,) = compatible_side.files.attached.values()
    assert sent["file"].data == b"first"


def test_a_file_that_nothing_could_be_made_of_is_refused(session, far_side):
    far_side.files.looks, far_side.files.spoils = 2, True
    with pytest.raises(Rejected) as refused:
        prepare(session, media=(FIRST,))
    assert refused.value.code == "media_refused"


def test_an_upload_whose_answer_names_no_file_is_tried_again(session, far_side):
    far_side.answers_next = [httpx.Response(200, json={"id": None, "url": "https://mastodon.example/1"})]
    with pytest.raises(RetryLater):
        prepare(session, media=(FIRST,))


def test_a_file_that_the_server_let_go_is_uploaded_anew_and_the_post_goes_out_whole(session, far_side):
    post = prepare(session, media=(FIRST, SECOND))
    del far_side.files.held[next(iter(far_side.files.held))]
    with pytest.raises(Unprepared) as told:
        session.provider.publish(post, session.grant)
    kept = after(post, told.value.kept)
    far_side.seen.clear()
    with pytest.raises(RetryLater) as lost:
        prepare(session, kept=kept, media=(FIRST, SECOND))
    assert lost.value.code == "upload_lost"
    post = prepare(session, kept=kept, media=(FIRST, SECOND))
    assert len(uploads(far_side)) == 1, "only the one that is gone"
    session.provider.publish(post, session.grant)
    assert len(far_side.statuses) == 1
    assert {each["file"].data for each in far_side.files.attached.values()} == {b"first", b"second"}


def test_a_refusal_that_is_not_about_the_files_is_believed_when_they_were_asked_about(session, far_side):
    post = prepare(session, "x" * 501, media=(FIRST,))
    with pytest.raises(Unprepared) as told:
        session.provider.publish(post, session.grant)
    again = prepare(session, "x" * 501, kept=after(post, told.value.kept), media=(FIRST,))
    assert len(uploads(far_side)) == 1
    with pytest.raises(Rejected):
        session.provider.publish(again, session.grant)


def test_a_post_without_files_is_refused_at_once(session):
    with pytest.raises(Rejected):
        session.publish("x" * 501)


def test_a_refusal_that_cannot_be_about_files_is_one(session, far_side):
    post = prepare(session, media=(FIRST,))
    far_side.disabled = True
    with pytest.raises(Rejected):
        session.provider.publish(post, session.grant)


def test_files_of_yesterday_are_not_trusted_to_be_there(session, far_side, clock):
    """Before 4.3 a server leaves out what is gone, and says nothing."""
    far_side.files.drops_silently = True
    kept = Kept()
    prepare(session, kept=kept, media=(FIRST,))
    clock.advance(hours=11)
    post = prepare(session, kept=kept, media=(FIRST,))  # asked for again, it makes them no younger
    clock.advance(hours=2)
    far_side.files.let_go()
    with pytest.raises(Unprepared) as told:
        session.provider.publish(post, session.grant)
    assert not far_side.statuses
    again = prepare(session, kept=after(post, told.value.kept), media=(FIRST,))
    session.provider.publish(again, session.grant)
    assert len(far_side.statuses[0]["media_attachments"]) == 1


def test_a_repeat_under_its_key_is_the_same_post_with_its_files(session, far_side):
    post = prepare(session, media=(FIRST,))
    far_side.loses_answers = True
    with pytest.raises(OutcomeUnknown):
        session.provider.publish(post, session.grant)
    far_side.loses_answers = False
    assert session.provider.publish(post, session.grant).platform_id == far_side.statuses[0]["id"]
    assert len(far_side.statuses) == 1


def look(session: Session, post: Outgoing) -> Any:
    """As the core looks: without the files themselves."""
    found = session.provider.find(replace(post, media=(), first_sent_at=session.provider.now()), session.grant)
    return found and found.platform_id


def test_of_two_posts_without_a_text_each_is_found_by_its_files(session, far_side):
    one, two = (prepare(session, "", key=key, media=(FIRST,)) for key in ("one", "two"))
    made = [session.provider.publish(each, session.grant).platform_id for each in (one, two)]
    assert [look(session, one), look(session, two)] == made


def test_a_post_without_files_is_not_one_with_files(session):
    one = prepare(session, "Hello", media=(FIRST,))
    session.provider.publish(one, session.grant)
    assert look(session, session.post("Hello")) is None


@pytest.mark.parametrize(("text", "finds"), [("Hello", True), ("", False)])
def test_a_server_that_renames_files_is_believed_by_the_text_alone(compatible_session, compatible_side, text, finds):
    compatible_side.files.renames = True
    post = prepare(compatible_session, text, media=(FIRST,))
    compatible_session.provider.publish(post, compatible_session.grant)
    assert (look(compatible_session, post) is not None) == finds


def test_mastodon_itself_never_renames_files(session, far_side):
    far_side.files.renames = True
    post = prepare(session, media=(FIRST,))
    session.provider.publish(post, session.grant)
    assert look(session, post) is None


def test_without_a_word_of_the_server_the_rules_are_those_of_mastodons_own_code(session):
    rules = session.provider.media_rules(Settings(), session.account)
    assert rules == session.provider.spec.media
    assert (rules.image.max_bytes, rules.image.max_pixels) == (16_777_216, 33_177_600)
    assert rules.image.types == ("image/jpeg", "image/png", "image/gif")
    assert (rules.video.max_bytes, rules.video.max_frame_rate, rules.video.max_pixels) == (103_809_024, 120, 8_294_400)
    assert (rules.max_images, rules.max_videos, rules.max_alt_text, rules.is_mixed) == (4, 1, 1500, False)


def connected_to(far_side: Any, session: Session, configuration: dict[str, Any]) -> Any:
    far_side.configuration = configuration
    (account,) = session.provider.accounts(session.grant)
    return session.provider.media_rules(Settings(), account)


def test_what_the_server_says_wins(session, far_side):
    files = {
        "supported_mime_types": ["image/jpeg", "image/webp", "image/avif", "video/mp4", "audio/ogg"],
        "image_size_limit": 1000,
        "image_matrix_limit": 2000,
        "video_size_limit": 3000,
        "video_frame_rate_limit": 30,
        "video_matrix_limit": 4000,
        "description_limit": 5000,
    }
    rules = connected_to(far_side, session, {"statuses": {"max_media_attachments": 6}, "media_attachments": files})
    assert rules.image.types == ("image/jpeg", "image/webp", "image/avif")
    assert (rules.image.max_bytes, rules.image.max_pixels) == (1000, 2000)
    assert rules.animation is None, "it is no GIF that this server takes"
    assert rules.video.types == ("video/mp4",)
    assert rules.video.video_codecs == ("h264",)
    assert (rules.video.max_bytes, rules.video.max_frame_rate, rules.video.max_pixels) == (3000, 30, 4000)
    assert (rules.max_images, rules.max_items, rules.max_alt_text) == (6, 6, 5000)


@pytest.mark.parametrize(
    "files",
    [{"supported_mime_types": "image/png"}, {"image_size_limit": "16 MB"}, {"description_limit": None}, [], None],
)
def test_what_cannot_be_read_of_a_server_is_as_if_it_were_not_said(session, far_side, files):
    assert connected_to(far_side, session, {"media_attachments": files}) == session.provider.spec.media


def test_a_server_that_takes_pictures_alone_takes_no_video(session, far_side):
    rules = connected_to(far_side, session, {"media_attachments": {"supported_mime_types": ["image/png"]}})
    assert (rules.video, rules.image.types) == (None, ("image/png",))


def test_what_is_stored_of_a_servers_types_is_never_read_as_others() -> None:
    """A bit each: who changes their order makes something else of every account that is connected."""
    assert TYPES[:9] == (
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/heic",
        "image/avif",
        "video/mp4",
        "video/quicktime",
        "video/webm",
    )


def test_every_request_is_in_the_contract(session, far_side, compatible_session, compatible_side, contract):
    far_side.files.looks = 2
    kept = Kept()
    media = (attachment(b"moving", kind="video", cover=SECOND, alt_text="Ein Hund"),)
    with pytest.raises(Processing):
        prepare(session, "", kept=kept, media=media)
    session.provider.publish(prepare(session, "", kept=kept, media=media), session.grant)
    prepare(compatible_session, media=(FIRST,))
    for side in (far_side, compatible_side):
        assert [contract.violations(request) for request in side.seen] == [[] for _ in side.seen]


@pytest.mark.parametrize(
    ("files", "data", "problem"),
    [
        ({"media": ("a.jpg", b"x", "image/jpeg")}, {}, "body: $ breaks required"),
        ({"file": ("a.jpg", b"x", "image/jpeg")}, {"alt": "A dog"}, "body: $ breaks unevaluatedProperties"),
    ],
)
def test_an_upload_that_the_contract_does_not_allow_is_noticed(contract, files, data, problem):
    request = httpx.Request(
        "POST", "https://mastodon.example/api/v2/media", files=files, data=data, headers={"Authorization": "Bearer t"}
    )
    request.read()
    assert problem in contract.violations(request)


@pytest.mark.parametrize("body", [{"status": "Hello", "media_ids": "1"}, {"media_id": ["1"]}, {"media_ids": [1]}])
def test_a_status_whose_files_the_contract_does_not_allow_is_noticed(contract, body):
    headers = {"Authorization": "Bearer t"}
    request = httpx.Request("POST", "https://mastodon.example/api/v1/statuses", json=body, headers=headers)
    assert contract.violations(request) == ["body: $ breaks oneOf"]

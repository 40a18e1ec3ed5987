"""The one call of each kind of post, and what is checked before anything is stored."""

from contextlib import suppress
from typing import Any

import pytest
from pydantic import ValidationError

from punctual.facebook_api.settings import Settings
from punctual.facebook_api.videos import link
from punctual.providers.media import NO_MEDIA
from punctual.providers.outcomes import Processing, Rejected, RetryLater, Unprepared
from tests.attachments import attachment
from tests.unit.facebook.platform import GRANT, PAGE, ROOT, Far, outgoing

PICTURES = {"media_0": {"id": "901"}, "media_1": {"id": "902"}, "carries": "images"}
VIDEO = {"media_0": {"id": "4::aA"}, "carries": "video"}
REEL = {"media_0": {"id": "701"}, "carries": "video"}
GRAPH, VIDEOS = "POST graph.facebook.com/v25.0/102", "POST graph-video.facebook.com/v25.0/102"


@pytest.mark.parametrize(
    ("settings", "prepared", "line", "form"),
    [
        ({}, {}, f"{GRAPH}/feed", {"message": "Hello"}),
        (
            {"link": "https://example.com/", "place": "5", "countries": ["DE", "AT"]},
            {},
            f"{GRAPH}/feed",
            {
                "message": "Hello",
                "link": "https://example.com/",
                "place": "5",
                "targeting": '{"geo_locations":{"countries":["DE","AT"]}}',
            },
        ),
        (
            {},
            PICTURES,
            f"{GRAPH}/feed",
            {"message": "Hello", "attached_media": '[{"media_fbid":"901"},{"media_fbid":"902"}]'},
        ),
        (
            {"title": "A title"},
            VIDEO,
            f"{VIDEOS}/videos",
            {"description": "Hello", "title": "A title", "fbuploader_video_file_chunk": "4::aA"},
        ),
        (
            {"post_type": "reel", "title": "A title", "place": "5"},
            REEL,
            f"{GRAPH}/video_reels",
            {
                "upload_phase": "finish",
                "video_id": "701",
                "video_state": "PUBLISHED",
                "description": "Hello",
                "title": "A title",
                "place": "5",
            },
        ),
        ({"post_type": "story"}, PICTURES, f"{GRAPH}/photo_stories", {"photo_id": "901"}),
        ({"post_type": "story"}, REEL, f"{GRAPH}/video_stories", {"upload_phase": "finish", "video_id": "701"}),
    ],
)
def test_a_post_is_one_call(settings: Any, prepared: Any, line: str, form: dict[str, str]) -> None:
    far = Far({"id": "102_501", "post_id": "601"})
    with suppress(Processing):
        far.provider.publish(outgoing(settings=settings, prepared=prepared), GRANT)
    assert far.lines == [line]
    assert far.form() == form


def test_pictures_without_a_word_have_no_message() -> None:
    far = Far({"id": "102_501"})
    far.provider.publish(outgoing("", prepared=PICTURES), GRANT)
    assert list(far.form()) == ["attached_media"]


def test_a_first_comment_is_below_the_post() -> None:
    far = Far({"id": "501_801"})
    found = far.provider.publish(outgoing("First!", kind="comment"), GRANT)
    assert far.lines == [f"POST graph.facebook.com/v25.0/{ROOT.platform_id}/comments"]
    assert (far.form(), found.platform_id) == ({"message": "First!"}, "501_801")


def test_a_comment_is_found_by_its_words_and_its_author() -> None:
    one = {"id": "501_801", "message": "First!", "created_time": "2026-11-22T16:00:01+0000", "from": {"id": "102"}}
    for other, wanted in (({}, "501_801"), ({"from": {"id": "7"}}, None), ({"message": "Second!"}, None)):
        far = Far({"data": [{**one, **other}]})
        found = far.provider.find(outgoing("First!", kind="comment"), GRANT)
        assert (found and found.platform_id) == wanted
    assert far.lines == ["GET graph.facebook.com/v25.0/102_501/comments"]


def test_what_is_known_as_anothers_or_is_older_is_not_taken() -> None:
    one = {"id": "102_501", "message": "Hello", "created_time": "2026-11-22T16:00:01+0000"}
    assert Far({"data": [one]}).provider.find(outgoing(), GRANT)
    assert Far({"data": [one]}).provider.find(outgoing(taken=frozenset({"102_501"})), GRANT) is None
    older = {**one, "created_time": "2026-11-22T15:59:00+0000"}
    assert Far({"data": [older]}).provider.find(outgoing(), GRANT) is None
    assert Far({"data": [{**one, "created_time": "soon"}, 7]}).provider.find(outgoing(), GRANT) is None


def test_spaces_and_line_breaks_are_no_difference() -> None:
    one = {"id": "102_501", "message": "Hello\r\nthere", "created_time": "2026-11-22T16:00:01+0000"}
    assert Far({"data": [one]}).provider.find(outgoing("Hello\nthere "), GRANT)


def test_only_a_video_that_has_an_id_proves_that_it_is_not_published() -> None:
    provider = Far().provider
    assert provider.absence_is_proof(outgoing(settings={"post_type": "reel"}, prepared=REEL))
    assert provider.absence_is_proof(outgoing(prepared={**VIDEO, "video": "701", "accepted": True}))
    for nothing in ({}, VIDEO, PICTURES):
        assert not provider.absence_is_proof(outgoing(prepared=nothing))
    assert not provider.absence_is_proof(outgoing(settings={"post_type": "reel"}))


def test_a_video_that_failed_is_not_sent_again() -> None:
    far = Far()
    with pytest.raises(Rejected) as raised:
        far.provider.publish(outgoing(prepared={**VIDEO, "video": "701", "accepted": True, "failed": True}), GRANT)
    assert (raised.value.code, far.sent) == ("media_refused", [])


def test_files_that_waited_for_long_are_uploaded_anew_and_a_video_with_an_id_is_not() -> None:
    far, media = Far({"success": True}), (attachment(), attachment())
    old = {"uploaded_at": "2026-11-22T03:59:59Z"}
    with pytest.raises(Unprepared) as raised:
        far.provider.publish(outgoing(media=media, prepared={**PICTURES, **old}), GRANT)
    assert set(raised.value.kept) == {"media_0", "media_1", "carries", "uploaded_at"}
    assert set(raised.value.kept.values()) == {None}
    assert far.sent == []
    reel = outgoing(media=media[:1], settings={"post_type": "reel"}, prepared={**REEL, **old})
    with pytest.raises(Processing):
        far.provider.publish(reel, GRANT)


def test_files_that_were_not_uploaded_stop_the_call() -> None:
    far = Far()
    with pytest.raises(RetryLater):
        far.provider.publish(outgoing(media=(attachment(),)), GRANT)
    assert far.sent == []


def broken(text: str = "Hello", kind: Any = "post", **settings: Any) -> list[tuple[str, str]]:
    found = Far().provider.check(text, Settings.model_validate(settings), PAGE, kind)
    return [(each.field, each.rule) for each in found]


def test_what_does_not_go_together_is_said() -> None:
    assert broken() == []
    assert broken(link="https://example.com/", countries=["DE"]) == []
    assert broken(" ") == [("text", "facebook.text.blank")]
    assert broken(post_type="story") == [("text", "facebook.text.story")]
    assert broken("", post_type="story", title="A", place="5")[1:] == [
        ("settings/title", "facebook.settings.post_type"),
        ("settings/place", "facebook.settings.post_type"),
    ]
    assert broken(post_type="reel", link="https://example.com/") == [("settings/link", "facebook.settings.post_type")]
    assert broken("First!", "comment", post_type="story") == [("text", "facebook.comment.story")]
    assert broken("x" * 8001, "comment") == [("text", "facebook.text.max_length")]


@pytest.mark.parametrize(
    "settings",
    [
        {"post_type": "poll"},
        {"link": "ftp://example.com"},
        {"place": "here"},
        {"countries": ["Germany"]},
        {"title": ""},
    ],
)
def test_settings_that_facebook_does_not_know_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings)


def test_what_a_post_may_carry_goes_by_its_kind() -> None:
    provider = Far().provider
    kinds = {each: provider.media_rules(Settings(post_type=each), PAGE) for each in ("post", "reel", "story")}
    assert {each: (bool(rules.image), bool(rules.video)) for each, rules in kinds.items()} == {
        "post": (True, True),
        "reel": (False, True),
        "story": (True, True),
    }
    assert [each for each, rules in kinds.items() if rules.needs_media] == ["reel", "story"]
    assert provider.media_rules(Settings(link="https://example.com/"), PAGE) == NO_MEDIA
    assert provider.media_rules(Settings(), PAGE, "comment") == NO_MEDIA


def test_an_address_is_facebooks_or_none() -> None:
    given = {
        "https://www.facebook.com/102/posts/501": "https://www.facebook.com/102/posts/501",
        "/reel/701/": "https://www.facebook.com/reel/701/",
        "https://facebook.com.example/": "",
        "javascript:alert(1)": "",
        "https://www.facebook.com/a b": "",
    }
    assert {each: link({"permalink_url": each}) for each in given} == given
    far = Far({"permalink_url": "https://www.facebook.com/102/posts/501"})
    assert far.provider.permalink(ROOT, GRANT, PAGE) == "https://www.facebook.com/102/posts/501"
    assert dict(far.sent[0].url.params) == {"fields": "permalink_url"}


def test_pages_without_the_task_are_left_out_and_others_are_named() -> None:
    account_of = Far().provider.account_of
    assert account_of({"id": "1", "name": "A", "tasks": ["ANALYZE"]}) is None
    named = account_of(
        {"id": "1", "name": "A", "username": "a", "link": "https://www.facebook.com/a", "tasks": ["CREATE_CONTENT"]}
    )
    assert named
    assert (named.id, named.handle, named.url) == ("1", "@a", "https://www.facebook.com/a")
    bare = account_of({"id": "1", "name": "A"})
    assert bare
    assert (bare.handle, bare.url) == ("A", "https://www.facebook.com/1")

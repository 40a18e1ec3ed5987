"""Files before their time: nothing that a reader can see, and nothing twice that is there."""

from dataclasses import replace
from typing import Any

import pytest

from punctual.facebook_api import uploads
from punctual.providers.base import Outgoing
from punctual.providers.feeding import UploadLost
from punctual.providers.outcomes import Rejected, RetryLater, Unprepared
from tests.attachments import attachment, reads_of
from tests.kept import Kept
from tests.unit.facebook.platform import GRANT, NOW, Far, outgoing, refusal

VIDEO = attachment(b"0123456789", kind="video")
SESSION = "upload:MTphdHRhY2htZW50?sig=ARb_-x"


def prepared(far: Far, post: Outgoing, state: dict[str, Any] | None = None) -> dict[str, Any]:
    kept = Kept(dict(state or {}))
    far.provider.prepare(post, GRANT, kept)
    return kept.results


def test_pictures_are_unpublished_and_described() -> None:
    far = Far({"id": "901"}, {"id": "902"})
    kept = prepared(far, outgoing(media=(attachment(alt_text="A hill"), attachment())))
    assert far.lines == ["POST graph.facebook.com/v25.0/102/photos"] * 2
    assert far.form(0) == {"published": "false", "alt_text_custom": "A hill"}
    assert far.form(1) == {"published": "false"}
    assert (kept["media_0"], kept["media_1"], kept["carries"]) == ({"id": "901"}, {"id": "902"}, "images")
    assert kept["uploaded_at"] == "2026-11-22T16:00:00.000Z"


def test_a_video_goes_by_the_app_and_is_called_by_its_handle() -> None:
    far = Far({"id": SESSION}, {"h": "4::aGFuZGxl"})
    kept = prepared(far, outgoing(media=(VIDEO,)))
    assert far.lines == [
        "POST graph.facebook.com/v25.0/77/uploads",
        "POST graph.facebook.com/v25.0/upload:MTphdHRhY2htZW50",
    ]
    assert far.form(0) == {"file_name": "video.mp4", "file_length": "10", "file_type": "video/mp4"}
    assert far.sent[1].url.query == b"sig=ARb_-x"
    assert (far.sent[1].headers["Authorization"], far.sent[1].headers["file_offset"]) == ("OAuth page-token", "0")
    assert far.sent[1].content == b"0123456789"
    assert (kept["media_0"], kept["carries"]) == ({"id": "4::aGFuZGxl"}, "video")


def test_a_video_that_broke_off_goes_on_where_facebook_has_it() -> None:
    begun = {"media_0": {"handle": {"session": SESSION}, "sent": 0, "results": []}}
    far = Far({"id": SESSION, "file_offset": 4}, {"h": "4::aGFuZGxl"})
    prepared(far, outgoing(media=(VIDEO,), prepared=begun), begun)
    assert far.sent[1].headers["file_offset"] == "4"
    assert far.sent[1].content == b"456789"


def test_a_large_video_goes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 4)
    far = Far({"id": SESSION}, {"id": SESSION}, {"id": SESSION}, {"h": "4::aGFuZGxl"})
    kept = prepared(far, outgoing(media=(VIDEO,)))
    assert [one.content for one in far.sent[1:]] == [b"0123", b"4567", b"89"]
    assert [one.headers["file_offset"] for one in far.sent[1:]] == ["0", "4", "8"]
    assert kept["media_0"] == {"id": "4::aGFuZGxl"}


@pytest.mark.parametrize("found", [{"id": SESSION, "file_offset": 10}, refusal(100, 33)])
def test_a_video_whose_handle_was_lost_or_whose_session_is_gone_is_sent_anew(found: Any) -> None:
    begun = {"media_0": {"handle": {"session": SESSION}, "sent": 0, "results": []}}
    far, kept = Far(found), Kept(dict(begun))
    with pytest.raises(UploadLost):
        far.provider.prepare(outgoing(media=(VIDEO,), prepared=begun), GRANT, kept)
    assert kept.results["media_0"] == {}


def test_a_session_that_is_no_session_is_not_asked() -> None:
    for answer in ({"id": "upload:../../me"}, {"id": "1/2"}, {}, {"id": SESSION, "file_offset": 11}):
        begun = (
            {"media_0": {"handle": {"session": SESSION}, "sent": 0, "results": []}} if "file_offset" in answer else {}
        )
        with pytest.raises(RetryLater):
            prepared(Far(answer), outgoing(media=(VIDEO,), prepared=begun), begun)


def test_a_grant_without_its_app_is_told_to_be_connected_again() -> None:
    with pytest.raises(Rejected):
        Far().provider.prepare(outgoing(media=(VIDEO,)), replace(GRANT, extra={}), Kept())


@pytest.mark.parametrize(("kind", "edge"), [("reel", "video_reels"), ("story", "video_stories")])
def test_a_reel_is_a_video_from_the_first(kind: str, edge: str) -> None:
    far = Far({"video_id": "701", "upload_url": "https://elsewhere.example/"}, {"success": True})
    kept = prepared(far, outgoing(media=(VIDEO,), settings={"post_type": kind}))
    assert far.lines == [
        f"POST graph.facebook.com/v25.0/102/{edge}",
        "POST rupload.facebook.com/video-upload/v25.0/701",
    ]
    assert far.form(0) == {"upload_phase": "start"}
    sent = far.sent[1].headers
    assert (sent["Authorization"], sent["offset"], sent["file_size"]) == ("OAuth page-token", "0", "10")
    assert kept["media_0"] == {"id": "701"}


@pytest.mark.parametrize("name", ["bytes_transferred", "bytes_transfered"])
def test_a_reel_that_broke_off_goes_on_where_facebook_has_it(name: str) -> None:
    begun = {"media_0": {"handle": {"video_id": "701"}, "sent": 0, "results": []}}
    far = Far({"status": {"uploading_phase": {"status": "in_progress", name: 7}}}, {"success": True})
    prepared(far, outgoing(media=(VIDEO,), prepared=begun, settings={"post_type": "reel"}), begun)
    assert (far.sent[1].headers["offset"], far.sent[1].content) == ("7", b"789")


def test_what_was_prepared_is_not_prepared_again() -> None:
    far, done = Far(), {"media_0": {"id": "901"}, "carries": "images"}
    picture = attachment()
    prepared(far, outgoing(media=(picture,), prepared=done), done)
    assert (far.sent, reads_of(picture)) == ([], [])


def test_what_was_uploaded_long_ago_and_never_sent_is_uploaded_anew_a_reel_too() -> None:
    """A post may be held for days, until its channel is connected again."""
    far, reel = Far(), {"media_0": {"id": "701"}, "carries": "video", "uploaded_at": "2026-11-22T03:59:59Z"}
    old = replace(outgoing(media=(VIDEO,), settings={"post_type": "reel"}, prepared=reel), first_sent_at=None)
    with pytest.raises(Unprepared) as raised:
        far.provider.prepare(old, GRANT, Kept(dict(reel)))
    assert raised.value.kept == dict.fromkeys(("media_0", "carries", "uploaded_at"))
    sent = replace(old, first_sent_at=NOW)
    far.provider.prepare(sent, GRANT, Kept(dict(reel)))
    assert far.sent == []

"""The small Facebook is held to what its documents say of videos, reels and stories."""

import httpx
import pytest

from tests.contract.facebook.person import GRAPH, MP4, PAGE, Person, digest, wrong


@pytest.fixture
def kim() -> Person:
    """Connected, with the token of one page."""
    return Person().connect()


def test_a_video_by_url_is_shown_when_it_was_worked_on(kim):
    kim.side.processing_seconds = 60
    kim.files["https://files.example/v.mp4"] = MP4
    form = {"file_url": "https://files.example/v.mp4", "title": "T", "description": "D"}
    number = kim.post(f"{PAGE}/videos", host="graph-video", **form).json()["id"]
    asked = {"fields": "post_id,permalink_url,status,published"}
    assert kim.get(number, **asked).json()["status"]["video_status"] == "processing"
    assert kim.side.posts == []
    kim.later(seconds=60)
    (shown,) = kim.side.posts
    found = kim.get(number, **asked).json()
    assert (found["post_id"], found["published"], found["status"]["video_status"]) == (shown.id, True, "ready")
    assert (shown.kind, shown.text, shown.media) == ("video", "D", (digest(MP4),))


def test_a_file_goes_up_in_parts_goes_on_where_it_broke_off_and_its_handle_makes_a_video(kim):
    about = {"file_name": "v.mp4", "file_length": str(len(MP4)), "file_type": "video/mp4"}
    session = kim.post(f"{kim.side.app['client_id']}/uploads", **about).json()["id"]
    assert session.startswith("upload:")
    address, headers = f"{GRAPH}/{session}", {"Authorization": f"OAuth {kim.token}", "file_offset": "0"}
    kim.side.cuts, kim.side.cut_keeps = {"upload_part"}, 5
    with pytest.raises(httpx.ReadError):
        kim.http.post(address, headers=headers, content=MP4)
    assert kim.http.get(address, headers=headers).json()["file_offset"] == 5
    for offset in (0, 6):
        sent = {**headers, "file_offset": str(offset)}
        assert wrong(kim.http.post(address, headers=sent, content=MP4[6:])) == (100, None)
    handle = kim.http.post(address, headers={**headers, "file_offset": "5"}, content=MP4[5:]).json()["h"]
    kim.post(f"{PAGE}/videos", host="graph-video", description="D", fbuploader_video_file_chunk=handle)
    assert kim.side.posts[0].media == (digest(MP4),)


def test_a_reel_is_shown_by_its_finish_and_its_phases_take_time(kim):
    kim.side.processing_seconds = 90
    begun = kim.started()
    assert begun["upload_url"] == f"https://rupload.facebook.com/video-upload/v25.0/{begun['video_id']}"
    assert kim.sent(begun["upload_url"]).json() == {"success": True}
    finish = {"upload_phase": "finish", "video_id": begun["video_id"], "video_state": "PUBLISHED", "description": "R"}
    stateless = {name: value for name, value in finish.items() if name != "video_state"}
    assert wrong(kim.post(f"{PAGE}/video_reels", **stateless)) == (100, None)
    assert kim.post(f"{PAGE}/video_reels", **finish).json() == {"success": True}
    found = kim.get(begun["video_id"], fields="status,post_id").json()
    assert (found["status"]["processing_phase"]["status"], "post_id" in found) == ("in_progress", False)
    kim.later(seconds=90)
    found = kim.get(begun["video_id"], fields="status,post_id").json()
    assert found["status"]["publishing_phase"]["status"] == "complete"
    (shown,) = kim.side.posts
    assert (shown.id, shown.kind, shown.text) == (found["post_id"], "reel", "R")
    assert wrong(kim.post(f"{PAGE}/video_reels", **finish)) == (6000, 1363041)
    kim.side.takes_finish_again = True
    assert kim.post(f"{PAGE}/video_reels", **finish).json() == {"success": True}
    assert len(kim.side.posts) == 1


def test_a_reels_bytes_go_on_where_they_broke_off_or_are_fetched_and_come_before_its_finish(kim):
    begun = kim.started()
    finish = {"upload_phase": "finish", "video_id": begun["video_id"], "video_state": "PUBLISHED"}
    assert wrong(kim.post(f"{PAGE}/video_reels", **finish)) == (6000, 1363041)
    kim.side.cuts, kim.side.cut_keeps = {"rupload"}, 7
    with pytest.raises(httpx.ReadError):
        kim.sent(begun["upload_url"])
    phase = kim.get(begun["video_id"], fields="status").json()["status"]["uploading_phase"]
    assert phase == {"status": "in_progress", "bytes_transferred": 7}
    assert kim.sent(begun["upload_url"], MP4[7:], offset="7").json() == {"success": True}
    assert wrong(kim.sent(kim.started()["upload_url"], Authorization=f"Bearer {kim.token}")) == (190, None)
    kim.files["https://files.example/v.mp4"] = MP4
    headers = {"Authorization": f"OAuth {kim.token}", "file_url": "https://files.example/v.mp4"}
    assert kim.http.post(kim.started()["upload_url"], headers=headers).json() == {"success": True}


def test_a_reel_that_cannot_be_processed_is_never_shown(kim):
    kim.side.spoils = True
    number = kim.reel()
    status = kim.get(number, fields="status").json()["status"]
    assert (status["video_status"], status["processing_phase"]["status"]) == ("error", "error")
    assert kim.side.posts == []


def test_a_draft_is_not_shown_and_thirty_reels_fill_a_day(kim):
    kim.reel(video_state="DRAFT")
    assert kim.side.posts == []
    kim.side.reels_a_day = 2
    kim.reel()
    begun = kim.started()
    kim.sent(begun["upload_url"])
    finish = {"upload_phase": "finish", "video_id": begun["video_id"], "video_state": "PUBLISHED"}
    assert wrong(kim.post(f"{PAGE}/video_reels", **finish)) == (613, None)
    kim.later(days=1)
    assert kim.post(f"{PAGE}/video_reels", **finish).json() == {"success": True}


def test_stories_of_a_photo_and_of_a_video_last_a_day_and_take_no_photo_twice(kim):
    photo = kim.staged()
    made = kim.post(f"{PAGE}/photo_stories", photo_id=photo).json()
    assert (made["success"], made["post_id"]) == (True, kim.side.posts[0].id)
    assert wrong(kim.post(f"{PAGE}/photo_stories", photo_id=photo)) == (100, 1366051)
    begun = kim.started("video_stories")
    kim.sent(begun["upload_url"])
    done = kim.post(f"{PAGE}/video_stories", upload_phase="finish", video_id=begun["video_id"]).json()
    assert [post.kind for post in kim.side.posts] == ["story", "story"]
    listed = kim.get(f"{PAGE}/stories").json()["data"]
    assert (listed[0]["media_type"], listed[0]["post_id"]) == ("video", done["post_id"])
    assert kim.get(f"{PAGE}/published_posts").json() == {"data": []}
    kim.later(days=1)
    assert kim.side.posts == []

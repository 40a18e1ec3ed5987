"""What probing says of every kind of video that comes."""

import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from punctual.media.refusals import REFUSALS, Refused
from punctual.workshop import video_reading, videos
from punctual.workshop.video_reading import reading
from tests.media.corpus.videos import VIDEOS


@pytest.mark.parametrize("name", sorted(VIDEOS))
def test_a_video_is_what_its_content_says_or_is_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    sample = VIDEOS[name]
    path = tmp_path / "original"
    sample.make(path)
    if sample.refusal is None:
        facts = videos.probe(path, sample.declared)
        assert {key: getattr(facts, key) for key in sample.facts} == dict(sample.facts)
        assert facts.bit_rate == facts.bytes * 8000 // (facts.duration_ms or 0)
        return
    with pytest.raises(Refused) as caught:
        videos.probe(path, sample.declared)
    assert caught.value.code == sample.refusal
    assert sample.refusal in REFUSALS


@pytest.mark.parametrize("name", ["h264_aac.mp4", "hevc_aac.mov", "vp8.webm", "vp9_opus.webm", "av1.mp4"])
def test_a_picture_that_is_too_large_is_not_decoded_by_any_codec(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / "original"
    VIDEOS[name].make(path)
    monkeypatch.setattr(video_reading, "MAX_PIXELS", 64 * 48 - 1)
    with pytest.raises(Refused) as caught:
        videos.probe(path, VIDEOS[name].declared)
    assert caught.value.code == "too_many_pixels"


LISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{url}/1.ts\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile {url}/1.mp4\n",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
    'mimeType="video/mp4"><Representation id="1"><BaseURL>{url}/1.mp4</BaseURL></Representation></AdaptationSet>'
    "</Period></MPD>",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("mime", ["video/mp4", "video/webm"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_addresses_is_no_video_and_nothing_in_it_is_opened(
    tmp_path: Path, listener: socket.socket, name: str, mime: str
) -> None:
    path = tmp_path / name
    path.write_text(LISTS[name].format(url=f"http://127.0.0.1:{listener.getsockname()[1]}"))
    with pytest.raises(Refused) as caught:
        videos.probe(path, mime)
    assert caught.value.code == "unknown_type"
    with pytest.raises(Refused) as caught, reading(path, mime):
        pytest.fail("it was opened")
    assert caught.value.code == "unreadable"
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_five_gigabytes_are_probed_without_being_read(tmp_path: Path) -> None:
    """A hole in the middle: what is not read takes no room on the disk, nor in memory."""
    path = tmp_path / "original"
    VIDEOS["h264_aac.mp4"].make(path)
    size = 5 * 1024**3
    with path.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(b"\0\0\0\1free" + (size - file.tell()).to_bytes(8))
        file.truncate(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    facts = videos.probe(path, "video/mp4")
    assert (facts.bytes, facts.duration_ms) == (size, 405)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000

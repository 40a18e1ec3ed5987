"""What probing says of every kind of video that comes."""

import os
import resource
import socket
from pathlib import Path

import pytest

from punctual.media.refusals import Refused
from punctual.workshop import sniffing, video_containers, video_reading, videos
from punctual.workshop.video_reading import reading
from tests.media.corpus.video_making import make
from tests.media.corpus.videos import VIDEOS


def box(name: bytes, content: bytes = b"1234") -> bytes:
    return (8 + len(content)).to_bytes(4) + name + content


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
    "list.m3u8": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{url}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile {url}\n",
    "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
    'mimeType="video/mp4"><Representation id="1"><BaseURL>{url}</BaseURL></Representation></AdaptationSet>'
    "</Period></MPD>",
}


@pytest.mark.parametrize("mime", ["video/mp4", "video/webm"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_files_is_no_video_and_nothing_in_it_is_opened(tmp_path: Path, name: str, mime: str) -> None:
    make(tmp_path / "1.ts", "mpegts")
    path = tmp_path / name
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for url in ("1.ts", f"http://127.0.0.1:{server.getsockname()[1]}/1.ts"):
            path.write_text(LISTS[name].format(url=url))
            with pytest.raises(Refused) as caught:
                sniffing.sniff(path)
            assert caught.value.code == "unknown_type"
            with pytest.raises(Refused) as caught, reading(path, mime):
                pytest.fail("it was opened")
            assert caught.value.code == "unreadable"
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("content", "is_whole"),
    [
        (box(b"ftyp") + box(b"moov") + box(b"mdat"), True),
        (box(b"ftyp") + box(b"moov") + box(b"mdat") + b"and what somebody wrote behind it", True),
        (box(b"ftyp") + box(b"moov") + box(b"mdat")[:-1], False),
        (box(b"ftyp") + box(b"moov") + box(b"mdat") + box(b"moof")[:-1], False),
        (box(b"ftyp") + box(b"mdat") + box(b"moov")[:-1], False),
        (box(b"ftyp") + box(b"mdat"), False),
        (box(b"ftyp") + box(b"moov") + b"\0\0\0\1mdat" + (17).to_bytes(8) + b"1", True),
        (box(b"ftyp") + box(b"moov") + b"\0\0\0\1mdat" + (18).to_bytes(8) + b"1", False),
        (box(b"ftyp") + b"\0\0\0\4moov", False),
        (box(b"ftyp") + box(b"moov") + b"\0\0\0\1free" + b"\xff" * 8, True),
        (box(b"ftyp") + box(b"mdat") + b"\0\0\0\0moov", True),
    ],
)
def test_a_file_is_whole_where_no_part_of_it_ends_behind_its_end(
    tmp_path: Path, content: bytes, is_whole: bool
) -> None:
    path = tmp_path / "original"
    path.write_bytes(content)
    if is_whole:
        video_containers.check_whole(path)
        return
    with pytest.raises(Refused) as caught:
        video_containers.check_whole(path)
    assert caught.value.code == "unreadable"


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

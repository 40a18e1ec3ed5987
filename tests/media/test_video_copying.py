"""The same streams in another file."""

from pathlib import Path

import av
import pytest

from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused
from punctual.workshop import videos
from punctual.workshop.running import Workshop
from tests.media.conftest import MEMORY
from tests.media.corpus.video_making import PLACE
from tests.media.corpus.videos import MOV, MP4, VIDEOS, WEBM

COPY = Recipe(kind="video", type=MP4, video="copy", audio="copy")
WHOLE = [name for name, sample in VIDEOS.items() if sample.refusal is None]


def made(tmp_path: Path, name: str) -> tuple[Path, str, Path]:
    path = tmp_path / "original"
    VIDEOS[name].make(path)
    return path, VIDEOS[name].declared, tmp_path / "made"


def packets(path: Path) -> list[tuple[str, bytes]]:
    with av.open(str(path)) as container:
        streams = [*container.streams.video, *container.streams.audio]
        return sorted((each.stream.type, bytes(each)) for each in container.demux(streams) if each.size)


@pytest.mark.parametrize("name", WHOLE)
def test_a_cleaned_video_has_the_same_streams_and_shows_the_same(tmp_path: Path, name: str) -> None:
    path, mime, target = made(tmp_path, name)
    before = videos.probe(path, mime)
    videos.clean(path, target)
    after = videos.probe(target, mime)
    for unlike in ("bytes", "bit_rate", "has_location"):
        object.__setattr__(after, unlike, getattr(before, unlike))
    assert after == before
    assert packets(target) == packets(path)


@pytest.mark.parametrize("name", ["place.mp4", "place.mov", "titled.mp4", "way.mov"])
def test_a_cleaned_video_says_nothing_but_what_it_shows(tmp_path: Path, name: str) -> None:
    path, mime, target = made(tmp_path, name)
    videos.clean(path, target)
    assert not videos.probe(target, mime).has_location
    content = target.read_bytes()
    assert all(word not in content for word in (PLACE.encode(), b"48.85", b"A day", b"Lavf62"))
    with av.open(str(target)) as container:
        assert set(container.metadata) == {"major_brand", "minor_version", "compatible_brands"}


@pytest.mark.parametrize("name", ["h264_aac.mp4", "turned_right.mov"])
def test_a_copy_begins_with_its_index(tmp_path: Path, name: str) -> None:
    path, _, target = made(tmp_path, name)
    assert path.read_bytes().index(b"moov") > path.read_bytes().index(b"mdat")
    videos.render(path, COPY, target)
    assert target.read_bytes().index(b"moov") < target.read_bytes().index(b"mdat")


@pytest.mark.parametrize("name", ["hevc_aac.mov", "turned_right.mov", "vp9_opus.webm"])
def test_a_video_goes_into_another_container_as_it_is(tmp_path: Path, name: str) -> None:
    path, mime, target = made(tmp_path, name)
    before = videos.probe(path, mime)
    videos.render(path, COPY, target)
    after = videos.probe(target, MP4)
    assert after.video_codec == before.video_codec
    assert (after.width, after.height, after.orientation) == (before.width, before.height, before.orientation)
    assert packets(target) == packets(path)


def test_hevc_is_named_as_telephones_play_it(tmp_path: Path) -> None:
    path, _, target = made(tmp_path, "hevc_aac.mov")
    assert b"hev1" in path.read_bytes()
    videos.render(path, COPY, target)
    assert b"hvc1" in target.read_bytes()
    assert b"hev1" not in target.read_bytes()


@pytest.mark.parametrize("name", ["pcm.mov", "vp9_opus.webm", "h264_aac.mp4"])
def test_sound_alone_is_made_anew(tmp_path: Path, name: str) -> None:
    path, mime, target = made(tmp_path, name)
    before = videos.probe(path, mime)
    videos.render(path, Recipe(kind="video", type=MP4, video="copy", audio="encode"), target)
    after = videos.probe(target, MP4)
    assert (after.audio_codec, after.video_codec) == ("aac", before.video_codec)
    assert heard(target) == pytest.approx(heard(path), abs=0.03)
    assert [each for each in packets(target) if each[0] == "video"] == [e for e in packets(path) if e[0] == "video"]


def heard(path: Path) -> float:
    with av.open(str(path)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("vp8.webm", COPY),  # MP4 has no place for such pictures
        ("h264_aac.mp4", Recipe(kind="video", type=WEBM, video="copy", audio="copy")),
        ("h264_aac.mp4", Recipe(kind="video", type=MP4, video="copy", audio="copy", max_bytes=5_000)),
    ],
)
def test_what_a_container_or_a_limit_does_not_hold_is_refused(tmp_path: Path, name: str, recipe: Recipe) -> None:
    path, _, target = made(tmp_path, name)
    with pytest.raises(Refused) as caught:
        videos.render(path, recipe, target)
    assert caught.value.code == "cannot_fit"


def test_a_mov_stays_one(tmp_path: Path) -> None:
    path, _, target = made(tmp_path, "hevc_aac.mov")
    videos.clean(path, target)
    assert videos.probe(target, MOV).type == MOV
    assert target.read_bytes()[8:12] == b"qt  "


def test_a_video_for_which_there_is_no_room_is_too_costly_and_not_damaged(tmp_path: Path) -> None:
    path, mime, target = made(tmp_path, "h264_aac.mp4")
    small = Workshop(memory_bytes=MEMORY, seconds=60, file_bytes=5_000)
    with pytest.raises(Refused) as caught:
        small.clean(path, target, videos.probe(path, mime))
    assert (caught.value.code, target.exists()) == ("too_costly", False)

"""Videos made anew, each looked at again."""

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from punctual.media.facts import Facts
from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused
from punctual.workshop import video_copying, video_encoding, video_planning, videos
from tests.media.corpus.video_making import make
from tests.media.corpus.videos import MP4, VIDEOS

WHOLE = [name for name, sample in VIDEOS.items() if sample.refusal is None]
ROOT = 1 << 16


def recipe(**limits: Any) -> Recipe:
    return Recipe(**{"kind": "video", "type": MP4, "video": "encode", "audio": "encode", **limits})


def encoded(path: Path, **limits: Any) -> Facts:
    target = path.with_name("made")
    videos.render(path, recipe(**limits), target)
    return videos.probe(target, MP4)


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("name", WHOLE)
def test_every_video_can_be_made_one_that_plays_everywhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / "original"
    VIDEOS[name].make(path)
    before = videos.probe(path, VIDEOS[name].declared)
    after = encoded(path)
    assert (after.type, after.video_codec, after.orientation) == (MP4, "h264", 1)
    assert after.audio_codec == ("aac" if before.audio_codec else None)
    assert (after.width, after.height) == (before.width // 2 * 2, before.height // 2 * 2)
    assert not after.is_frame_rate_variable
    assert after.duration_ms == pytest.approx(before.duration_ms, abs=40)
    assert after.frame_rate == min(60, max(before.frame_rate or 0, 30 if before.is_frame_rate_variable else 0))
    content = (tmp_path / "made").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    frame = pictures(tmp_path / "made")[0]
    assert (frame.format.name, frame.color_range in (0, 1)) == ("yuv420p", True)


RED, GREEN, OTHER = "red", "green", "other"


def corners(image: Image.Image) -> dict[tuple[int, int], str]:
    """By where they are: -1 is left, and above."""
    found = {}
    for x, y in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        at = (image.width // 2 + x * image.width // 4, image.height // 2 + y * image.height // 4)
        red, green, _ = image.getpixel(at)  # type: ignore[misc]
        found[x, y] = RED if red > 150 > green else GREEN if green > 150 > red else OTHER
    return found


def shown(path: Path) -> dict[tuple[int, int], str]:
    """As the matrix says: x' = ax + cy, y' = bx + dy (FFmpeg, libavutil/display.h)."""
    frame = pictures(path)[0]
    said = [each for each in frame.side_data if each.type.name == "DISPLAYMATRIX"]
    a, b, _, c, d = memoryview(bytes(said[0])).cast("i")[:5] if said else (ROOT, 0, 0, 0, ROOT)
    as_stored = corners(frame.to_image())
    return {((a * x + c * y) // ROOT, (b * x + d * y) // ROOT): what for (x, y), what in as_stored.items()}


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_video_is_made_upright_however_it_was_held(tmp_path: Path, turn: int, is_mirrored: bool) -> None:
    path = tmp_path / "original"
    make(path, "mp4", turn=turn, is_mirrored=is_mirrored)
    before = videos.probe(path, MP4)
    after = encoded(path)
    assert (after.width, after.height) == (before.width, before.height) == ((48, 64) if turn % 180 else (64, 48))
    assert corners(pictures(tmp_path / "made")[0].to_image()) == shown(path)


def test_each_way_to_hold_a_camera_has_its_own_orientation(tmp_path: Path) -> None:
    found = set()
    for turn in (0, 90, 180, 270):
        for is_mirrored in (False, True):
            make(tmp_path / "original", "mp4", frames=1, turn=turn, is_mirrored=is_mirrored)
            found.add(videos.probe(tmp_path / "original", MP4).orientation)
    assert found == set(range(1, 9))


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({}, (160, 120)),
        ({"max_width": 100}, (100, 74)),
        ({"max_height": 61}, (80, 60)),
        ({"max_pixels": 1_000}, (36, 26)),
        ({"max_width": 1_000}, (160, 120)),
    ],
)
def test_it_is_scaled_into_the_limits_and_never_up(
    tmp_path: Path, limits: dict[str, int], size: tuple[int, int]
) -> None:
    make(tmp_path / "original", "mp4", size=(160, 120), frames=3)
    after = encoded(tmp_path / "original", **limits)
    assert (after.width, after.height) == size


def test_frames_are_left_out_where_too_many_come(tmp_path: Path) -> None:
    make(tmp_path / "original", "mp4", rate=60, frames=60)
    after = encoded(tmp_path / "original", max_frame_rate=30)
    assert (after.frame_rate, after.duration_ms) == (30, 1_000)
    assert len(pictures(tmp_path / "made")) == 30


@pytest.mark.parametrize("max_bytes", [60_000, 120_000, 400_000])
def test_it_fits_into_as_many_bytes_as_it_may_take(tmp_path: Path, max_bytes: int) -> None:
    make(tmp_path / "original", "mp4", size=(160, 120), frames=75, is_noisy=True, audio="aac")
    assert (tmp_path / "original").stat().st_size > 500_000
    after = encoded(tmp_path / "original", max_bytes=max_bytes)
    assert max_bytes / 3 < after.bytes <= max_bytes
    assert after.duration_ms == pytest.approx(3_000, abs=40)


def test_sound_that_stays_is_counted(tmp_path: Path) -> None:
    make(tmp_path / "original", "mov", size=(160, 120), frames=75, is_noisy=True, audio="pcm_s16le")
    after = encoded(tmp_path / "original", max_bytes=700_000, audio="copy")
    assert 600_000 < after.bytes <= 700_000


def test_what_came_out_too_large_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path / "original", "mp4", size=(160, 120), frames=75, is_noisy=True)
    monkeypatch.setattr(video_planning, "_SPARE", 1.6)
    assert encoded(tmp_path / "original", max_bytes=200_000).bytes <= 200_000
    monkeypatch.setattr(video_planning, "_SPARE", 100)
    monkeypatch.setattr(video_encoding, "_TRIES", 1)
    with pytest.raises(Refused) as caught:
        encoded(tmp_path / "original", max_bytes=200_000)
    assert caught.value.code == "cannot_fit"


def test_a_picture_is_made_smaller_where_few_bits_are_left_for_it(tmp_path: Path) -> None:
    make(tmp_path / "original", "mp4", size=(640, 480), frames=25)
    assert encoded(tmp_path / "original", max_bytes=30_000).width == 434
    assert encoded(tmp_path / "original", max_bytes=10_000).width == 320
    assert encoded(tmp_path / "original", max_bytes=300_000).width == 640


def test_it_takes_no_more_bits_a_second_than_it_may(tmp_path: Path) -> None:
    make(tmp_path / "original", "mp4", size=(160, 120), frames=75, is_noisy=True)
    after = encoded(tmp_path / "original", max_bit_rate=400_000)
    assert 200_000 < (after.bit_rate or 0) <= 400_000


def test_what_would_not_be_worth_looking_at_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "original", "mp4", frames=75, is_noisy=True)
    with pytest.raises(Refused) as caught:
        encoded(tmp_path / "original", max_bytes=4_000)
    assert caught.value.code == "cannot_fit"


def test_what_takes_longer_than_there_is_time_is_refused_at_once(tmp_path: Path) -> None:
    make(tmp_path / "original", "mp4", times=[*range(0, 400, 40), 1_900_000], frames=11)
    with pytest.raises(Refused) as caught:
        encoded(tmp_path / "original")
    assert caught.value.code == "too_costly"


def test_a_gap_of_years_is_not_filled_with_frames(tmp_path: Path) -> None:
    """Of a file whose headers say that it lasts a second."""
    make(tmp_path / "original", "mp4")
    planned = video_planning.plan(videos.probe(tmp_path / "original", MP4), recipe())
    with video_copying.writing(tmp_path / "made", MP4) as container:
        film = video_encoding.filming(container, planned)
        first, second = pictures(tmp_path / "original")[:2]
        second.pts = 10**12
        list(film(first))
        with pytest.raises(Refused) as caught:
            list(film(second))
        assert caught.value.code == "unreadable"


def test_sound_can_stay_as_it_is(tmp_path: Path) -> None:
    VIDEOS["h264_aac.mp4"].make(tmp_path / "original")
    encoded(tmp_path / "original", audio="copy")
    with av.open(str(tmp_path / "original")) as before, av.open(str(tmp_path / "made")) as after:
        assert [bytes(each) for each in before.demux(audio=0)] == [bytes(each) for each in after.demux(audio=0)]


def test_a_picture_of_a_wide_range_is_told_and_shown_in_the_usual_one(tmp_path: Path) -> None:
    wide = {"color_trc": 18, "color_primaries": 9, "colorspace": 9, "color_range": 1}
    make(tmp_path / "original", "mp4", pixels="yuv420p10le", tune=wide)
    assert pictures(tmp_path / "original")[0].color_trc == 18
    encoded(tmp_path / "original")
    frame = pictures(tmp_path / "made")[0]
    assert (frame.color_trc, frame.color_primaries, frame.colorspace) == (1, 1, 1)
    before = pictures(tmp_path / "original")[0].reformat(format="yuv420p")
    for at in (5, 50):  # what was 80 and 141 of 255 in a range that has room above white
        assert bytes(frame.planes[0])[at] > bytes(before.planes[0])[at] + 10

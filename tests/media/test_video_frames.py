"""A picture out of a video, and a video out of pictures."""

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from punctual.media.recipes import THUMBNAIL, Recipe
from punctual.media.refusals import Refused
from punctual.workshop import videos
from tests.media.corpus.video_making import make
from tests.media.corpus.videos import MP4, VIDEOS
from tests.media.test_video_encoding import GREEN, RED, corners, recipe, shown

SHADES = range(0, 250, 25)
"""Of ten pictures that follow each other."""


def picture(**limits: Any) -> Recipe:
    return Recipe(kind="image", type="image/jpeg", **limits)


def shades(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [frame.to_image().convert("L").getpixel((20, 20)) for frame in container.decode(video=0)]


def shaded(path: Path, kind: str, shown_for: int | list[int], size: tuple[int, int] = (64, 48)) -> None:
    images = [Image.new("RGB", size, (shade, shade, shade)) for shade in SHADES]
    images[0].save(path, kind, save_all=True, append_images=images[1:], duration=shown_for, loop=0)


@pytest.mark.parametrize(("at_ms", "number"), [(None, 0), (0, 0), (39, 0), (40, 1), (199, 4), (360, 9), (90_000, 9)])
def test_the_picture_is_what_is_seen_at_its_time(tmp_path: Path, at_ms: int | None, number: int) -> None:
    shaded(tmp_path / "moving", "GIF", 40)
    videos.render(tmp_path / "moving", recipe(), tmp_path / "original")
    videos.render(tmp_path / "original", picture(frame_ms=at_ms), tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        assert (made.format, made.size) == ("JPEG", (64, 48))
        assert made.convert("L").getpixel((20, 20)) == pytest.approx(SHADES[number], abs=4)


@pytest.mark.parametrize("name", [name for name, sample in VIDEOS.items() if sample.refusal is None])
def test_every_video_has_a_picture(tmp_path: Path, name: str) -> None:
    VIDEOS[name].make(tmp_path / "original")
    facts = videos.probe(tmp_path / "original", VIDEOS[name].declared or "")
    videos.render(tmp_path / "original", THUMBNAIL, tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        assert (made.format, made.size) == ("JPEG", (facts.width, facts.height))


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_picture_is_upright_however_the_camera_was_held(tmp_path: Path, turn: int, is_mirrored: bool) -> None:
    make(tmp_path / "original", "mp4", turn=turn, is_mirrored=is_mirrored)
    videos.render(tmp_path / "original", picture(), tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        assert corners(made) == shown(tmp_path / "original")
        assert {RED, GREEN} < set(corners(made).values())


def test_the_picture_fits_into_its_limits(tmp_path: Path) -> None:
    make(tmp_path / "original", "mp4", size=(640, 480), frames=1, is_noisy=True, turn=90)
    videos.render(tmp_path / "original", picture(max_width=120), tmp_path / "made")
    with Image.open(tmp_path / "made") as made:
        assert made.size == (120, 160)
    videos.render(tmp_path / "original", picture(max_bytes=20_000), tmp_path / "made")
    assert (tmp_path / "made").stat().st_size <= 20_000


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_becomes_a_video_without_sound(tmp_path: Path, kind: str) -> None:
    shaded(tmp_path / "original", kind, 100, size=(65, 49))
    videos.render(tmp_path / "original", recipe(audio=None), tmp_path / "made")
    facts = videos.probe(tmp_path / "made", MP4)
    assert (facts.video_codec, facts.audio_codec, facts.width, facts.height) == ("h264", None, 64, 48)
    assert (facts.duration_ms, facts.frame_rate, facts.is_frame_rate_variable) == (1_000, 30, False)
    assert shades(tmp_path / "made") == pytest.approx([shade for shade in SHADES for _ in range(3)], abs=4)


def test_each_picture_is_shown_for_as_long_as_it_was(tmp_path: Path) -> None:
    shaded(tmp_path / "original", "GIF", [50, 200, 100, 50, 50, 50, 50, 50, 50, 350])
    videos.render(tmp_path / "original", recipe(), tmp_path / "made")
    facts = videos.probe(tmp_path / "made", MP4)
    assert (facts.duration_ms, facts.frame_rate) == (1_000, 40)
    found = shades(tmp_path / "made")
    assert [sum(abs(each - shade) < 5 for each in found) for shade in SHADES] == [2, 8, 4, 2, 2, 2, 2, 2, 2, 14]


def test_what_was_seen_through_is_white(tmp_path: Path) -> None:
    images = [Image.new("RGBA", (64, 48), (0, 0, 0, 0)) for _ in range(2)]
    images[1].putpixel((0, 0), (255, 0, 0, 255))
    images[0].save(tmp_path / "original", "PNG", save_all=True, append_images=images[1:], duration=100)
    videos.render(tmp_path / "original", recipe(), tmp_path / "made")
    assert min(shades(tmp_path / "made")) > 250


def test_the_smallest_and_the_quickest_animation_is_a_video_too(tmp_path: Path) -> None:
    shaded(tmp_path / "original", "WEBP", 11, size=(1, 1))
    videos.render(tmp_path / "original", recipe(), tmp_path / "made")
    facts = videos.probe(tmp_path / "made", MP4)
    assert (facts.width, facts.height, facts.frame_rate) == (2, 2, 60)


def test_an_animation_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    shaded(tmp_path / "original", "GIF", 100)
    with pytest.raises(Refused) as caught:
        videos.render(tmp_path / "original", recipe(max_bytes=1_500), tmp_path / "made")
    assert caught.value.code == "cannot_fit"

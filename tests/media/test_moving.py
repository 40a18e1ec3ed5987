"""Renditions of animations: every frame, as long and as often."""

from pathlib import Path

import pytest

from punctual.media.recipes import THUMBNAIL, Recipe
from punctual.media.refusals import Refused
from tests.media.conftest import Bench, Probed, Rendered, order
from tests.media.corpus import moving
from tests.media.corpus.drawn import noisy
from tests.media.corpus.moving import TIMES

ANIMATIONS = [sample.name for sample in moving.SAMPLES]
SMALL = [name for name in ANIMATIONS if "2000" not in name]


@pytest.mark.parametrize("target", ["image/gif", "image/webp"])
@pytest.mark.parametrize("name", ANIMATIONS)
def test_an_animation_keeps_its_frames_and_its_time(name: str, target: str, rendered: Rendered, probed: Probed) -> None:
    _, facts = rendered(name, Recipe(kind="animation", type=target, max_width=32))
    before = probed(name)
    assert (facts.kind, facts.type, facts.frames) == ("animation", target, before.frames)
    assert facts.duration_ms == before.duration_ms
    assert (facts.width, facts.height) == (min(32, before.width), 24 if before.width == 64 else before.height)


@pytest.mark.parametrize("target", ["image/gif", "image/webp"])
@pytest.mark.parametrize("name", ["gif", "apng", "webp-animated"])
def test_every_frame_keeps_its_own_time_and_its_picture(name: str, target: str, rendered: Rendered) -> None:
    image, _ = rendered(name, Recipe(kind="animation", type=target))
    for number, time in enumerate(TIMES):
        image.seek(number)
        shown = image.convert("RGB")
        assert image.info["duration"] == time
        assert shown.getpixel((number + 4, 8)) == pytest.approx((number * 40, 128, 0), abs=40)


@pytest.mark.parametrize(
    ("name", "target", "loop"),
    [
        ("gif", "image/gif", 0),
        ("gif", "image/webp", 0),
        ("gif-shown-once", "image/gif", None),
        ("gif-shown-once", "image/webp", 1),
        ("gif-shown-thrice", "image/gif", 2),
        ("gif-shown-thrice", "image/webp", 3),
        ("apng", "image/gif", 0),
        ("webp-animated", "image/gif", 0),
    ],
)
def test_an_animation_is_shown_as_often(name: str, target: str, loop: int | None, rendered: Rendered) -> None:
    image, _ = rendered(name, Recipe(kind="animation", type=target))
    assert image.info.get("loop") == loop


@pytest.mark.parametrize("target", ["image/gif", "image/webp"])
def test_what_wanders_over_nothing_leaves_no_trail(target: str, rendered: Rendered) -> None:
    image, _ = rendered("gif-see-through", Recipe(kind="animation", type=target))
    for number in range(4):
        image.seek(number)
        row = [image.convert("RGBA").getpixel((x, 20))[3] > 128 for x in range(64)]
        assert [x for x in range(64) if row[x]] == list(range(number * 10, number * 10 + 20)), number


@pytest.mark.parametrize("name", SMALL)
def test_a_picture_of_an_animation_is_its_first_frame(name: str, rendered: Rendered) -> None:
    image, facts = rendered(name, THUMBNAIL)
    assert (facts.kind, facts.frames, image.format) == ("image", None, "JPEG")


@pytest.mark.parametrize("target", ["image/gif", "image/webp"])
def test_an_animations_bytes_are_kept_below_what_is_allowed(target: str, bench: Bench, tmp_path: Path) -> None:
    path, made = tmp_path / "noise", tmp_path / "made"
    first, *others = [noisy(200, 160) for _ in range(5)]
    first.save(path, "WEBP", save_all=True, append_images=others, duration=80)
    facts = bench(
        order("render", path, target=str(made), recipe=Recipe(kind="animation", type=target, max_bytes=40_000))
    )
    assert facts
    assert (facts.bytes <= 40_000, facts.frames, facts.duration_ms) == (True, 6 - 1, 400)
    with pytest.raises(Refused) as refused:
        bench(order("render", path, target=str(made), recipe=Recipe(kind="animation", type=target, max_bytes=200)))
    assert refused.value.code == "cannot_fit"


def test_times_that_a_gif_cannot_count_add_up(bench: Bench, tmp_path: Path) -> None:
    path, made = tmp_path / "thirds", tmp_path / "made"
    first, *others = [noisy(16, 16) for _ in range(30)]
    first.save(path, "WEBP", save_all=True, append_images=others, duration=33)
    facts = bench(order("render", path, target=str(made), recipe=Recipe(kind="animation", type="image/gif")))
    assert facts
    assert facts.duration_ms == pytest.approx(990, abs=10)

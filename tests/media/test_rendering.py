"""Renditions of pictures: upright, sRGB, silent, and within their limits."""

from pathlib import Path

import pytest
from PIL import Image

from punctual.media.recipes import THUMBNAIL, Recipe
from punctual.media.refusals import Refused
from tests.media.conftest import Bench, Corpus, Probed, Rendered, order
from tests.media.corpus import ALL
from tests.media.corpus.drawn import BLUE, GREEN, RED, WHITE, noisy

STILLS = sorted(sample.name for sample in ALL.values() if sample.facts.get("kind") == "image" and not sample.is_large)
TURNED = [name for name in STILLS if "-turned" in name]
TARGETS = ("image/jpeg", "image/png", "image/webp", "image/gif")
CORNERS = ((8, 8), (56, 8), (8, 40), (56, 40))


@pytest.mark.parametrize("name", STILLS)
def test_every_picture_becomes_a_thumbnail(name: str, rendered: Rendered, probed: Probed) -> None:
    image, facts = rendered(name, THUMBNAIL)
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert (facts.kind, facts.orientation, facts.has_location) == ("image", 1, False)
    assert facts.bytes <= 200_000
    assert max(facts.width, facts.height) <= 640
    if max(probed(name).width, probed(name).height) <= 640:
        assert (facts.width, facts.height) == (probed(name).width, probed(name).height)
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", TURNED)
def test_a_turned_picture_stands_upright(name: str, target: str, rendered: Rendered) -> None:
    image, _ = rendered(name, Recipe(kind="image", type=target))
    assert image.size == (64, 48)
    assert_corners(image, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize(
    "name", ["jpeg-cmyk", "png-palette", "png-16-bit", "heic", "avif", "webp", "bmp", "tiff-lab", "tiff-cmyk"]
)
def test_colours_stay_what_they_are(name: str, rendered: Rendered) -> None:
    image, _ = rendered(name, Recipe(kind="image", type="image/png"))
    assert_corners(image, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("name", ["jpeg-p3", "png-p3"])
def test_wide_colours_become_srgb(name: str, rendered: Rendered) -> None:
    """P3's green is greener than sRGB's: what is less than all of it there is more here."""
    image, _ = rendered(name, Recipe(kind="image", type="image/png"))
    red, green, blue, white = (image.convert("RGB").getpixel(corner) for corner in CORNERS)
    assert red[0] > RED[0] + 10
    assert red[1] < RED[1]
    assert green[0] < GREEN[0]
    assert green[1] > GREEN[1] + 2
    assert blue[2] > BLUE[2] + 2
    assert all(abs(each - 250) <= 3 for each in white)


def test_sixteen_bits_of_grey_become_eight(rendered: Rendered) -> None:
    image, _ = rendered("png-grey-16-bit", Recipe(kind="image", type="image/png"))
    shown = image.convert("L")
    assert [shown.getpixel((x, 20)) for x in (0, 32, 63)] == pytest.approx([0, 32_000 / 257, 63_000 / 257], abs=2)


@pytest.mark.parametrize("name", ["png-alpha", "webp-lossless", "png-palette-alpha", "heic-alpha", "avif-alpha"])
def test_what_is_seen_through_is_white_in_a_jpeg_and_stays_so_in_a_png(name: str, rendered: Rendered) -> None:
    flat, _ = rendered(name, Recipe(kind="image", type="image/jpeg"))
    assert_corners(flat, (255, 255, 255), GREEN, BLUE, WHITE)
    clear, facts = rendered(name, Recipe(kind="image", type="image/png"))
    assert facts.has_alpha
    assert clear.convert("RGBA").getpixel((8, 8))[3] < 10


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({}, (20_000, 2)),
        ({"max_width": 1000}, (1000, 1)),
        ({"max_width": 30_000}, (20_000, 2)),
        ({"max_height": 1}, (10_000, 1)),
        ({"max_pixels": 10_000}, (10_000, 1)),
    ],
)
def test_a_picture_keeps_its_shape_within_its_limits_and_is_never_enlarged(
    limits: dict[str, int], size: tuple[int, int], rendered: Rendered
) -> None:
    _, facts = rendered("png-wide", Recipe(kind="image", type="image/png", **limits))
    assert (facts.width, facts.height) == size


@pytest.mark.parametrize("target", TARGETS)
def test_bytes_are_kept_below_what_is_allowed(target: str, noise: Path, bench: Bench, tmp_path: Path) -> None:
    made = tmp_path / "made"
    recipe = Recipe(kind="image", type=target, max_bytes=60_000)
    facts = bench(order("render", noise, target=str(made), recipe=recipe))
    assert facts
    assert 20_000 < facts.bytes <= 60_000
    assert facts.width / facts.height == pytest.approx(4 / 3, abs=0.05)


@pytest.mark.parametrize("target", TARGETS)
def test_what_cannot_be_brought_below_is_refused(target: str, noise: Path, bench: Bench, tmp_path: Path) -> None:
    recipe = Recipe(kind="image", type=target, max_bytes=100)
    with pytest.raises(Refused) as refused:
        bench(order("render", noise, target=str(tmp_path / "made"), recipe=recipe))
    assert (refused.value.code, "100 bytes" in refused.value.message) == ("cannot_fit", True)


def test_a_type_that_is_not_made_here_is_refused(corpus: Corpus, bench: Bench, tmp_path: Path) -> None:
    recipe = Recipe(kind="image", type="image/heic")
    with pytest.raises(Refused) as refused:
        bench(order("render", corpus("png"), target=str(tmp_path / "made"), recipe=recipe))
    assert refused.value.code == "cannot_fit"


@pytest.fixture(scope="session")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("noise") / "noise.bmp"
    noisy(640, 480).save(path)
    return path


def assert_corners(image: Image.Image, *wanted: tuple[int, int, int]) -> None:
    shown = image.convert("RGB")
    for corner, colour in zip(CORNERS, wanted, strict=True):
        assert shown.getpixel(corner) == pytest.approx(colour, abs=12), corner

"""Cleaned files: the same picture, which says no more where it was taken."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from punctual.media.facts import Facts
from punctual.media.refusals import Refused
from punctual.workshop import cleaning
from tests.media.conftest import Bench, Corpus, Probed, opened, order
from tests.media.corpus import ALL, located
from tests.media.corpus.drawn import encoded, picture
from tests.media.corpus.located import PLACE

LOCATED = sorted(sample.name for sample in located.SAMPLES if sample.facts["has_location"])
OTHERS = sorted(
    sample.name
    for sample in ALL.values()
    if str(sample.facts.get("type")).startswith("image/")
    and not sample.facts.get("has_location")
    and not sample.is_large
)
Cleaned = Callable[[str], tuple[Path, Facts]]
SAID = ("bytes", "sha256", "has_location")


@pytest.fixture
def cleaned(corpus: Corpus, probed: Probed, bench: Bench, tmp_path: Path) -> Cleaned:
    def clean(name: str) -> tuple[Path, Facts]:
        target = tmp_path / "cleaned"
        assert bench(order("clean", corpus(name), target=str(target), facts=probed(name))) is None
        facts = bench(order("probe", target))
        assert facts
        return target, facts

    return clean


@pytest.mark.parametrize("name", LOCATED)
def test_a_location_is_gone_and_no_pixel_has_changed(
    name: str, cleaned: Cleaned, corpus: Corpus, probed: Probed
) -> None:
    path, facts = cleaned(name)
    assert not facts.has_location
    assert shape(facts) == shape(probed(name))
    assert pixels(path) == pixels(corpus(name))
    content = path.read_bytes()
    assert not [each for each in (PLACE, b"2026:05:05", b"Paris", b"Camera", b"ftypmp42isom") if each in content]


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_that_says_nothing_stays_what_it_is(name: str, cleaned: Cleaned, corpus: Corpus, probed: Probed) -> None:
    path, facts = cleaned(name)
    assert shape(facts) == shape(probed(name))
    if name not in ("png-100-megapixels", "jpeg-100-megapixels"):
        assert pixels(path) == pixels(corpus(name))


@pytest.mark.parametrize("name", ["jpeg-p3", "png-p3"])
def test_the_colours_profile_stays(name: str, cleaned: Cleaned, corpus: Corpus) -> None:
    assert opened(cleaned(name)[0]).info["icc_profile"] == opened(corpus(name)).info["icc_profile"]


def test_a_webp_announces_no_piece_that_is_gone(cleaned: Cleaned) -> None:
    """VP8X's flags for EXIF and XMP (RFC 9649, section 2.7)."""
    content = cleaned("webp-xmp")[0].read_bytes()
    assert (content[12:16], content[20] & 0x0C) == (b"VP8X", 0)


def test_an_animation_is_shown_as_long_and_as_often(cleaned: Cleaned) -> None:
    path, facts = cleaned("gif-xmp")
    assert (facts.frames, facts.duration_ms, opened(path).info["loop"]) == (4, 400, 0)


def test_a_location_that_stays_refuses_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "located"
    path.write_bytes(encoded(picture(), "HEIF", exif=located.exif(located=True).tobytes()))
    monkeypatch.setattr(cleaning, "_blank", lambda *_: None)
    with pytest.raises(Refused) as refused:
        cleaning.clean(path, "image/heic", tmp_path / "cleaned")
    assert refused.value.code == "unreadable"


def shape(facts: Facts) -> dict[str, object]:
    return {name: value for name, value in vars(facts).items() if name not in SAID}


def pixels(path: Path) -> list[bytes]:
    with Image.open(path) as image:
        if image.format in ("TIFF", "HEIF", "MPO"):
            return [image.tobytes()]
        return [frame.tobytes() for _, frame in zip(range(8), ImageSequence.Iterator(image), strict=False)]

"""What is said of a file, by its facts and a platform's rules alone."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from punctual.media.facts import Facts
from punctual.media.judging import Judgement, judge
from punctual.media.limits import scale
from punctual.media.recipes import Recipe
from punctual.providers.media import SUFFIXES, DocumentRules, ImageRules, MediaRules, VideoRules
from tests.media.rows import GIF, JPEG, MP4, PDF

LIMITS = {"max_bytes": 1_000_000, "max_width": 4096, "max_height": 4096, "max_pixels": 16_000_000}
PICTURES = ImageRules(types=("image/jpeg", "image/png"), **LIMITS)
VIDEOS = VideoRules(types=("video/mp4",), video_codecs=("h264",), audio_codecs=("aac",), max_bytes=50_000_000)
RULES = MediaRules(image=PICTURES, video=VIDEOS)


def rules_broken(found: Judgement) -> list[str]:
    return [each.rule for each in found.broken]


def test_what_keeps_every_rule_goes_as_it_is():
    for facts in (JPEG, MP4):
        assert judge(facts, RULES, transcodes=False) == Judgement(kind=facts.kind)


def test_what_is_just_at_every_limit_goes_as_it_is():
    picture = ImageRules(
        types=(JPEG.type,),
        max_bytes=JPEG.bytes,
        max_width=JPEG.width,
        max_height=JPEG.height,
        max_pixels=JPEG.width * JPEG.height,
        min_width=JPEG.width,
        min_height=JPEG.height,
        min_ratio=4 / 3,
        max_ratio=4 / 3,
    )
    video = VideoRules(
        types=(MP4.type,),
        video_codecs=("h264",),
        audio_codecs=("aac",),
        min_seconds=20,
        max_seconds=20,
        min_frame_rate=30,
        max_frame_rate=30,
        max_bit_rate=MP4.bit_rate,
    )
    rules = MediaRules(image=picture, video=video)
    for facts in (JPEG, MP4):
        assert judge(facts, rules, transcodes=False) == Judgement(kind=facts.kind)


@pytest.mark.parametrize("type_", ["image/heic", "image/avif", "image/webp", "image/bmp", "image/tiff"])
def test_another_type_of_picture_becomes_a_jpeg(type_: str):
    found = judge(replace(JPEG, type=type_), RULES, transcodes=False)
    assert found.recipe == Recipe(kind="image", type="image/jpeg", **LIMITS)
    assert found.reasons == ("image.type",)


def test_transparency_stays_where_the_platform_has_it():
    clear = replace(JPEG, type="image/webp", has_alpha=True)
    found = judge(clear, RULES, transcodes=False).recipe
    assert found
    assert found.type == "image/png"
    only_jpeg = MediaRules(image=ImageRules(types=("image/jpeg",)))
    found = judge(clear, only_jpeg, transcodes=False).recipe
    assert found
    assert found.type == "image/jpeg"


def test_a_document_goes_as_it_is_or_not_at_all():
    rules = MediaRules(document=DocumentRules(max_bytes=PDF.bytes, max_pages=12))
    assert judge(PDF, rules, transcodes=True) == Judgement(kind="document")
    found = judge(replace(PDF, bytes=PDF.bytes + 1, pages=13), rules, transcodes=True)
    assert (found.recipe, rules_broken(found)) == (None, ["document.max_bytes", "document.max_pages"])
    assert (
        found.broken[1].message == "The platform takes documents of at most 12 pages; this one has 13. Make it shorter."
    )
    other = judge(PDF, MediaRules(document=DocumentRules(types=("application/msword",))), transcodes=True)
    assert rules_broken(other) == ["document.type"]
    assert rules_broken(judge(PDF, RULES, transcodes=True)) == ["document.unsupported"]


def test_too_many_bytes_pixels_and_a_turned_picture_are_mended_and_named():
    found = judge(replace(JPEG, bytes=3_000_000, width=8000, orientation=6), RULES, transcodes=False)
    assert found.reasons == ("image.max_bytes", "image.max_width", "image.orientation")
    assert found.recipe
    assert found.recipe.max_bytes == PICTURES.max_bytes


def test_platforms_that_want_the_same_share_a_rendition():
    mine, other = RULES, replace(RULES, max_items=10, max_alt_text=500)
    facts = replace(JPEG, type="image/heic")
    first, second = judge(facts, mine, transcodes=False).recipe, judge(facts, other, transcodes=True).recipe
    assert first
    assert second
    assert first.key == second.key


def test_what_cannot_be_mended_unasked_is_refused_with_both_numbers():
    rules = MediaRules(image=replace(PICTURES, min_width=320, max_ratio=1.91, min_ratio=0.8))
    found = judge(replace(JPEG, width=300, height=100), rules, transcodes=False, name="Chirp")
    assert rules_broken(found) == ["image.min_width", "image.max_ratio"]
    assert (
        found.broken[0].message == "Chirp takes pictures at least 320 pixels wide; this one has 300. Give a larger one."
    )
    assert "1.91" in found.broken[1].message
    assert "has 3." in found.broken[1].message
    assert found.recipe is None


def test_a_picture_that_would_be_too_small_once_it_fits_is_refused():
    rules = MediaRules(image=replace(PICTURES, min_height=100))
    found = judge(replace(JPEG, width=40_000, height=200), rules, transcodes=False)
    assert rules_broken(found) == ["image.min_height"]


def test_what_moves_keeps_moving_or_becomes_a_video_or_is_refused_but_never_stands_still():
    moving = ImageRules(types=("image/gif",), max_bytes=5_000_000)
    assert judge(GIF, replace(RULES, animation=moving), transcodes=False) == Judgement(kind="animation")
    filmed = judge(GIF, RULES, transcodes=False)
    assert filmed.kind == "video"
    assert filmed.recipe
    assert filmed.recipe.video == "encode"
    assert filmed.reasons == ("animation.unsupported",)
    assert rules_broken(judge(GIF, MediaRules(image=PICTURES), transcodes=True)) == ["animation.unsupported"]


def test_an_animation_in_a_type_that_the_platform_lacks_becomes_one_that_it_has():
    moving = ImageRules(types=("image/gif",))
    found = judge(replace(GIF, type="image/webp"), MediaRules(animation=moving), transcodes=False)
    assert found.recipe
    assert (found.recipe.kind, found.recipe.type) == ("animation", "image/gif")


def test_an_animation_that_is_too_long_there_goes_as_a_video():
    found = judge(GIF, replace(RULES, animation=ImageRules(types=("image/gif",), max_frames=10)), transcodes=False)
    assert found.kind == "video"
    assert found.reasons == ("animation.max_frames",)


def test_an_animation_that_no_function_could_film_is_refused_with_its_size():
    huge = replace(GIF, frames=2000, width=1920, height=1080)
    found = judge(huge, RULES, transcodes=False)
    assert rules_broken(found) == ["animation.unsupported"]
    assert "2,000 frames of 1920 by 1080" in found.broken[0].message
    assert judge(huge, RULES, transcodes=True).recipe


def test_an_animation_must_also_be_what_the_platform_takes_of_videos():
    found = judge(replace(GIF, duration_ms=1000), replace(RULES, video=replace(VIDEOS, min_seconds=3)), transcodes=True)
    assert rules_broken(found) == ["animation.min_seconds"]


def test_another_container_costs_no_encoding():
    found = judge(replace(MP4, type="video/quicktime"), RULES, transcodes=False)
    assert found.recipe == Recipe(kind="video", type="video/mp4", video="copy", audio="copy")
    sound = judge(replace(MP4, audio_codec="pcm_s16le"), RULES, transcodes=False)
    assert sound.recipe
    assert (sound.recipe.video, sound.recipe.audio) == ("copy", "encode")
    assert sound.reasons == ("video.audio_codec",)
    silent = judge(replace(MP4, type="video/quicktime", audio_codec=None), RULES, transcodes=False)
    assert silent.recipe
    assert silent.recipe.audio is None


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"video_codec": "hevc"}, "video.codec"),
        ({"bytes": 60_000_000}, "video.max_bytes"),
        ({"width": 3840, "height": 2160}, "video.max_width"),
        ({"frame_rate": 120.0}, "video.max_frame_rate"),
        ({"bit_rate": 30_000_000}, "video.max_bit_rate"),
    ],
)
def test_what_needs_encoding_is_refused_unless_that_is_switched_on(change, rule: str):
    rules = replace(RULES, video=replace(VIDEOS, max_width=1920, max_frame_rate=60, max_bit_rate=25_000_000))
    refused = judge(replace(MP4, **change), rules, transcodes=False)
    assert rules_broken(refused) == [rule]
    assert "TranscodeVideo" in refused.broken[0].message
    found = judge(replace(MP4, **change), rules, transcodes=True)
    assert found.recipe
    assert found.recipe.video == "encode"
    assert found.reasons == (rule,)


def test_a_video_that_no_invocation_could_encode_or_that_would_be_mud_is_refused():
    rules = MediaRules(video=replace(VIDEOS, max_bytes=None))
    long = replace(MP4, video_codec="hevc", duration_ms=7_200_000)
    assert "too long to be encoded" in judge(long, rules, transcodes=True).broken[0].message
    squeezed = MediaRules(video=replace(VIDEOS, max_bytes=100_000))
    assert rules_broken(judge(MP4, squeezed, transcodes=True)) == ["video.max_bytes"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"duration_ms": 1_000}, "video.min_seconds"),
        ({"duration_ms": 90_000}, "video.max_seconds"),
        ({"frame_rate": 10.0}, "video.min_frame_rate"),
        ({"width": 100}, "video.min_width"),
    ],
)
def test_a_video_is_neither_cut_nor_padded(change, rule: str):
    rules = MediaRules(video=replace(VIDEOS, min_seconds=3, max_seconds=60, min_frame_rate=23, min_width=200))
    assert rules_broken(judge(replace(MP4, **change), rules, transcodes=True)) == [rule]


def test_an_encoded_video_keeps_to_every_limit_of_its_platform():
    limits = {"max_bytes": 10**7, "max_width": 1280, "max_height": 720, "max_pixels": 921_600}
    rates = {"max_frame_rate": 30, "max_bit_rate": 5_000_000}
    rules = MediaRules(video=replace(VIDEOS, **limits, **rates))
    found = judge(replace(MP4, video_codec="hevc", audio_codec="opus"), rules, transcodes=True)
    assert found.recipe == Recipe(kind="video", type="video/mp4", video="encode", audio="encode", **limits, **rates)


def test_sound_that_is_made_anew_may_grow_and_so_has_the_platforms_limit():
    found = judge(replace(MP4, audio_codec="opus"), RULES, transcodes=False)
    assert found.recipe == Recipe(
        kind="video", type="video/mp4", video="copy", audio="encode", max_bytes=VIDEOS.max_bytes
    )
    near = judge(replace(MP4, type="video/quicktime", bytes=49_900_000), RULES, transcodes=False)
    assert near.recipe
    assert near.recipe.max_bytes == VIDEOS.max_bytes


def test_a_codec_that_no_mp4_holds_is_encoded_where_the_container_must_change():
    rules = MediaRules(video=replace(VIDEOS, video_codecs=("prores", "h264")))
    found = judge(replace(MP4, type="video/quicktime", video_codec="prores"), rules, transcodes=True)
    assert found.recipe
    assert found.recipe.video == "encode"


def test_sound_that_would_have_to_become_aac_where_that_is_not_taken_is_refused():
    rules = MediaRules(video=replace(VIDEOS, audio_codecs=("mp3",)))
    assert rules_broken(judge(replace(MP4, audio_codec="opus"), rules, transcodes=False)) == ["video.type"]


@pytest.mark.parametrize(("facts", "rule"), [(MP4, "video.min_height"), (GIF, "animation.min_height")])
def test_what_moves_and_would_be_too_small_once_it_fits_is_refused(facts: Facts, rule: str):
    wide = replace(facts, width=4000, height=400)
    rules = MediaRules(video=replace(VIDEOS, max_width=400, min_height=100))
    assert rules_broken(judge(wide, rules, transcodes=True)) == [rule]


def test_a_video_cannot_become_what_nothing_here_writes():
    only_webm = MediaRules(video=VideoRules(types=("video/webm",), video_codecs=("vp9",), audio_codecs=("opus",)))
    assert rules_broken(judge(MP4, only_webm, transcodes=True)) == ["video.type"]


def test_a_kind_that_a_platform_does_not_take_is_refused():
    assert rules_broken(judge(MP4, MediaRules(image=PICTURES), transcodes=True)) == ["video.unsupported"]
    assert rules_broken(judge(JPEG, MediaRules(video=VIDEOS), transcodes=True)) == ["image.unsupported"]


def optional(numbers: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | numbers


_DIMENSIONS = st.integers(1, 20_000)
_LEAST = st.integers(1, 400)
_TYPES = st.lists(st.sampled_from(sorted(SUFFIXES)), min_size=1, max_size=4, unique=True).map(tuple)
_CODECS = st.lists(st.sampled_from(["h264", "hevc", "vp9", "prores"]), min_size=1, unique=True).map(tuple)
_SOUNDS = st.lists(st.sampled_from(["aac", "opus", "pcm_s16le"]), min_size=1, unique=True).map(tuple)
_SIZES = {
    "max_bytes": optional(st.integers(100_000, 10**9)),
    "max_width": optional(_DIMENSIONS),
    "max_height": optional(_DIMENSIONS),
    "max_pixels": optional(st.integers(10_000, 10**8)),
    "min_width": optional(_LEAST),
    "min_height": optional(_LEAST),
}
_PICTURES = st.builds(ImageRules, types=_TYPES, max_frames=optional(st.integers(1, 2000)), **_SIZES)
_VIDEOS = st.builds(
    VideoRules,
    types=_TYPES,
    video_codecs=_CODECS,
    audio_codecs=_SOUNDS,
    max_seconds=optional(st.integers(1, 600)),
    min_seconds=optional(st.integers(1, 10)),
    max_frame_rate=optional(st.integers(24, 60)),
    max_bit_rate=optional(st.integers(10**6, 10**8)),
    **_SIZES,
)
_RULES = st.builds(MediaRules, image=st.none() | _PICTURES, animation=st.none() | _PICTURES, video=st.none() | _VIDEOS)
_BASE = {
    "bytes": st.integers(1, 5 * 10**9),
    "sha256": st.just(""),
    "width": _DIMENSIONS,
    "height": _DIMENSIONS,
    "has_alpha": st.booleans(),
}
_OF_PICTURES = [each for each in SUFFIXES if each.startswith("image/")]
_FACTS = st.one_of(
    st.builds(Facts, kind=st.just("image"), type=st.sampled_from(_OF_PICTURES), orientation=st.integers(1, 8), **_BASE),
    st.builds(
        Facts,
        kind=st.just("animation"),
        type=st.sampled_from(["image/gif", "image/png", "image/webp", "image/avif"]),
        frames=st.integers(2, 2000),
        duration_ms=st.integers(1, 100_000),
        **_BASE,
    ),
    st.builds(
        Facts,
        kind=st.just("video"),
        type=st.sampled_from(["video/mp4", "video/quicktime", "video/webm"]),
        duration_ms=st.integers(1, 10**7),
        frame_rate=optional(st.floats(1, 240)),
        video_codec=st.sampled_from(["h264", "hevc", "vp9", "prores"]),
        audio_codec=optional(st.sampled_from(["aac", "opus", "pcm_s16le"])),
        bit_rate=optional(st.integers(1000, 10**9)),
        **_BASE,
    ),
)


def ideal(facts: Facts, recipe: Recipe) -> Facts:
    """What a workshop that never fails makes of it."""
    left = scale(facts, recipe)  # type: ignore[arg-type]  # it has the same limits
    smallest = [each for each in (facts.bytes, recipe.max_bytes) if each is not None]
    made = replace(
        facts,
        kind=recipe.kind,
        type=recipe.type,
        orientation=1,
        has_alpha=facts.has_alpha and recipe.type != "image/jpeg",
        width=max(1, int(facts.width * left + 1e-9)),
        height=max(1, int(facts.height * left + 1e-9)),
        bytes=min(smallest),
    )
    if recipe.audio == "encode":
        made = replace(made, audio_codec="aac")
    if recipe.video != "encode":
        return made
    seconds = facts.seconds or 1
    rates = (facts.frame_rate or (facts.frames or 1) / seconds, recipe.max_frame_rate)
    bits = (facts.bit_rate, recipe.max_bit_rate)
    return replace(
        made,
        video_codec="h264",
        frames=None,
        frame_rate=min(each for each in rates if each is not None),
        bit_rate=min((each for each in bits if each is not None), default=None),
    )


@given(facts=_FACTS, rules=_RULES, transcodes=st.booleans())
def test_what_a_recipe_makes_is_taken_as_it_is(facts: Facts, rules: MediaRules, transcodes: bool):
    found = judge(facts, rules, transcodes)
    assert not (found.recipe and found.broken)
    assert bool(found.recipe) == bool(found.reasons)
    if found.recipe:
        again = judge(ideal(facts, found.recipe), rules, transcodes=False)
        assert again == Judgement(kind=found.kind)


@given(facts=_FACTS, rules=_RULES, transcodes=st.booleans())
def test_no_limit_of_a_recipe_is_above_the_platforms(facts: Facts, rules: MediaRules, transcodes: bool):
    recipe = judge(facts, rules, transcodes).recipe
    if recipe is None:
        return
    mine = getattr(rules, recipe.kind)
    assert recipe.type in mine.types
    for each in fields(recipe):
        if each.name.startswith("max_") and getattr(recipe, each.name) is not None:
            assert getattr(recipe, each.name) <= getattr(mine, each.name)


@given(facts=_FACTS, rules=_RULES)
def test_a_video_is_encoded_anew_only_where_that_is_switched_on(facts: Facts, rules: MediaRules):
    recipe = judge(facts, rules, transcodes=False).recipe
    assert not (recipe and facts.kind == "video" and recipe.video == "encode")


@given(facts=_FACTS, rules=_RULES, transcodes=st.booleans())
def test_what_moves_never_stands_still(facts: Facts, rules: MediaRules, transcodes: bool):
    found = judge(facts, rules, transcodes)
    assert found.kind != "image" or facts.kind == "image"

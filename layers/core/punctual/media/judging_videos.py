"""Videos against what a platform takes. Streams are copied where they can be; encoding pictures anew costs minutes of
a function's time, and is done only where whoever runs the stack has switched it on (TranscodeVideo)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from punctual.media.facts import Facts
from punctual.media.limits import SHAPE, SIZE, Breach, Broken, breaches, number, scale
from punctual.media.recipes import MAX_TRANSCODED_PIXELS, MAX_TRANSCODED_SECONDS, Recipe
from punctual.providers.media import VideoRules

MP4 = "video/mp4"
MOST_PIXELS_FILMED = 4_000_000_000
"""Of an animation that becomes a video, which needs no switch: a minute of 1080p."""
LEAST_BIT_RATE = 200_000
"""A video that would have to be encoded below it is not worth looking at."""
_IN_MP4 = frozenset({"h264", "hevc", "av1", "vp9", "mpeg4"})
_HEARD_IN_MP4 = frozenset({"aac", "mp3", "ac3", "eac3", "opus", "alac"})
_ENCODED = (*SIZE, "max_frame_rate", "max_bit_rate")
"""What only encoding mends."""
_LEFT = (*SHAPE, "min_seconds", "max_seconds", "min_frame_rate")
"""What nothing mends."""
_REMEDY = "Encode it so, as H.264, or have TranscodeVideo switched on in this stack."
_TOO_LONG = "It is too long to be encoded anew here: encode it so, as H.264."


@dataclass(frozen=True, kw_only=True)
class VideoJudged:
    recipe: Recipe | None = None
    reasons: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()


def judge_video(facts: Facts, rules: VideoRules, transcodes: bool, name: str) -> VideoJudged:
    if left := list(breaches(facts, rules, _LEFT)):
        return VideoJudged(broken=tuple(each.broken(name, "video") for each in left))
    to_encode = list(_to_encode(facts, rules, name))
    if to_encode:
        return _encoded(facts, rules, transcodes, name, to_encode)
    reasons = []
    if facts.type not in rules.types:
        reasons.append("video.type")
    if facts.audio_codec and facts.audio_codec not in rules.audio_codecs:
        reasons.append("video.audio_codec")
    if not reasons:
        return VideoJudged()
    if impossible := _not_writable(facts, rules, name):
        return VideoJudged(broken=(impossible,))
    return VideoJudged(recipe=_copy(facts, rules), reasons=tuple(reasons))


def judge_animation_as_video(facts: Facts, rules: VideoRules, transcodes: bool, name: str) -> VideoJudged:
    """For platforms that do not take it as it moves. Its rules are told as the animation's."""
    seconds = facts.seconds
    filmed = replace(facts, video_codec="h264", frame_rate=(facts.frames or 1) / seconds if seconds else None)
    if left := [*breaches(filmed, rules, _LEFT), *_once_scaled(filmed, rules)]:
        remedy = "It would go there as a video. Give it as one that fits."
        return VideoJudged(broken=tuple(each.broken(name, "animation", remedy) for each in left))
    if impossible := _not_writable(filmed, rules, name):
        return VideoJudged(broken=(Broken(rule="animation.unsupported", message=impossible.message),))
    pixels = (facts.frames or 1) * facts.width * facts.height
    if pixels > (MAX_TRANSCODED_PIXELS if transcodes else MOST_PIXELS_FILMED):
        message = (
            f"{name} takes no such animations, and this one is too large to be made a video here: it has "
            f"{number(facts.frames or 1)} frames of {facts.width} by {facts.height}. Give it as an MP4."
        )
        return VideoJudged(broken=(Broken(rule="animation.unsupported", message=message),))
    return VideoJudged(recipe=_encode(filmed, rules))


def _to_encode(facts: Facts, rules: VideoRules, name: str) -> Iterator[tuple[str, str]]:
    """Rules and what is said of them."""
    codec = facts.video_codec
    must_move = facts.type not in rules.types
    if codec not in rules.video_codecs or (must_move and codec not in _IN_MP4):
        yield "codec", f"{name} takes {_codecs(rules.video_codecs)} in videos; this one is {_codecs((codec or '?',))}."
    for each in breaches(facts, rules, _ENCODED):
        yield each.name, each.broken(name, "video", " ").message.rstrip()


def _encoded(facts: Facts, rules: VideoRules, transcodes: bool, name: str, why: list[tuple[str, str]]) -> VideoJudged:
    remedy = None if transcodes else _REMEDY
    pixels = facts.seconds * (facts.frame_rate or 30) * facts.width * facts.height
    if transcodes and (facts.seconds > MAX_TRANSCODED_SECONDS or pixels > MAX_TRANSCODED_PIXELS):
        remedy = _TOO_LONG
    if transcodes and _bit_rate_left(facts, rules) < LEAST_BIT_RATE:
        remedy = "Encoded anew it would not be worth looking at. Make it shorter."
    if remedy:
        broken = tuple(Broken(rule=f"video.{rule}", message=f"{said} {remedy}") for rule, said in why)
        return VideoJudged(broken=broken)
    if impossible := _not_writable(replace(facts, video_codec="h264"), rules, name):
        return VideoJudged(broken=(impossible,))
    if small := _once_scaled(facts, rules):
        return VideoJudged(broken=tuple(each.broken(name, "video") for each in small))
    return VideoJudged(recipe=_encode(facts, rules), reasons=tuple(f"video.{rule}" for rule, _ in why))


def _bit_rate_left(facts: Facts, rules: VideoRules) -> float:
    limits = [rules.max_bit_rate, rules.max_bytes * 8 / facts.seconds if rules.max_bytes and facts.seconds else None]
    return min((each for each in limits if each is not None), default=float("inf"))


def _not_writable(facts: Facts, rules: VideoRules, name: str) -> Broken | None:
    """A copy is an MP4, and its sound, where that cannot stay, AAC."""
    can_be_heard = _audio(facts, rules) != "encode" or "aac" in rules.audio_codecs
    if MP4 in rules.types and facts.video_codec in rules.video_codecs and can_be_heard:
        return None
    message = f"{name} takes videos as {', '.join(rules.types)}; this one is {facts.type}. Convert it."
    return Broken(rule="video.type", message=message)


def _copy(facts: Facts, rules: VideoRules) -> Recipe:
    """With a limit only where it may come near: so that all who want the same streams share one."""
    audio = _audio(facts, rules)
    is_small = audio != "encode" and (rules.max_bytes is None or facts.bytes < rules.max_bytes * 0.99)
    max_bytes = None if is_small else rules.max_bytes
    return Recipe(kind="video", type=MP4, video="copy", audio=audio, max_bytes=max_bytes)


def _encode(facts: Facts, rules: VideoRules) -> Recipe:
    return Recipe(
        kind="video",
        type=MP4,
        video="encode",
        audio=_audio(facts, rules),
        max_bytes=rules.max_bytes,
        max_width=rules.max_width,
        max_height=rules.max_height,
        max_pixels=rules.max_pixels,
        max_frame_rate=rules.max_frame_rate,
        max_bit_rate=rules.max_bit_rate,
    )


def _audio(facts: Facts, rules: VideoRules) -> Literal["copy", "encode"] | None:
    if facts.audio_codec is None:
        return None
    return "copy" if facts.audio_codec in rules.audio_codecs and facts.audio_codec in _HEARD_IN_MP4 else "encode"


def _once_scaled(facts: Facts, rules: VideoRules) -> list[Breach]:
    left = scale(facts, rules)
    smaller = replace(facts, width=max(1, int(facts.width * left)), height=max(1, int(facts.height * left)))
    return list(breaches(smaller, rules, ("min_width", "min_height"))) if left < 1 else []


def _codecs(names: tuple[str, ...]) -> str:
    said = {"h264": "H.264", "hevc": "HEVC", "av1": "AV1", "vp9": "VP9", "vp8": "VP8"}
    return ", ".join(said.get(name, name) for name in names)

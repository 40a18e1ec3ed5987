"""A file against what a platform takes: as it is, by a recipe that needs no question, or not at all.

Nothing is cropped, cut, enlarged or padded, and what moves is never made to stand still: that is for people to decide.
"""

from dataclasses import dataclass, replace

from punctual.media.facts import Facts
from punctual.media.judging_videos import VideoJudged, judge_animation_as_video, judge_video
from punctual.media.limits import KINDS, SHAPE, SIZE, Breach, Broken, breaches, scale
from punctual.media.recipes import Recipe
from punctual.providers.media import DocumentRules, ImageRules, MediaKind, MediaRules

_OPAQUE = ("image/jpeg", "image/png", "image/webp")
_TRANSPARENT = ("image/png", "image/webp")
_MOVING = ("image/gif", "image/webp")
"""What the workshop writes, what is best for it first."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`kind` is what the platform would get. Without a recipe and without broken rules the file goes as it is."""

    kind: MediaKind
    recipe: Recipe | None = None
    reasons: tuple[str, ...] = ()
    """The rules that the file itself breaks, and its copy will not."""
    broken: tuple[Broken, ...] = ()


def judge(facts: Facts, rules: MediaRules, transcodes: bool, name: str = "The platform") -> Judgement:
    """`name` is the platform's, for sentences; `transcodes`: whether videos may be encoded anew here."""
    if facts.kind == "image":
        return _image(facts, rules.image, name) if rules.image else _unsupported(facts, name)
    if facts.kind == "video":
        found = judge_video(facts, rules.video, transcodes, name) if rules.video else None
        return _as_judged("video", found) if found else _unsupported(facts, name)
    if facts.kind == "document":
        return _document(facts, rules.document, name) if rules.document else _unsupported(facts, name)
    moving = _image(facts, rules.animation, name) if rules.animation else _unsupported(facts, name)
    if moving.broken and rules.video:
        filmed = _as_judged("video", judge_animation_as_video(facts, rules.video, transcodes, name))
        reasons = tuple(each.rule for each in moving.broken)
        return replace(filmed, reasons=() if filmed.broken else (*reasons, *filmed.reasons))
    return moving


def _image(facts: Facts, rules: ImageRules, name: str) -> Judgement:
    """Of one that moves, too."""
    kind = facts.kind
    shape = list(breaches(facts, rules, (*SHAPE, "max_frames")))
    if shape:
        return Judgement(kind=kind, broken=tuple(each.broken(name, kind) for each in shape))
    reasons = [f"{kind}.{each.name}" for each in breaches(facts, rules, SIZE)]
    if facts.type not in rules.types:
        reasons.insert(0, f"{kind}.type")
    if facts.orientation != 1:
        reasons.append(f"{kind}.orientation")
    if not reasons:
        return Judgement(kind=kind)
    target = _target(facts, rules)
    if target is None:
        return Judgement(kind=kind, broken=(_no_such_type(facts, rules, name),))
    if small := _too_small_once_scaled(facts, rules):
        remedy = "To keep to its largest size it would be made smaller than that. Crop it."
        return Judgement(kind=kind, broken=tuple(each.broken(name, kind, remedy) for each in small))
    recipe = Recipe(
        kind=kind,
        type=target,
        max_bytes=rules.max_bytes,
        max_width=rules.max_width,
        max_height=rules.max_height,
        max_pixels=rules.max_pixels,
    )
    return Judgement(kind=kind, recipe=recipe, reasons=tuple(reasons))


def _document(facts: Facts, rules: DocumentRules, name: str) -> Judgement:
    """Nothing of it is ever made anew: fewer pages, or pictures in them that are smaller, are for people to choose."""
    broken = [each.broken(name, "document") for each in breaches(facts, rules, ("max_bytes", "max_pages"))]
    if facts.type not in rules.types:
        broken.insert(0, _no_such_type(facts, rules, name))
    return Judgement(kind="document", broken=tuple(broken))


def _target(facts: Facts, rules: ImageRules) -> str | None:
    """What it becomes: what moves keeps its type where it can, and what has no transparency becomes a JPEG."""
    writable: tuple[str, ...] = _OPAQUE
    if facts.kind == "animation":
        writable = _MOVING if facts.type not in _MOVING else (facts.type, *_MOVING)
    elif facts.has_alpha:
        writable = (*_TRANSPARENT, *_OPAQUE)
    return next((each for each in writable if each in rules.types), None)


def _too_small_once_scaled(facts: Facts, rules: ImageRules) -> list[Breach]:
    left = scale(facts, rules)
    smaller = replace(facts, width=max(1, int(facts.width * left)), height=max(1, int(facts.height * left)))
    return list(breaches(smaller, rules, ("min_width", "min_height")))


def _no_such_type(facts: Facts, rules: ImageRules | DocumentRules, name: str) -> Broken:
    message = (
        f"{name} takes {KINDS[facts.kind]} as {', '.join(rules.types)}; this one is {facts.type}, and cannot be "
        "made one of them here. Convert it."
    )
    return Broken(rule=f"{facts.kind}.type", message=message)


def _unsupported(facts: Facts, name: str) -> Judgement:
    """A picture that moves is no picture here: nobody asked for one frame of it."""
    message = f"{name} takes no {KINDS[facts.kind]}. Give this target other media, or none: `media: []`."
    return Judgement(kind=facts.kind, broken=(Broken(rule=f"{facts.kind}.unsupported", message=message),))


def _as_judged(kind: MediaKind, found: VideoJudged) -> Judgement:
    return Judgement(kind=kind, recipe=found.recipe, reasons=found.reasons, broken=found.broken)

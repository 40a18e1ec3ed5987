"""A file's facts against a platform's limits, in sentences that have both numbers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from punctual.media.facts import Facts
from punctual.providers.media import DocumentRules, ImageRules, MediaKind, VideoRules

KINDS: Mapping[MediaKind, str] = {
    "image": "pictures",
    "animation": "animations",
    "video": "videos",
    "document": "documents",
}


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One rule of a platform that a file breaks; `rule` is without the provider's id: `image.max_ratio`."""

    rule: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Limit:
    """`takes` and `has` are said of the limit and of the file's own value."""

    of: Callable[[Facts], float | None]
    takes: str
    has: str
    remedy: str

    def sentence(self, name: str, kind: MediaKind, limit: float, value: float) -> str:
        """What the platform takes, and what this is."""
        takes, has = self.takes.format(number(limit)), self.has.format(number(value))
        return f"{name} takes {KINDS[kind]} {takes}; this one {has}."


def _pixels(facts: Facts) -> int:
    return facts.width * facts.height


_SMALLER = "Give a smaller one."
_CROP = "Crop it, or add a margin."
LIMITS: Mapping[str, Limit] = {
    "max_bytes": Limit(of=lambda f: f.bytes, takes="of at most {} bytes", has="has {}", remedy=_SMALLER),
    "max_width": Limit(of=lambda f: f.width, takes="at most {} pixels wide", has="has {}", remedy=_SMALLER),
    "max_height": Limit(of=lambda f: f.height, takes="at most {} pixels high", has="has {}", remedy=_SMALLER),
    "max_pixels": Limit(of=_pixels, takes="of at most {} pixels", has="has {}", remedy=_SMALLER),
    "max_frames": Limit(of=lambda f: f.frames, takes="of at most {} frames", has="has {}", remedy="Make it shorter."),
    "max_pages": Limit(of=lambda f: f.pages, takes="of at most {} pages", has="has {}", remedy="Make it shorter."),
    "max_seconds": Limit(of=lambda f: f.seconds, takes="of at most {} s", has="lasts {} s", remedy="Cut it."),
    "max_frame_rate": Limit(
        of=lambda f: f.frame_rate,
        takes="of at most {} frames a second",
        has="has {}",
        remedy="Encode it at a lower rate.",
    ),
    "max_bit_rate": Limit(
        of=lambda f: f.bit_rate, takes="of at most {} bits a second", has="has {}", remedy="Encode it at a lower rate."
    ),
    "max_ratio": Limit(
        of=lambda f: f.ratio, takes="whose width is at most {} of the height", has="has {}", remedy=_CROP
    ),
    "min_ratio": Limit(
        of=lambda f: f.ratio, takes="whose width is at least {} of the height", has="has {}", remedy=_CROP
    ),
    "min_width": Limit(
        of=lambda f: f.width, takes="at least {} pixels wide", has="has {}", remedy="Give a larger one."
    ),
    "min_height": Limit(
        of=lambda f: f.height, takes="at least {} pixels high", has="has {}", remedy="Give a larger one."
    ),
    "min_seconds": Limit(of=lambda f: f.seconds, takes="of at least {} s", has="lasts {} s", remedy="Make it longer."),
    "min_frame_rate": Limit(
        of=lambda f: f.frame_rate,
        takes="of at least {} frames a second",
        has="has {}",
        remedy="Encode it at a higher rate.",
    ),
}
"""By their names in ImageRules, VideoRules and DocumentRules."""
SIZE = ("max_bytes", "max_width", "max_height", "max_pixels")
"""What a smaller copy keeps to."""
SHAPE = ("min_width", "min_height", "min_ratio", "max_ratio")
"""What no copy mends: nothing is enlarged, cropped or padded unasked."""


@dataclass(frozen=True, kw_only=True)
class Breach:
    """A limit that a file does not keep to."""

    name: str
    limit: float
    value: float

    def broken(self, platform: str, kind: MediaKind, remedy: str | None = None) -> Broken:
        said = LIMITS[self.name]
        sentence = said.sentence(platform, kind, self.limit, self.value)
        return Broken(rule=f"{kind}.{self.name}", message=f"{sentence} {remedy or said.remedy}")


def breaches(facts: Facts, rules: ImageRules | VideoRules | DocumentRules, names: tuple[str, ...]) -> Iterator[Breach]:
    """Of those limits. What is not known of a file breaks none."""
    for name in names:
        limit, value = getattr(rules, name, None), LIMITS[name].of(facts)
        if limit is None or value is None:
            continue
        if value > limit if name.startswith("max_") else value < limit:
            yield Breach(name=name, limit=limit, value=value)


def scale(facts: Facts, rules: ImageRules | VideoRules) -> float:
    """How much of its width and height is left where it must be made smaller for its dimensions; 1: all."""
    ways = [1.0]
    if rules.max_width:
        ways.append(rules.max_width / facts.width)
    if rules.max_height:
        ways.append(rules.max_height / facts.height)
    if rules.max_pixels:
        ways.append((rules.max_pixels / (facts.width * facts.height)) ** 0.5)
    return min(ways)


def number(value: float) -> str:
    """For sentences: 1,500,000; 1.91."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")

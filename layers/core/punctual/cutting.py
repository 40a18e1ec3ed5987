"""A long text cut into parts that fit, where a reader would cut it: paragraphs, sentences, words, characters."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import regex

from punctual.problems import Fault, Invalid
from punctual.providers.text import urls
from punctual.sentences import sentence_ends

Fits: TypeAlias = Callable[[str], bool]

_PARAGRAPH = regex.compile(r"\n[^\S\n]*\n\s*")
# What Python's str.strip takes off, but no space that carries a mark.
_SPACES = regex.compile(r"(?:(?=[\s\x1c-\x1f])\X(?<=[\s\x1c-\x1f]))*")
_SPACE = regex.compile(r"\s+")
# Words as UAX #29 bounds them, but with the marks that belong to them; Thai and its like have none, only graphemes.
_WORD = regex.compile(r"(?w)\b(?![\p{Pe}\p{Pf}\p{Po}\p{Pd}\p{Pc}])(?<![\p{Ps}\p{Pi}@#＃])")
_GRAPHEME = regex.compile(r"\X")
_NAME = regex.compile(r"[@#＃][\w.@-]+")
_SHARES = (0.5, 0.3, 0.3, 0.0)
"""How much of what would fit a part must hold, for each kind of cut: a title alone is no part."""


@dataclass(frozen=True, kw_only=True)
class Cutter:
    """`fits` takes a part as it would be sent; a thread has at most `max_parts`."""

    fits: Fits
    max_parts: int
    is_numbered: bool = False
    """At the end of each part, as `1/3`."""
    language: str = "en"

    def cut(self, text: str) -> list[str]:
        """Joined again they are the text, but for the spaces at the cuts. Raises Invalid."""
        whole = text.strip()
        if not whole:
            raise _refused("text.blank", "There is nothing to split: the text is blank.")
        if self.fits(whole):
            return [whole]
        if self.max_parts < 2:
            raise _refused(
                "split.no_threads", "It does not fit, and one of these platforms has no threads. Shorten it."
            )
        cuts = _cuts(whole, self.language)
        if not self.is_numbered:
            return self._parts(whole, cuts, 0)
        for digits in range(1, len(str(self.max_parts)) + 1):
            parts = self._parts(whole, cuts, digits)
            if len(parts) < 10**digits:
                break
        return [f"{part} {place}/{len(parts)}" for place, part in enumerate(parts, 1)]

    def _parts(self, text: str, cuts: Sequence[Sequence[int]], digits: int) -> list[str]:
        """With room for a number whose total has so many digits; 0: none."""
        parts: list[str] = []
        at = 0
        while at < len(text):
            if len(parts) == self.max_parts:
                raise _refused("split.max_parts", f"It makes more than {self.max_parts} parts. Shorten it.")
            number = f" {'9' * len(str(len(parts) + 1))}/{'9' * digits}" if digits else ""
            end = self._end(text, at, cuts, number)
            parts.append(text[at:end].rstrip())
            at = _SPACES.match(text, end).end()
        return parts

    def _end(self, text: str, at: int, cuts: Sequence[Sequence[int]], number: str) -> int:
        def fits(end: int) -> bool:
            return self.fits(text[at:end].rstrip() + number)

        *kinds, anywhere_good, anywhere = cuts
        reach = _furthest(anywhere_good, at, fits)
        if reach == at:
            reach = _furthest(anywhere, at, fits)
        if reach == at:
            raise _refused("split.impossible", "It has a character that does not fit a part by itself. Shorten it.")
        for kind, share in zip(kinds, _SHARES, strict=True):
            end = next(filter(fits, _backwards(kind, at, reach)), at)
            if end > at and end - at >= share * (reach - at):
                return end
        return reach


def _furthest(cuts: Sequence[int], at: int, fits: Callable[[int], bool]) -> int:
    """The last of these cuts that fits, found by ever longer steps; `at` where none does."""
    first = bisect_right(cuts, at)
    if first == len(cuts) or not fits(cuts[first]):
        return at
    low, step = first, 1
    while low + step < len(cuts) and fits(cuts[low + step]):
        low, step = low + step, 2 * step
    high = min(low + step, len(cuts))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(cuts[middle]) else (low, middle)
    return cuts[low]


def _backwards(cuts: Sequence[int], at: int, reach: int) -> Iterator[int]:
    return (cuts[place] for place in range(bisect_right(cuts, reach) - 1, bisect_right(cuts, at) - 1, -1))


def _cuts(text: str, language: str) -> list[list[int]]:
    """Where a part may end, the better places first; but for the last, never inside a link, a mention or a hashtag."""
    links = [match.span() for match in urls(text)]
    whole = [*links, *_names(text, [start for start, _ in links])]
    inside = {place for start, end in whole for place in range(start + 1, end)}
    graphemes = [match.end() for match in _GRAPHEME.finditer(text)]
    between = set(graphemes)
    kinds = (
        [match.end() for match in _PARAGRAPH.finditer(text)],
        sentence_ends(text, language),
        [match.end() for match in _SPACE.finditer(text)],
        [match.start() for match in _WORD.finditer(text)],
        graphemes,
    )
    good = [
        sorted({place for place in kind if place in between and place not in inside} | {len(text)}) for kind in kinds
    ]
    return [*good, graphemes]


def _names(text: str, links: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Mentions and hashtags; where a link begins within one, it ends."""
    for match in _NAME.finditer(text):
        start, end = match.span()
        place = bisect_right(links, start)
        yield start, min([end, *links[place : place + 1]])


def _refused(rule: str, message: str) -> Invalid:
    return Invalid([Fault(param="/text", rule=rule, message=message)])

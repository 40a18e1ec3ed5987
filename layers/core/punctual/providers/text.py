"""Text as platforms count it, and as they show it."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Literal, NamedTuple, Protocol, TypeVar

import regex

from punctual.providers.posting import Entity, Shown

_GRAPHEME = regex.compile(r"\X")
_CLOSING = ".,;:!?)]}”’»›。、，！？）」』】"
_URL = regex.compile(r"https?://[^\s\p{Cc}<>\"']+", regex.IGNORECASE)


def graphemes(text: str) -> int:
    """What a person sees as characters (Unicode's extended grapheme clusters)."""
    return len(_GRAPHEME.findall(text))


def urls(text: str) -> list[regex.Match[str]]:
    """Links in running text, without the punctuation that ends the sentence around them."""
    found = []
    for match in _URL.finditer(text):
        end = match.end()
        while text[end - 1] in _CLOSING and not (text[end - 1] == ")" and "(" in match.group()):
            end -= 1
        found.append(_URL.match(text, match.start(), end))
    return [match for match in found if match]


class Found(NamedTuple):
    """`text[start:end]`, which the platform shows as `shown`."""

    start: int
    end: int
    kind: Literal["link", "mention", "hashtag"]
    shown: str
    url: str | None


class Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


Place = TypeVar("Place", bound=Placed)


def apart(found: Iterable[Place]) -> list[Place]:
    """In the text's order; of two that overlap, the one that comes first here."""
    taken: list[Place] = []
    for each in found:
        place = bisect_left(taken, each.start, key=lambda other: other.start)
        is_behind = place == 0 or taken[place - 1].end <= each.start
        if is_behind and (place == len(taken) or each.end <= taken[place].start):
            taken.insert(place, each)
    return taken


def shown(text: str, found: Iterable[Found]) -> Shown:
    """`found` in the text's order, and apart."""
    said, entities, at = "", [], 0
    for each in found:
        said += text[at : each.start]
        end = len(said) + len(each.shown)
        entities.append(Entity(kind=each.kind, start=len(said), end=end, url=each.url))
        said, at = said + each.shown, each.end
    return Shown(text=said + text[at:], entities=tuple(entities))


def links(text: str) -> Shown:
    """As it is, its links to be clicked."""
    found = ((match.start(), match.end(), match.group()) for match in urls(text))
    return shown(text, [Found(start, end, "link", url, url) for start, end, url in found])

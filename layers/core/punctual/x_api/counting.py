"""Length as X counts it: https://docs.x.com/fundamentals/counting-characters

The weights are those of https://github.com/twitter/twitter-text/blob/master/config/v3.json, halved. An emoji is what
Unicode writes as one, however new; X's library has a list, in which newer ones come when X has made pictures of them.
"""

import unicodedata

import regex

from punctual.x_api.links import links

URL_LENGTH = 23
_EMOJI_LENGTH = 2
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that count 1; all others count 2."""

_ELEMENT = (
    r"(?:\p{Emoji_Modifier_Base}\uFE0F?\p{Emoji_Modifier}|\p{Emoji_Presentation}\uFE0F?|\p{Emoji}\uFE0F|"
    r"[\p{Extended_Pictographic}--[‼⁉]])"
)
_EMOJI = regex.compile(
    r"\p{Regional_Indicator}{2}"
    r"|[0-9#*]\uFE0F?\u20E3"
    r"|\U0001F3F4[\U000E0020-\U000E007E]+\U000E007F"
    rf"|{_ELEMENT}(?:\u200D{_ELEMENT})*",
    regex.VERSION1,
)


def length(text: str) -> int:
    normal = unicodedata.normalize("NFC", text)
    found, at = 0, 0
    for link in links(normal):
        found += _weight(normal[at : link.start]) + URL_LENGTH
        at = link.end
    return found + _weight(normal[at:])


def place(text: str, limit: int) -> int | None:
    """How many code points of it count `limit`, where it counts more; links are not cut."""
    found = 0
    for end in range(len(text)):
        if (found := found + _weight(text[end])) > limit:
            return end
    return None


def _weight(text: str) -> int:
    emoji = list(_EMOJI.finditer(text))
    rest = _EMOJI.sub("", text) if emoji else text
    return _EMOJI_LENGTH * len(emoji) + sum(_points(each) for each in rest)


def _points(character: str) -> int:
    return 1 if any(first <= ord(character) <= last for first, last in _LIGHT) else 2

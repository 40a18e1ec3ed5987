"""Counting text as platforms count it."""

import regex

_GRAPHEME = regex.compile(r"\X")
_CLOSING = ".,;:!?)]}”’»›。、，！？）」』】"
_URL = regex.compile(r"https?://[^\s<>\"']+", regex.IGNORECASE)


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

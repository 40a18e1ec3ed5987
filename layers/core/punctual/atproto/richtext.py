"""AT Protocol rich text: links, mentions and hashtags as facets, ranges of the text's UTF-8 bytes.

Found where Bluesky's own app finds them in the same text, except that a domain without `https://` stays text:
https://github.com/bluesky-social/atproto/blob/d6296a1/packages/api/src/rich-text/util.ts
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import regex

from punctual.providers.text import apart, graphemes, urls

MAX_TAG_GRAPHEMES = 64
MAX_TAG_BYTES = 640

# Invisible marks may stand before it: handles copied from the web app bring them along.
# https://github.com/bluesky-social/social-app/issues/8451
_OPENING = r"(?<![^\s\p{Ps}\p{Pi}\p{Cf}])"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_MENTION = regex.compile(rf"{_OPENING}@((?:{_LABEL}\.)+(?=[a-zA-Z]){_LABEL})(?!\.?[a-zA-Z0-9_@-])")
# `#` before U+FE0F or U+20E3 is a keycap emoji; a tag ends where the app ends it, at an invisible joiner or space.
_TAG = regex.compile(rf"{_OPENING}[#＃](?![\ufe0f\u20e3])([^\s\u00ad\u2060\u200b-\u200d\u20e2]+)")
_ENDING_PUNCTUATION = regex.compile(r"\p{P}+$")
_SAYS_SOMETHING = regex.compile(r"[^0-9\p{P}]")
# The lexicon's `uri` format; a link that breaks it would have the whole post refused.
# https://github.com/bluesky-social/atproto/blob/d6296a1/packages/syntax/src/uri.ts
_URI = regex.compile(r"https?://[^\s/\ufeff][^\s\ufeff]*", regex.IGNORECASE)


class Range(NamedTuple):
    """`text[start:end]` and what it is."""

    start: int
    end: int
    feature: dict[str, str]


def facets(text: str, did_of: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """`did_of` says whose a handle is; a mention of nobody stays plain text."""
    return [_facet(text, found) for found in ranges(text, did_of)]


def ranges(text: str, did_of: Callable[[str], str | None]) -> list[Range]:
    """In the text's order; they never overlap."""
    return apart((*_links(text), *_mentions(text, did_of), *_tags(text)))


def _links(text: str) -> Iterator[Range]:
    for match in urls(text):
        if _URI.fullmatch(match.group()):
            feature = {"$type": "app.bsky.richtext.facet#link", "uri": match.group()}
            yield Range(match.start(), match.end(), feature)


def _mentions(text: str, did_of: Callable[[str], str | None]) -> Iterator[Range]:
    asked: dict[str, str | None] = {}
    for match in _MENTION.finditer(text):
        handle = match[1].lower()
        if handle not in asked:
            asked[handle] = did_of(handle)
        if did := asked[handle]:
            yield Range(match.start(), match.end(), {"$type": "app.bsky.richtext.facet#mention", "did": did})


def _tags(text: str) -> Iterator[Range]:
    for match in _TAG.finditer(text):
        tag = _ENDING_PUNCTUATION.sub("", match[1])
        short_enough = graphemes(tag) <= MAX_TAG_GRAPHEMES and len(tag.encode(errors="surrogatepass")) <= MAX_TAG_BYTES
        if short_enough and _SAYS_SOMETHING.search(tag):
            yield Range(match.start(), match.start(1) + len(tag), {"$type": "app.bsky.richtext.facet#tag", "tag": tag})


def _facet(text: str, found: Range) -> dict[str, Any]:
    index = {
        "byteStart": len(text[: found.start].encode(errors="surrogatepass")),
        "byteEnd": len(text[: found.end].encode(errors="surrogatepass")),
    }
    return {"index": index, "features": [found.feature]}

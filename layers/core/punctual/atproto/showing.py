"""Posts as Bluesky's own app and site show them. blob/main of https://github.com/bluesky-social/social-app."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import quote, urlsplit

import regex

from punctual.atproto.richtext import Range, ranges
from punctual.providers.posting import Shown
from punctual.providers.text import Found, shown

SITE = "https://bsky.app"
# Lists show the first 25 lines of what has more: MAX_POST_LINES of src/lib/constants.ts, used in
# src/view/com/posts/PostFeedItem.tsx.
MAX_LINES = 25
# See toShortUrl of src/lib/strings/url-helpers.ts.
LONGEST_PATH = 15
SHOWN_OF_A_PATH = 13

_PORTS = {"http": 80, "https": 443}
_LINE_END = regex.compile("\n")


def shown_by_app(text: str, labels: Iterable[str]) -> Shown:
    """Mentions are taken to be of accounts that exist: others stay plain text."""
    found = shown(text, [_found(text, each) for each in ranges(text, lambda handle: handle)])
    ends = [match.start() for match in _LINE_END.finditer(found.text)]
    folds_at = ends[MAX_LINES - 1] if len(ends) >= MAX_LINES else None
    return replace(found, folds_at=folds_at, content_warning=", ".join(dict.fromkeys(labels)) or None)


def short_url(url: str) -> str:
    """Without its scheme, its path cut; what is no URL to a browser stays as it is."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return url
    if not host:
        return url
    after = "".join(f"{sign}{part}" for sign, part in (("?", parts.query), ("#", parts.fragment)) if part)
    path = quote(f"{parts.path if parts.path != '/' else ''}{after}", safe="%/:@!$&'()*+,;=?#[]|", errors="replace")
    place = host if port in (None, _PORTS.get(parts.scheme.lower())) else f"{host}:{port}"
    return f"{place}{path[:SHOWN_OF_A_PATH]}..." if len(path) > LONGEST_PATH else f"{place}{path}"


def _found(text: str, found: Range) -> Found:
    written = text[found.start : found.end]
    if uri := found.feature.get("uri"):
        return Found(found.start, found.end, "link", short_url(uri), uri)
    if handle := found.feature.get("did"):
        return Found(found.start, found.end, "mention", written, f"{SITE}/profile/{handle}")
    tag = quote(found.feature["tag"], safe="", errors="replace")
    return Found(found.start, found.end, "hashtag", written, f"{SITE}/hashtag/{tag}")

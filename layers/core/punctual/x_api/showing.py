"""Posts as X's own site shows them: links without their scheme and cut short, longer posts behind "Show more"."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import regex

from punctual.providers.posting import Shown
from punctual.providers.text import Found, apart, shown
from punctual.x_api import counting
from punctual.x_api.links import cashtags, links

FOLDS_AT = 280
# "developer.x.com/en/use-cases/s…": https://docs.x.com/x-api/enterprise-gnip-2.0/fundamentals/data-dictionary
_SHOWN_OF_A_PATH = 14
_SCHEME = regex.compile(r"https?://(?:www\.)?|www\.", regex.IGNORECASE)
# https://github.com/twitter/twitter-text/blob/30e2430/js/src/regexp/ (validMentionOrList.js, validHashtag.js)
_MENTION = regex.compile(r"(?:^|(?<=[^a-zA-Z0-9_!#$%&*@＠]))[@＠]([a-zA-Z0-9_]{1,20})(?![@＠a-zA-Z0-9_]|://)")
_HASHTAG = regex.compile(
    r"(?<![\p{L}\p{M}\p{Nd}_&])[#＃](?![\uFE0F\u20E3])([\p{L}\p{M}\p{Nd}_\u200c\u200d·]*[\p{L}\p{M}][\p{L}\p{M}\p{Nd}_\u200c\u200d·]*)"
    r"(?![#＃]|://)"
)


def shown_on_site(text: str) -> Shown:
    """Mentions are taken to be of accounts that exist."""
    seen = text.strip()
    found = shown(seen, apart((*_links(seen), *_mentions(seen), *_hashtags(seen), *_cashtags(seen))))
    folds_at = counting.place(found.text, FOLDS_AT)
    return replace(found, folds_at=folds_at or None)


def _links(text: str) -> Iterator[Found]:
    for link in links(text):
        scheme = _SCHEME.match(link.url)
        bare = link.url[scheme.end() :] if scheme else link.url
        host, slash, path = bare.partition("/")
        short = f"{host}{slash}{path[:_SHOWN_OF_A_PATH]}…" if len(path) > _SHOWN_OF_A_PATH else bare
        target = link.url if link.url.lower().startswith("http") else f"https://{link.url}"
        yield Found(link.start, link.end, "link", short, target)


def _mentions(text: str) -> Iterator[Found]:
    for match in _MENTION.finditer(text):
        yield Found(match.start(), match.end(), "mention", match.group(), f"https://x.com/{match[1]}")


def _hashtags(text: str) -> Iterator[Found]:
    for match in _HASHTAG.finditer(text):
        url = f"https://x.com/hashtag/{quote(match[1], errors='replace')}"
        yield Found(match.start(), match.end(), "hashtag", match.group(), url)


def _cashtags(text: str) -> Iterator[Found]:
    for match in cashtags(text):
        url = f"https://x.com/search?q=%24{match[1]}"
        yield Found(match.start(), match.end(), "hashtag", match.group(), url)

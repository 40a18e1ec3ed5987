"""Posts as Mastodon's own site shows them; the sites of other servers with its API may differ.

https://github.com/mastodon/mastodon/blob/039d55592c74d8f82e2959f5cd1ec2758a5901af/app/lib/text_formatter.rb
"""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

import regex

from punctual.providers.posting import Shown
from punctual.providers.text import Found, apart, shown, urls

SHOWN_OF_A_LINK = 30
# Its lists cut posts by their height on the screen, not by their length: `folds_at` is never known.
# https://github.com/mastodon/mastodon/blob/v4.3.0/app/javascript/mastodon/components/status_content.jsx (MAX_HEIGHT)

_HIDDEN_OF_A_LINK = regex.compile(r"https?://(www\.)?")  # as it is there: of HTTPS:// nothing is hidden
# https://github.com/mastodon/mastodon/blob/v4.3.0/app/models/account.rb (MENTION_RE)
_MENTION = regex.compile(r"(?<![=/\w])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@(\w+(?:[.-]+\w+)*))?", regex.IGNORECASE)
# https://github.com/mastodon/mastodon/blob/main/app/models/tag.rb (HASHTAG_RE)
_TAG = regex.compile(r"(?<!\S)[#＃](\w[\w·・\u200c]*[\p{L}\p{M}_·・\u200c][\w·・\u200c]*\w|\w*[\p{L}\p{M}]\w*)")
_BLANK_LINES = regex.compile(r"\n\n+")


def shown_on_site(text: str, server: str, *, is_mastodon: bool) -> Shown:
    """Mentions are taken to be of accounts that exist: others stay as they are written."""
    seen = _paragraphs(text)
    return shown(seen, apart((*_links(seen), *_tags(seen, server), *_mentions(seen, server, is_mastodon=is_mastodon))))


def _paragraphs(text: str) -> str:
    """Stripped (app/models/status.rb), and any number of blank lines is the end of one paragraph:
    https://api.rubyonrails.org/classes/ActionView/Helpers/TextHelper.html#method-i-simple_format"""
    unix = text.strip(" \t\n\v\f\r\0").replace("\r\n", "\n").replace("\r", "\n")
    return _BLANK_LINES.sub("\n\n", unix)


def _links(text: str) -> Iterator[Found]:
    for match in urls(text):
        url = match.group()
        hidden = _HIDDEN_OF_A_LINK.match(url)
        bare = url[hidden.end() :] if hidden else url
        short = bare if len(bare) <= SHOWN_OF_A_LINK else f"{bare[:SHOWN_OF_A_LINK]}…"
        yield Found(match.start(), match.end(), "link", short, url)


def _tags(text: str, server: str) -> Iterator[Found]:
    for match in _TAG.finditer(text):
        url = f"{server}/tags/{quote(match[1], safe='', errors='replace')}" if server else None
        yield Found(match.start(), match.end(), "hashtag", f"#{match[1]}", url)


def _mentions(text: str, server: str, *, is_mastodon: bool) -> Iterator[Found]:
    """The host is hidden, unless the post mentions others of that name; where others' profiles lie, they know."""
    met = list(_MENTION.finditer(text))
    accounts = {(match[1].lower(), (match[2] or "").lower()) for match in met}
    names = Counter(name for name, _ in accounts)
    for match in met:
        is_alone = names[match[1].lower()] == 1
        short = f"@{match[1]}" if is_alone else match.group()
        url = f"{server}/@{match[1]}" if is_mastodon and server and not match[2] else None
        yield Found(match.start(), match.end(), "mention", short, url)

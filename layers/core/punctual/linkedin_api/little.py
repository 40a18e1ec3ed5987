"""Little text, LinkedIn's format of what a post says.

https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format

Every reserved character stands behind a backslash, or the text ends there without a word:
https://github.com/ComposioHQ/composio/issues/2710
"""

from collections.abc import Iterator

import regex

from punctual.providers.posting import Shown
from punctual.providers.text import Found, apart, shown, urls

_RESERVED = regex.compile(r"[\\|{}@\[\]()<>#*_~]")
_ESCAPED = regex.compile(r"\\([\\|{}@\[\]()<>#*_~])")
_MENTION = regex.compile(
    r"@\[(?P<name>(?:\\.|[^\[\]\\\n])+)\]\((?P<urn>urn:li:(?:person|organization):(?:\\_|[A-Za-z0-9_-])+)\)"
)
# As LinkedIn's own composer finds them: # or ＃ with a letter or digit behind, not inside a word or an address.
_HASHTAG = regex.compile(r"(?<![\w&/#＃])[#＃](?P<tag>[\p{L}\p{N}][\p{L}\p{M}\p{N}]*)")
_ELEMENT = regex.compile(f"{_MENTION.pattern}|{_HASHTAG.pattern}")
_TEMPLATE = regex.compile(r"\{hashtag\|\\?[#＃]\|(?P<tag>(?:\\.|[^\\|{}])+)\}")
_PROFILES = {"person": None, "organization": "https://www.linkedin.com/company/{id}/"}


def escaped(text: str) -> str:
    """As it is sent. `@[Name](urn:li:organization:1)` stays a mention, `#tag` a hashtag."""
    said, at = "", 0
    for found in _ELEMENT.finditer(text):
        said += _behind_backslashes(text[at : found.start()]) + _element(found)
        at = found.end()
    return said + _behind_backslashes(text[at:])


def mention(name: str, urn: str) -> str:
    """As it is written into a text: a name is others' to choose, and ends no mention, nor begins another."""
    said = regex.sub(r"[\[\]\\]", r"\\\g<0>", " ".join(name.split()))
    return f"@[{said}]({urn})"


def plain(little: str) -> str:
    """What readers see of little text, mentions as `@[Name](urn)`: for comparing what LinkedIn has with what was sent.

    LinkedIn gives hashtags back as templates, `{hashtag|\\#|tag}`, with either of the two signs."""
    return _ESCAPED.sub(r"\1", _TEMPLATE.sub(r"#\g<tag>", little)).replace("＃", "#")


def length(text: str) -> int:
    """Of what is sent, in UTF-16 units: LinkedIn does not say whether it counts the backslashes, or an emoji as two;
    this is the most that it could count."""
    return utf16(escaped(text))


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def shown_on_site(text: str) -> Shown:
    """A mention is taken to be of whom it names; lists fold posts by their height, which is not known."""
    return shown(text, apart((*_mentions(text), *_links(text), *_tags(text))))


def _element(found: regex.Match[str]) -> str:
    if found["tag"]:
        return str(found.group())
    # What LinkedIn gives back has the _ of a member's id behind a backslash, which may be where this one is from; it is
    # sent as it is: https://github.com/antoniolg/postflow/releases/tag/v0.8.2
    name, urn = (_ESCAPED.sub(r"\1", found[part]) for part in ("name", "urn"))
    return f"@[{_behind_backslashes(name)}]({urn})"


def _behind_backslashes(text: str) -> str:
    return _RESERVED.sub(r"\\\g<0>", text)


def _mentions(text: str) -> Iterator[Found]:
    for found in _MENTION.finditer(text):
        kind, _, number = found["urn"].removeprefix("urn:li:").partition(":")
        profile = _PROFILES[kind]
        url = profile.format(id=number) if profile else None
        yield Found(found.start(), found.end(), "mention", _ESCAPED.sub(r"\1", found["name"]), url)


def _links(text: str) -> Iterator[Found]:
    for found in urls(text):
        yield Found(found.start(), found.end(), "link", found.group(), found.group())


def _tags(text: str) -> Iterator[Found]:
    for found in _HASHTAG.finditer(text):
        url = f"https://www.linkedin.com/feed/hashtag/{found['tag'].lower()}/"
        yield Found(found.start(), found.end(), "hashtag", found.group(), url)

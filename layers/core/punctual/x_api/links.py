"""Links and tags in a text, exactly as X finds them: its own library's patterns, in one reading.

https://github.com/twitter/twitter-text/tree/30e2430d90cff3b46393ea54caf511441983c260/js/src (extractUrlsWithIndices.js)
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import NamedTuple

import regex

from punctual.x_api.tlds import TLDS

_MAX_URL = 4096
_MAX_LABEL = 63
_MAX_LABELS = 8
_MAX_TCO_SLUG = 40

_PUNCTUATION = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
_SPACES = "\x09-\x0d\x20\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
INVALID = "\ufffe\ufeff\uffff"
"""Characters that no post may have."""
_DIRECTIONS = "\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_LATIN = (
    "\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_CYRILLIC = "\u0400-\u04ff"

_BEFORE = rf"(?:[^A-Za-z0-9@＠$#＃{INVALID}]|[{_DIRECTIONS}]|^)"
# Two bounds that X's library has not, and real names keep to: without them the time that a text takes would grow with
# the square of its length. What has a label of more than 63 characters is no link there either.
_NO_LABEL = rf"!'#%&()*+,\\./:;<=>?@\[\]^{{|}}~${_SPACES}{INVALID}{_DIRECTIONS}"
_LABEL_AHEAD = rf"(?=[^{_NO_LABEL}]{{1,{_MAX_LABEL}}}+\.)"
_DOMAIN_CHAR = rf"[^{_NO_LABEL}_\-]"
_SUBDOMAIN = rf"(?:{_LABEL_AHEAD}{_DOMAIN_CHAR}++(?:[_-]++{_DOMAIN_CHAR}++)*+\.)"
_DOMAIN_NAME = rf"(?:{_LABEL_AHEAD}{_DOMAIN_CHAR}++(?:-++{_DOMAIN_CHAR}++)*+\.)"
_TLD = r"(?:(?=[a-z]{2}|[^\x00-\x7F])\L<tlds>(?=[^0-9a-zA-Z@+-]|$)|xn--[-0-9a-z]+)"
_PATH_CHAR = rf"[a-z{_CYRILLIC}0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PARENTHESES = rf"\((?:{_PATH_CHAR}+|{_PATH_CHAR}*\({_PATH_CHAR}+\){_PATH_CHAR}*)\)"
_PATH_END = rf"(?:[+\-a-z{_CYRILLIC}0-9=_#/{_LATIN}]|{_PARENTHESES})"
_PATH = rf"(?:{_PATH_CHAR}*(?:{_PARENTHESES}{_PATH_CHAR}*)*{_PATH_END}|@{_PATH_CHAR}+/)"
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"

_TCO = regex.compile(rf"https?://t\.co/([a-z0-9]+)(?:{_QUERY})?", regex.IGNORECASE)
_WORDS = regex.compile(rf"[^{_SPACES}]+")
_CASHTAG = regex.compile(
    rf"(?:^|(?<=[{_SPACES}]))\$([a-z]{{1,6}}(?:[._][a-z]{{1,2}})?)(?=$|\s|[{_PUNCTUATION}])", regex.IGNORECASE
)


class _Patterns(NamedTuple):
    """Those that know the top-level domains: made when they are first used, for it takes a quarter of a second."""

    url: regex.Pattern[str]
    ascii_domain: regex.Pattern[str]
    ending: regex.Pattern[str]


@cache
def _patterns() -> _Patterns:
    made = partial(regex.compile, flags=regex.IGNORECASE, tlds=TLDS)
    return _Patterns(
        url=made(
            rf"(?P<before>{_BEFORE})(?P<url>(?P<scheme>https?://)?"
            rf"(?P<domain>{_SUBDOMAIN}{{0,{_MAX_LABELS}}}{_DOMAIN_NAME}{_TLD})(?::[0-9]+)?"
            rf"(?P<path>/{_PATH}*)?(?:{_QUERY})?)"
        ),
        ascii_domain=made(rf"(?:[-a-z0-9{_LATIN}]+\.)+{_TLD}"),
        ending=made(rf"\.{_TLD}"),
    )


class Link(NamedTuple):
    start: int
    end: int
    url: str
    """As it is written, with or without a scheme."""


def links(text: str) -> list[Link]:
    """No link has a space in it: so only words that hold a top-level domain are read closely."""
    if "." not in text:
        return []
    return [
        Link(word.start() + link.start, word.start() + link.end, link.url)
        for word in _WORDS.finditer(text)
        if _patterns().ending.search(word.group())
        for link in _of_word(word.group())
    ]


def cashtags(text: str) -> list[regex.Match[str]]:
    return list(_CASHTAG.finditer(text))


def _of_word(word: str) -> Iterator[Link]:
    for match in _patterns().url.finditer(word):
        scheme, domain = match["scheme"], match["domain"]
        if not _is_possible(match["url"], scheme or "https://", domain):
            continue
        if scheme:
            yield from _with_scheme(match)
        elif not match["before"].endswith(("-", "_", ".", "/")):
            yield from _bare(match, domain)


def _with_scheme(match: regex.Match[str]) -> Iterator[Link]:
    start, url = match.start("url"), match["url"]
    short = _TCO.match(url)
    if short is None:
        yield Link(start, match.end("url"), url)
    elif len(short[1]) <= _MAX_TCO_SLUG:
        yield Link(start, start + short.end(), short.group())


def _bare(match: regex.Match[str], domain: str) -> Iterator[Link]:
    """Without a scheme only names of Latin letters are links; the last of them has the path."""
    start = match.start("url")
    found = [(start + each.start(), start + each.end()) for each in _patterns().ascii_domain.finditer(domain)]
    if found and match["path"]:
        found[-1] = (found[-1][0], match.end("url"))
    for begin, end in found:
        yield Link(begin, end, match.string[begin:end])


def _is_possible(url: str, scheme: str, domain: str) -> bool:
    if domain.startswith("xn--") and not _patterns().ascii_domain.search(domain):
        return False
    labels = (label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in domain.split("."))
    return all(0 < len(label) <= _MAX_LABEL for label in labels) and len(scheme) + _utf16(url) <= _MAX_URL


def _utf16(text: str) -> int:
    return len(text) + sum(ord(each) > 0xFFFF for each in text)

"""LinkedIn's `little` text, as a post's commentary is read: elements until the first reserved character that is none.

The grammar: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/little-text-format
That the rest is cut off without a word: https://github.com/alexey-pelykh/linkedctl/issues/194
"""

import re
from dataclasses import dataclass

RESERVED = "\\|{}@[]()<>#*_~"
_OTHERS = f"[^{re.escape(RESERVED)}]"
_TEXT = rf"(?:{_OTHERS}|\\[{re.escape(RESERVED)}])+"
_PLAIN = re.compile(_TEXT)
_MENTION = re.compile(rf"@(?:\[(?P<name>{_TEXT})\])?\((?P<urn>urn:li:(?:person|organization):[A-Za-z0-9_-]+)\)")
_HASHTAG = re.compile(r"[#＃](?P<tag>[^\W_]+)")
_TEMPLATE = re.compile(rf"\{{hashtag\|\\?[#＃]\|(?P<tag>{_TEXT})\}}")


@dataclass(frozen=True, kw_only=True)
class Little:
    """`text` is what readers see, `commentary` what the API gives back: hashtags as templates, the rest escaped."""

    text: str
    commentary: str
    hashtags: tuple[str, ...]
    mentions: tuple[tuple[str, str], ...]
    """Name and URN."""
    is_cut: bool


def read(commentary: str) -> Little:
    shown, given = "", ""
    hashtags, mentions = [], []
    place = 0
    while place < len(commentary):
        if found := _MENTION.match(commentary, place):
            name = plain(found["name"] or "")
            mentions.append((name, found["urn"]))
            shown, given = shown + name, f"{given}@[{escaped(name)}]({found['urn']})"
        elif found := (_HASHTAG.match(commentary, place) or _TEMPLATE.match(commentary, place)):
            tag = plain(found["tag"])
            hashtags.append(tag)
            shown, given = f"{shown}#{tag}", f"{given}{{hashtag|\\#|{escaped(tag)}}}"
        elif found := _PLAIN.match(commentary, place):
            until = commentary.find(
                "＃", place + 1, found.end()
            )  # a hashtag may begin with it, though it is not reserved
            piece = commentary[place : found.end() if until < 0 else until]
            shown, given = shown + plain(piece), given + escaped(plain(piece))
            place += len(piece)
            continue
        else:
            break
        place = found.end()
    is_cut = place < len(commentary)
    return Little(text=shown, commentary=given, hashtags=tuple(hashtags), mentions=tuple(mentions), is_cut=is_cut)


def plain(text: str) -> str:
    return re.sub(rf"\\([{re.escape(RESERVED)}])", r"\1", text)


def escaped(text: str) -> str:
    return re.sub(rf"([{re.escape(RESERVED)}])", r"\\\1", text)

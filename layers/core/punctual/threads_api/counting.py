"""Length as Threads counts it: "Text posts are limited to 500 characters. Emojis are counted as the number of UTF-8
bytes." https://developers.facebook.com/documentation/threads/posts#limitations

What it takes for an emoji is not documented; here it is every grapheme cluster that Unicode has an emoji in
(https://www.unicode.org/reports/tr51/), those that are shown as text by default (©, ❤) with them: what is counted too
long is noticed while it is written, what is counted too short is refused at T.
"""

import regex

MAX_TEXT = 500

_CLUSTER = regex.compile(r"\X")
# Pictures and their joined sequences; flags, skin tones alone; keycaps (1️⃣), whose digits are no emojis by themselves.
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Presentation}\u20e3]")


def length(text: str) -> int:
    """A sequence of emojis is as long as all that it is made of, which Unicode shows as one."""
    return sum(_counted(each) for each in _CLUSTER.findall(text))


def _counted(cluster: str) -> int:
    return len(cluster.encode()) if _EMOJI.search(cluster) else len(cluster)

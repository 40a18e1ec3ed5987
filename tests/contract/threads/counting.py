"""How Threads counts: 500 characters, of which an emoji is as many as it has bytes of UTF-8.

https://developers.facebook.com/documentation/threads/posts says no more than that: what else a character is (a code
point, as here, or what a reader sees as one) is left open.
"""

import regex

EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[0-9#*]\uFE0F?\u20E3")


def length(text: str) -> int:
    clusters = regex.findall(r"\X", text)
    return sum(len(each.encode()) if EMOJI.search(each) else len(each) for each in clusters)

"""What Threads takes, and how it shows texts. https://developers.facebook.com/documentation/threads/posts"""

from collections.abc import Iterator

import regex

from punctual.providers.media import NO_MEDIA, ImageRules, MediaRules, VideoRules
from punctual.providers.posting import PartKind, Shown, Violation
from punctual.providers.text import Found, apart, shown, urls
from punctual.threads_api.settings import Settings

MAX_LINKS = 5
MAX_PARTS = 25
"""Ours: Threads has no limit of its own, but 1,000 replies a day."""

# "If the text field contains only www.facebook.com …, this counts as 1 link": /documentation/threads/posts#links
_WWW = regex.compile(r"(?<![\w./@:-])www\.[^\s\p{Cc}<>\"']+", regex.IGNORECASE)
_TRAILING = ".,;:!?)]}”’»"
# "the first valid tag", up to "spaces, tabs, new lines, . & @ ! ? , ; :", 50 characters, and no whole number
_TAG = regex.compile(r"(?<![\w&/#])#(?!\d+(?:[\s.&@!?,;:#]|$))([^\s.&@!?,;:#]{1,50})(?=[\s.&@!?,;:#]|$)")
_MENTION = regex.compile(r"(?<![\w@./])@([A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?)")

# Narrower pictures than 320 pixels are made wider there, wider ones than 1440 narrower.
_PICTURE = ImageRules(
    types=("image/jpeg", "image/png"), max_bytes=8_000_000, max_width=1440, min_ratio=1 / 10, max_ratio=10
)
_VIDEO = VideoRules(
    types=("video/mp4", "video/quicktime"),
    video_codecs=("h264", "hevc"),
    audio_codecs=("aac",),
    max_bytes=1_000_000_000,
    max_seconds=300,
    min_frame_rate=23,
    max_frame_rate=60,
    max_bit_rate=100_000_000,
    max_width=1920,
    min_ratio=0.01,
    max_ratio=10,
)
MEDIA = MediaRules(
    image=_PICTURE,
    video=_VIDEO,
    max_images=20,
    max_videos=20,
    max_items=20,
    is_mixed=True,
    max_alt_text=1000,  # /documentation/threads/reference/publishing
    video_seconds=60,  # ours: "It is recommended to wait on average 30 seconds"
)


def media(settings: Settings, kind: PartKind) -> MediaRules:
    return NO_MEDIA if kind == "post" and settings.is_text_only else MEDIA


def broken(text: str, settings: Settings, kind: PartKind) -> Iterator[Violation]:
    if settings.is_ghost and kind != "post":
        message = "Nothing can go on with a ghost post, or comment on it, by Threads' API: leave it out."
        yield Violation(field="text", rule="threads.text.after_ghost", message=message)
    links = _links(text) | ({settings.link} if settings.link and kind == "post" else set())
    if len(links) > MAX_LINKS:
        message = f"Threads takes at most {MAX_LINKS} different links in a post; this one has {len(links)}."
        yield Violation(field="text", rule="threads.text.links", message=message)


def _links(text: str) -> set[str]:
    """Each counts once, however often it is there."""
    return {each.group() for each in urls(text)} | {each.group().rstrip(_TRAILING) for each in _WWW.finditer(text)}


def shown_on_site(text: str, topic: str | None) -> Shown:
    """The first tag becomes the post's topic, and is shown without its sign; where the topic is given apart, none."""
    found = [Found(each.start(), each.end(), "link", each.group(), each.group()) for each in urls(text)]
    found += [
        Found(each.start(), each.end(), "mention", each.group(), f"https://www.threads.com/@{each[1]}")
        for each in _MENTION.finditer(text)
    ]
    tag = None if topic else _TAG.search(text)
    if tag:
        found.append(Found(tag.start(), tag.end(), "hashtag", tag[1], None))
    return shown(text, apart(found))

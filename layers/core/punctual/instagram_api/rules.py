"""What Instagram takes. Each figure is of the reference, where nothing else is said.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

from collections.abc import Iterator
from dataclasses import replace

import regex

from punctual.instagram_api.settings import Settings
from punctual.providers.media import NO_MEDIA, ImageRules, MediaRules, VideoRules
from punctual.providers.posting import PartKind, Shown, Violation
from punctual.providers.text import Found, shown

MAX_TEXT = 2200
MAX_HASHTAGS = 30
MAX_MENTIONS = 20

_HASHTAG = regex.compile(r"(?<![\w&/])#([\w]+)")
_MENTION = regex.compile(r"(?<![\w@./])@([A-Za-z0-9_](?:[A-Za-z0-9._]{0,28}[A-Za-z0-9_])?)")

# "JPEG is the only image format supported." Smaller ones than 320 pixels are made larger there, larger ones smaller.
_PICTURE = ImageRules(types=("image/jpeg",), max_bytes=8_000_000, max_width=1440, min_ratio=4 / 5, max_ratio=1.91)
_REEL = VideoRules(
    types=("video/mp4", "video/quicktime"),
    video_codecs=("h264", "hevc"),
    audio_codecs=("aac",),
    max_bytes=300_000_000,
    min_seconds=3,
    max_seconds=15 * 60,
    min_frame_rate=23,
    max_frame_rate=60,
    max_bit_rate=25_000_000,
    max_width=1920,
    min_ratio=0.01,
    max_ratio=10,
)
POST = MediaRules(
    image=_PICTURE,
    video=_REEL,  # in a carousel too: what videos may be there, the reference does not say
    max_images=10,
    max_videos=10,
    max_items=10,
    is_mixed=True,
    needs_media=True,
    max_alt_text=1000,  # of pictures
    takes_cover=True,
    video_seconds=120,  # ours: some 30 to 60 s are told of, by people who post short ones
)
_TRIAL = replace(POST, image=None, max_videos=1, max_items=1, max_alt_text=0)
_STORY = MediaRules(
    image=replace(_PICTURE, min_ratio=None, max_ratio=None),  # "We recommend 9:16"
    video=replace(_REEL, max_bytes=100_000_000, max_seconds=60, min_ratio=0.1),
    max_items=1,
    needs_media=True,
    video_seconds=120,
)


def media(settings: Settings, kind: PartKind) -> MediaRules:
    if kind != "post":
        return NO_MEDIA
    if settings.post_type == "story":
        return _STORY
    return _TRIAL if settings.trial_reel else POST


def broken(text: str, settings: Settings, kind: PartKind, provider: str) -> Iterator[Violation]:
    is_story = settings.post_type == "story"
    if is_story and kind == "comment":
        message = "A story has no first comment: take it out."
        yield Violation(field="text", rule=f"{provider}.text.comment_on_story", message=message)
    if is_story and kind == "post" and text:
        message = 'A story shows no caption: give this target an empty text, "".'
        yield Violation(field="text", rule=f"{provider}.text.story", message=message)
    if (count := len(_HASHTAG.findall(text))) > MAX_HASHTAGS:
        message = f"Instagram takes at most {MAX_HASHTAGS} hashtags; this text has {count}."
        yield Violation(field="text", rule=f"{provider}.text.hashtags", message=message)
    if (count := len(_MENTION.findall(text))) > MAX_MENTIONS:
        message = f"Instagram takes at most {MAX_MENTIONS} mentions; this text has {count}."
        yield Violation(field="text", rule=f"{provider}.text.mentions", message=message)


def shown_on_site(text: str) -> Shown:
    """Captions have no links: addresses are shown as text."""
    tags = [
        Found(each.start(), each.end(), "hashtag", each.group(), f"https://www.instagram.com/explore/tags/{each[1]}/")
        for each in _HASHTAG.finditer(text)
    ]
    people = [
        Found(each.start(), each.end(), "mention", each.group(), f"https://www.instagram.com/{each[1]}/")
        for each in _MENTION.finditer(text)
    ]
    return shown(text, sorted([*tags, *people]))

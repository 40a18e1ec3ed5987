"""What a page takes, and what Facebook's own codes mean.

https://developers.facebook.com/docs/pages-api/posts, /docs/video-api/guides/reels-publishing, /docs/page-stories-api
"""

from collections.abc import Mapping
from dataclasses import replace

from punctual.meta.meanings import BLOCKED, LIMITED, MEANINGS, PASSING, Meaning
from punctual.providers.media import ImageRules, MediaRules, VideoRules

MAX_TEXT = 63_206
MAX_COMMENT = 8000
"""Both are general knowledge: no document of Facebook's names them."""
MAX_TITLE = 255
"""Ours: no length is documented."""

_PICTURES = ImageRules(
    types=("image/jpeg", "image/png"),
    # Its documents say 10 MB, its refusal of larger files (1366046) 4 MB: what keeps to the lesser is always taken.
    max_bytes=4_000_000,
)
_VIDEOS = VideoRules(
    types=("video/mp4",),  # all that the Resumable Upload API names of videos
    video_codecs=("h264",),
    audio_codecs=("aac",),
    max_bytes=10_000_000_000,
    max_seconds=4 * 60 * 60,
)
_REELS = VideoRules(
    types=("video/mp4", "video/quicktime"),  # of stories too
    video_codecs=("h264",),
    audio_codecs=("aac",),
    min_seconds=3,
    max_seconds=90,
    min_frame_rate=23,  # "24 to 60": 23.976 is what films have, and the reels sample of Meta's says 23
    max_frame_rate=60,
    min_width=540,
    min_height=960,
    min_ratio=0.55,  # 9:16, and what is off by a pixel
    max_ratio=0.575,
)
POSTS = MediaRules(
    image=_PICTURES,
    video=_VIDEOS,
    max_images=10,
    max_items=10,
    max_alt_text=1000,  # ours: no length is documented
    video_seconds=60,
)
REELS = MediaRules(video=_REELS, needs_media=True, video_seconds=60)
# That a story keeps its picture's description is nowhere documented.
STORIES = MediaRules(
    image=_PICTURES,
    video=replace(_REELS, max_seconds=60),
    needs_media=True,
    video_seconds=60,
)

_LINK = Meaning(verdict="rejected", code="link_refused", sentence="{name} does not take the link of this post.")
_FILE = Meaning(verdict="rejected", code="media_refused", sentence="{name} does not take a file of this post.")
_SAME = Meaning(verdict="open", code="duplicate", sentence="{name} says that it has this post already.")
_CONFIRM = Meaning(
    verdict="rejected",
    code="confirmation_needed",
    sentence="{name} wants the page's people to confirm who they are before it takes more posts.",
)


def _both(meaning: Meaning, *codes: int) -> dict[str, Meaning]:
    """As code and as subcode: Facebook lists few of these, and people report them as either."""
    return {key: meaning for code in codes for key in (str(code), f"/{code}")}


CODES: Mapping[str, Meaning] = {
    **MEANINGS,
    **_both(_SAME, 506, 1366051),
    **_both(PASSING, 1363047, 1609010),
    **_both(LIMITED, 1390008),
    **_both(BLOCKED, 1346003, 1404006, 1404102, 1404112),
    **_both(_CONFIRM, 1404078, 4854002),
    **_both(_LINK, 1609005, 1609008, 2061006),
    **_both(_FILE, 324, 352, 1366046, 2069019),
}
"""https://developers.facebook.com/docs/graph-api/guides/error-handling has 506; the others are as they were met."""

"""What a page takes.

https://developers.facebook.com/docs/pages-api/posts, /docs/video-api/guides/reels-publishing, /docs/page-stories-api
"""

from dataclasses import replace

from punctual.providers.media import ImageRules, MediaRules, VideoRules

MAX_TEXT = 63_206
MAX_COMMENT = 8000
"""Both are general knowledge: no document of Facebook's names them."""

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

"""What a post shows beside its text: https://docs.bsky.app/docs/advanced-guides/posts#images-embeds"""

from collections.abc import Mapping, Sequence
from typing import Any

from punctual.providers.media import Attachment, ImageRules, MediaRules, VideoRules

# The lexicons name no limit of alt texts, the length of videos, or pictures in a gallery of less than 20, and ask
# clients to keep to 10. What the app of Bluesky lets people do is what its readers are shown whole:
# https://github.com/bluesky-social/social-app/blob/008fe5e/src/lib/constants.ts (MAX_ALT_TEXT, VIDEO_MAX_DURATION_MS)
# https://github.com/bluesky-social/atproto/blob/d6296a1/lexicons/app/bsky/embed/gallery.json
RULES = MediaRules(
    image=ImageRules(types=("image/jpeg", "image/png", "image/webp"), max_bytes=2_000_000),
    video=VideoRules(
        types=("video/mp4",),
        video_codecs=("h264",),
        audio_codecs=("aac",),
        max_bytes=300_000_000,
        max_seconds=600,
    ),
    video_seconds=120,
    max_images=10,
    max_items=10,
    max_alt_text=2000,
)
_IMAGES = 4
"""As many as the older embed holds, which every client knows."""


def embed(media: Sequence[Attachment], blobs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`blobs` are those of `media`, in order; never none."""
    if media[0].kind == "video":
        return {"$type": "app.bsky.embed.video", "video": blobs[0], **_about(media[0])}
    shown = [{"image": blob, **_about(each)} for each, blob in zip(media, blobs, strict=True)]
    if len(shown) <= _IMAGES:
        return {"$type": "app.bsky.embed.images", "images": shown}
    items = [{"$type": "app.bsky.embed.gallery#image", **each} for each in shown]
    return {"$type": "app.bsky.embed.gallery", "items": items}


def _about(attachment: Attachment) -> dict[str, Any]:
    return {
        "alt": attachment.alt_text,
        "aspectRatio": {"width": attachment.width, "height": attachment.height},
    }

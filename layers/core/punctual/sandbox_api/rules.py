"""What the sandbox takes, and what it refuses for good."""

from punctual.providers.media import DocumentRules, ImageRules, MediaRules, VideoRules

_PICTURE_BYTES = 5 * 1024 * 1024
MEDIA = MediaRules(
    image=ImageRules(types=("image/jpeg", "image/png", "image/webp", "image/gif"), max_bytes=_PICTURE_BYTES),
    animation=ImageRules(types=("image/gif",), max_bytes=_PICTURE_BYTES),
    video=VideoRules(
        types=("video/mp4",), video_codecs=("h264",), audio_codecs=("aac",), max_bytes=5 * 1024 * 1024 * 1024
    ),
    document=DocumentRules(max_bytes=100 * 1024 * 1024, max_pages=300),
    max_images=4,
    max_items=4,
    max_alt_text=1000,
    takes_cover=True,
)
REFUSED = {
    "refused": "The sandbox refused this post, as its text asks.",
    "refused_quietly": "The sandbox refused this post in an answer that looked like a success, as its text asks.",
    "unknown_directive": "The text holds a [sandbox:…] directive that the sandbox does not know.",
    "no_such_container": "The sandbox no longer has this post's container.",
    "no_such_media": "The sandbox no longer has a file of this post.",
    "unsupported_type": "The sandbox does not take this type of file.",
    "file_too_large": "The sandbox takes no file as large as this.",
    "wrong_type": "The sandbox found that a file is of another type than was said.",
    "wrong_sum": "The sandbox got another file than was sent.",
    "media_unfetchable": "The sandbox could not fetch a file from its address.",
    "no_such_parent": "The sandbox has no post to reply to under the id given.",
    "id_taken": "The sandbox has another post under this post's id.",
    "key_reused": "The sandbox saw this post's idempotency key with another post.",
}
"""By its own codes."""

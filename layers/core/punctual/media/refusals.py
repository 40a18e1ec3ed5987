"""Why a file is none that Punctual takes. A code is never renamed."""

from collections.abc import Mapping

MAX_PIXELS = 100_000_000
"""Of a picture, or a frame: what is decoded must fit into the worker's memory."""
MAX_FRAMES = 2_000
"""Of an animation."""

MAX_PAGES = 2_000
"""Of a document."""

REFUSALS: Mapping[str, str] = {
    "empty": "Upload a file that has content.",
    "unknown_type": "Give a picture (JPEG, PNG, GIF, WebP, HEIC, AVIF, BMP, TIFF), a video (MP4, MOV, WebM) or a PDF.",
    "type_mismatch": "Say what the file is: its content is of another type than the one that was declared.",
    "scripted": "Export it as a PNG: drawings that can hold scripts (SVG) are not taken.",
    "ambiguous": "Export it anew: the file can be read as two types at once.",
    "unreadable": "Export it anew: the file is cut off or damaged.",
    "too_many_pixels": "Make it smaller: a picture, or a frame of a video, may have 100 million pixels.",
    "too_many_frames": "Make it shorter, or a video: an animation may have 2,000 frames.",
    "no_video": "Give a video: sound alone is not taken.",
    "too_many_pages": "Make it shorter: a document may have 2,000 pages.",
    "no_pages": "Export it anew: a document must have a page.",
    "protected": "Save it without a password, and without restrictions.",
    "unknown_codec": "Encode it anew, as H.264 with AAC.",
    "too_costly": "Make it smaller or shorter: reading it took more memory or time than there is.",
    "bytes_mismatch": "Upload it again: its size is not the one that was declared.",
    "checksum_mismatch": "Upload it again: its content is not what the checksum says.",
    "url_refused": "Give an https URL on a public host.",
    "url_failed": "Look whether the URL can be fetched without a login, and import it again.",
    "too_large": "Make it smaller: the message says how large a file may be.",
    "storage_full": "Delete media that are not needed, or have the workspace's limit raised.",
    "upload_expired": "Upload it anew: the upload was not completed in time.",
    "cannot_fit": "Make it smaller or shorter: it could not be brought below the platform's limits.",
}
"""What to do, by code."""


class Refused(Exception):
    """The file is refused. `message` is for the user, and says nothing of what the file holds."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        """One of REFUSALS."""
        self.message = message

"""Pictures opened: only as the type that they were found to be, and only as large as is taken."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pillow_heif
from PIL import Image

from punctual.media.refusals import MAX_FRAMES, MAX_PIXELS, REFUSALS, Refused

_FORMATS = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/heic": ("HEIF",),
    "image/avif": ("AVIF",),
    "image/bmp": ("BMP",),
    "image/tiff": ("TIFF",),
}
"""As Pillow calls them; an MPO is a JPEG with other pictures behind the first."""
_MOVING = {"image/gif", "image/png", "image/webp", "image/avif"}
_RAW = 50706
"""DNGVersion: such a TIFF's first picture is a preview (Adobe DNG 1.7, "DNGVersion")."""
_SUBFILE_TYPE = 254
"""NewSubfileType; bit 0: the picture is a smaller version of another (TIFF 6.0, section 8)."""
pillow_heif.register_heif_opener(thumbnails=False, decode_threads=2)
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def opened(path: Path, mime: str) -> Image.Image:
    """Not decoded yet. Raises Refused, and what Pillow raises."""
    image = Image.open(path, formats=_FORMATS[mime])
    if mime == "image/tiff" and _is_preview(image):
        raise Refused("unknown_type", "It is a camera's raw photo. " + REFUSALS["unknown_type"])
    return image


@contextmanager
def bounded() -> Iterator[None]:
    """Raises Refused where Pillow finds a picture, or one of its frames, too large to be decoded."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels", "It has more than 100 million pixels.") from None


def frames(image: Image.Image, mime: str) -> int:
    """1: it does not move. A HEIC's and a TIFF's other pictures are not frames of it."""
    count = getattr(image, "n_frames", 1) if mime in _MOVING else 1
    if count > MAX_FRAMES:
        raise Refused("too_many_frames", f"It has {count} frames.")
    return count


def _is_preview(image: Image.Image) -> bool:
    tags = image.getexif()
    return _RAW in tags or bool(int(tags.get(_SUBFILE_TYPE, 0)) & 1)

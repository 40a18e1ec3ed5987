"""Pictures: what they are. Every frame is decoded, so that what is damaged is found now, and by nobody else later."""

from pathlib import Path

from PIL import ExifTags, Image

from punctual.media.facts import Facts
from punctual.workshop import locations, opening
from punctual.workshop.locations import BROKEN_EXIF

_UNSEEN_MS = 10
_SHOWN_MS = 100
"""Browsers show a frame for a tenth of a second that is said to last a hundredth or less
(https://searchfox.org/mozilla-central/source/image/FrameTimeout.h)."""


def probe(path: Path, mime: str) -> Facts:
    """All but its bytes and checksum. Raises Refused, and what Pillow raises."""
    with opening.opened(path, mime) as image:
        frames, size = opening.frames(image, mime), image.size
        if frames == 1:
            duration_ms, has_alpha = None, _decode(image, mime)
        else:
            duration_ms, has_alpha = sum(durations(image)), image.has_transparency_data
        turned, said = orientation(image), locations.says_where(path, mime, image)
    width, height = upright(size, turned)
    return Facts(
        kind="image" if frames == 1 else "animation",
        type=mime,
        bytes=0,
        sha256="",
        width=width,
        height=height,
        orientation=turned,
        frames=None if frames == 1 else frames - first_frame(image),
        duration_ms=duration_ms,
        has_alpha=has_alpha,
        has_location=said,
    )


def orientation(image: Image.Image) -> int:
    """EXIF's; a broken EXIF says nothing, as everywhere."""
    try:
        said = image.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN_EXIF:
        return 1
    return said if said in range(1, 9) else 1


def upright(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    width, height = size
    return (height, width) if orientation >= 5 else (width, height)


def durations(image: Image.Image) -> list[int]:
    """Of every frame of an animation, in milliseconds, as it is shown. Decodes them."""
    found = []
    for number in range(first_frame(image), count(image)):
        image.seek(number)
        image.load()
        said = round(image.info.get("duration", 0))
        found.append(said if said > _UNSEEN_MS else _SHOWN_MS)
    return found


def count(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def first_frame(image: Image.Image) -> int:
    """Of an animation: a PNG may begin with a picture that is shown only where nothing moves."""
    return 1 if getattr(image, "default_image", False) else 0


def _decode(image: Image.Image, mime: str) -> bool:
    """Whether something is seen through it."""
    if mime == "image/jpeg":  # an eighth is enough to have read all of it, and takes a 64th of the memory
        image.draft(image.mode, (max(1, image.width // 8), max(1, image.height // 8)))
    image.load()
    if image.mode in ("RGBA", "LA", "PA"):
        return image.getchannel("A").histogram()[255] < image.width * image.height
    return image.has_transparency_data

"""sRGB, eight bits, whatever the source: what every platform shows alike."""

import io
from collections.abc import Callable
from typing import TypeAlias, cast

from PIL import Image, ImageCms

Step: TypeAlias = Callable[[Image.Image], Image.Image]
_SPACES = {"RGB": "RGB ", "RGBA": "RGB ", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab "}
"""By Pillow's mode, as ICC writes it."""


def plain(image: Image.Image) -> Image.Image:
    """In a mode that can be scaled: no palette, no more than eight bits a channel."""
    if image.mode in ("RGB", "RGBA", "L", "CMYK", "LAB"):
        if "transparency" not in image.info:
            return image
        return image.convert("RGBA")
    if image.mode.startswith("I;16"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("I", "F"):
        return _stretched(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("RGBX", "YCbCr", "HSV"):
        return image.convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB or RGBA, of a plain one. A profile that is broken, or of other colours than the picture's, says nothing."""
    if image.mode == "RGBA" and not profile:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha else image
    found = (_converted(colours, profile) if profile else None) or _assumed(colours)
    if alpha:
        found.putalpha(alpha)
    return found


def flattened(image: Image.Image) -> Image.Image:
    """On white: what has no alpha must show something behind it."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != _SPACES[image.mode]:
            return None
        return _transformed(image, source)
    except (ImageCms.PyCMSError, OSError):
        return None


def _assumed(image: Image.Image) -> Image.Image:
    if image.mode == "LAB":
        return _transformed(image, ImageCms.createProfile("LAB"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile | ImageCms.core.CmsProfile) -> Image.Image:
    made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return made or image


def _stretched(image: Image.Image) -> Image.Image:
    """Measurements rather than a picture: from their least to their greatest."""
    lowest, highest = cast("tuple[float, float]", image.getextrema())
    scale = 255 / ((highest - lowest) or 1)
    return image.convert("F").point(lambda value: value * scale - lowest * scale).convert("L")

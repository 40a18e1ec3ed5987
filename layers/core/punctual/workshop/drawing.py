"""A picture as it is shown: scaled, in sRGB, upright."""

from PIL import Image

from punctual.workshop import colours
from punctual.workshop.sizing import Size

HEADROOM = 2.0
"""How much larger than the target a picture is, at least, where it is first made smaller without care, for speed."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF's orientation, as in Pillow's ImageOps.exif_transpose, which asks the EXIF that scaling has lost."""


def drawn(image: Image.Image, size: Size, turned: int, profile: bytes | None) -> Image.Image:
    """`size`: before it is turned. Scaled first, and each step's picture is let go at once: a large one takes 400 MB,
    and so does every copy of it. The image is used up."""
    steps = [colours.plain, _scaler(size), lambda each: colours.srgb(each, profile), _turner(turned)]
    for step in steps:
        after = step(image)
        if after is not image:
            image.close()
        image = after
    image.info.clear()
    return image


def _scaler(size: Size) -> colours.Step:
    def scale(image: Image.Image) -> Image.Image:
        if image.size == size:
            return image
        return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=HEADROOM)

    return scale


def _turner(turned: int) -> colours.Step:
    return lambda image: image.transpose(_TURNS[turned]) if turned in _TURNS else image

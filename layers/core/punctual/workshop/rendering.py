"""Pictures by a recipe: upright, sRGB, without metadata, and no larger than it says."""

from pathlib import Path
from typing import Any

from PIL import Image

from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused
from punctual.workshop import colours, drawing, images, moving, opening, sizing
from punctual.workshop.sizing import Size

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
"""What can be made, as Pillow calls it."""


def render(path: Path, mime: str, recipe: Recipe, target: Path) -> None:
    """Raises Refused, and what Pillow raises."""
    if recipe.type not in FORMATS:
        raise Refused("cannot_fit", f"Pictures are made as {', '.join(FORMATS)}, not as {recipe.type}.")
    with opening.opened(path, mime) as image:
        if recipe.kind == "animation" and opening.frames(image, mime) > 1:
            moving.render(image, recipe, target)
        else:
            _render_still(image, recipe, target)


def _render_still(image: Image.Image, recipe: Recipe, target: Path) -> None:
    """Of an animation, the first frame."""
    turned = images.orientation(image)
    size = images.upright(sizing.scaled(images.upright(image.size, turned), recipe), turned)
    image.draft(image.mode, (int(size[0] * drawing.HEADROOM), int(size[1] * drawing.HEADROOM)))
    drawn = drawing.drawn(image, size, turned, image.info.get("icc_profile"))
    write(drawn, recipe, target)


def write(drawn: Image.Image, recipe: Recipe, target: Path) -> None:
    """One that is upright, in sRGB, and within the recipe's size."""
    shown = colours.flattened(drawn) if recipe.type == "image/jpeg" else drawn

    def save(size: Size, options: dict[str, Any]) -> None:
        fitting = shown if size == shown.size else shown.resize(size, Image.Resampling.LANCZOS)
        fitting.save(target, FORMATS[recipe.type], **options)

    sizing.fit(shown.size, recipe, target, save)

"""How large what is made may be: in pixels at once, in bytes by trying."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused

_QUALITIES = (90, 82, 74)
"""Of a JPEG and a WebP, tried in this order before a picture is scaled down for its bytes."""
_MOST_SCALES = 8
_LEAST_SIDE = 16
"""Pixels: below, nobody sees what it shows."""
Size: TypeAlias = tuple[int, int]
Write: TypeAlias = Callable[[Size, dict[str, Any]], None]
"""Writes the target anew, of that size and with those of Pillow's options."""


def scaled(size: Size, recipe: Recipe) -> Size:
    """The largest size of the same shape within the recipe's limits; never larger than the source."""
    width, height = size
    factors = [
        1.0,
        (recipe.max_width or width) / width,
        (recipe.max_height or height) / height,
        math.sqrt((recipe.max_pixels or width * height) / (width * height)),
    ]
    return times(size, min(factors))


def times(size: Size, factor: float) -> Size:
    """Rounded down, so that no limit is passed; at least a pixel."""
    width, height = size
    return (max(1, int(width * factor + 1e-9)), max(1, int(height * factor + 1e-9)))


def fit(size: Size, recipe: Recipe, target: Path, write: Write) -> None:
    """Writes until it is no larger than `max_bytes`: first with less quality, then with fewer pixels."""
    allowed = recipe.max_bytes or math.inf
    options: list[dict[str, Any]] = [{}]
    if recipe.type in ("image/jpeg", "image/webp"):
        options = [{"quality": quality} for quality in _QUALITIES]
    for _ in range(_MOST_SCALES):
        for option in options:
            write(size, option)
            if target.stat().st_size <= allowed:
                return
        options = options[-1:]
        smaller = times(size, min(0.9, 0.95 * math.sqrt(allowed / target.stat().st_size)))
        if smaller == size or max(smaller) < _LEAST_SIDE:
            break
        size = smaller
    raise Refused("cannot_fit", f"It could not be brought below {allowed:,} bytes.")

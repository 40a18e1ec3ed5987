"""Animations by a recipe: every frame with its time, and as often as they are shown."""

from pathlib import Path
from typing import Any

from PIL import Image

from punctual.media.recipes import Recipe
from punctual.media.refusals import Refused
from punctual.workshop import drawing, images, sizing
from punctual.workshop.sizing import Size

FORMATS = {"image/gif": "GIF", "image/webp": "WEBP"}


class Shown(Image.Image):
    """An animation of a given size, drawn frame by frame while it is written: all of them at once would not fit."""

    def __init__(self, source: Image.Image, size: Size):
        super().__init__()
        self._source = source
        self._turned = images.orientation(source)
        self._size_unturned = images.upright(size, self._turned)
        self._profile = source.info.get("icc_profile")
        self._first = images.first_frame(source)
        self._at = -1
        self.n_frames = images.count(source) - self._first
        self.is_animated = True
        self.seek(0)

    def seek(self, frame: int) -> None:
        if not 0 <= frame < self.n_frames:
            raise EOFError("there is no such frame")
        if frame != self._at:
            self._source.seek(self._first + frame)
            drawn = drawing.drawn(self._source.copy(), self._size_unturned, self._turned, self._profile)
            self._at, self.im, self._size, self._mode = frame, drawn.im, drawn.size, drawn.mode

    def tell(self) -> int:
        return self._at


def render(image: Image.Image, recipe: Recipe, target: Path) -> None:
    if recipe.type not in FORMATS:
        raise Refused("cannot_fit", f"Animations are made as {', '.join(FORMATS)}, not as {recipe.type}.")
    shown_for, plays, is_seen_through = images.durations(image), _plays(image), image.has_transparency_data
    if recipe.type == "image/gif":
        shown_for = _hundredths(shown_for)

    def write(size: Size, options: dict[str, Any]) -> None:
        shown = Shown(image, size)
        if recipe.type == "image/gif":
            options = {"disposal": 2 if is_seen_through else 1, **({} if plays == 1 else {"loop": max(0, plays - 1)})}
        else:
            options = {**options, "loop": plays}
        shown.save(target, FORMATS[recipe.type], save_all=True, duration=shown_for, **options)

    turned = images.orientation(image)
    sizing.fit(sizing.scaled(images.upright(image.size, turned), recipe), recipe, target, write)


def _plays(image: Image.Image) -> int:
    """How often it is shown; 0: for ever. A GIF says how often again, and nothing where it is shown once."""
    if image.format != "GIF":
        return int(image.info.get("loop", 0))
    again = image.info.get("loop")
    return 1 if again is None else again + 1 if again else 0


def _hundredths(durations: list[int]) -> list[int]:
    """A GIF counts hundredths of a second: what is cut from one frame is given to the next. None is as short as those
    that browsers show for longer."""
    found, left = [], 0
    for each in durations:
        rounded = max(20, (each + left) // 10 * 10)
        left += each - rounded
        found.append(rounded)
    return found

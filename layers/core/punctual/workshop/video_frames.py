"""One picture out of a video, and a video out of many pictures."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, chain
from math import ceil
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorTrc
from PIL import Image

from punctual.media.recipes import Recipe
from punctual.workshop import colours, drawing, images, moving, opening, rendering, sizing
from punctual.workshop.video_copying import writing
from punctual.workshop.video_encoding import filming, fitted, is_wide
from punctual.workshop.video_planning import Plan, plan
from punctual.workshop.video_reading import Source, decoded, orientation_of, reading, refused, shown_size

_SMOOTH = 24.0
"""Frames a second that every platform and player takes; what comes slower is shown several times."""
_USUAL_COLOURS: dict[str, Any] = {"dst_color_trc": ColorTrc.BT709, "dst_color_primaries": ColorPrimaries.BT709}


def still(path: Path, mime: str, recipe: Recipe, target: Path) -> None:
    """What is seen at the recipe's time; the last frame where the video has ended by then."""
    with reading(path, mime) as source:
        shown = _shown_at(source, recipe.frame_ms or 0)
        turned = orientation_of(shown)
        size = sizing.scaled(shown_size(shown, source.picture.sample_aspect_ratio, turned), recipe)
        width, height = images.upright(size, turned)
        image = shown.to_image(width=width, height=height, **(_USUAL_COLOURS if is_wide(shown) else {}))
    rendering.write(drawing.drawn(image, image.size, turned, None), recipe, target)


def _shown_at(source: Source, at_ms: int) -> VideoFrame:
    """A frame is seen until the next one comes."""
    base = source.picture.time_base or Fraction(1, 1000)
    wanted = int(Fraction(at_ms, 1000) / base) + (source.picture.start_time or 0)
    try:
        source.container.seek(wanted, stream=source.picture)
    except (av.error.PermissionError, av.error.ArgumentError):  # without an index it is read from its beginning
        source.container.seek(0)
    seen = None
    for packet in source.container.demux(source.picture):
        for each in decoded(packet):
            if seen is not None and each.pts is not None and each.pts > wanted:
                return seen
            seen = each
    if seen is None:
        raise refused("unreadable")
    return seen


def film(path: Path, mime: str, recipe: Recipe, target: Path) -> None:
    """An animation as a video: each frame for as long as it was shown, on white where it was seen through."""
    facts = images.probe(path, mime)
    with opening.opened(path, mime) as image:
        shown_for = images.durations(image)
        planned = plan(replace(facts, frame_rate=_rate(shown_for), duration_ms=sum(shown_for)), recipe)
        fitted(planned, target, lambda each: _film_as(image, shown_for, each, recipe, target))


def _rate(shown_for: list[int]) -> float:
    """As many as its shortest frame asks for, or several times as many."""
    least = 1000 / min(shown_for)
    return least * ceil(_SMOOTH / least)


def _film_as(image: Image.Image, shown_for: list[int], planned: Plan, recipe: Recipe, target: Path) -> None:
    with writing(target, recipe.type) as container:
        write = filming(container, planned)
        for frame in chain(_frames(image, shown_for, planned), [None]):
            container.mux(list(write(frame)))


def _frames(image: Image.Image, shown_for: list[int], planned: Plan) -> Iterator[VideoFrame]:
    shown = moving.Shown(image, (planned.width, planned.height))
    for number, (start, lasts) in enumerate(zip(accumulate(shown_for, initial=0), shown_for, strict=False)):
        shown.seek(number)
        frame = VideoFrame.from_image(colours.flattened(shown))
        frame.pts, frame.duration, frame.time_base = start, lasts, Fraction(1, 1000)
        yield frame

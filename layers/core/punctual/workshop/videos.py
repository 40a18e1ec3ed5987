"""Videos: what they are, and what is made of them.

video_containers  their outermost structure
video_reading     opening them, and nothing else
video_probing     what they are
video_copying     the same streams in another file
video_encoding    streams made anew, as H.264 and AAC
video_frames      one picture out of them, and many pictures made one of them
"""

from pathlib import Path

from punctual.media.facts import Facts
from punctual.media.recipes import Recipe
from punctual.workshop import sniffing, video_copying, video_encoding, video_frames, video_probing
from punctual.workshop.video_reading import refused


def probe(path: Path, mime: str) -> Facts:
    """All but the hash, which takes reading the file whole."""
    return video_probing.probe(path, mime)


def clean(path: Path, target: Path) -> None:
    """The same picture and sound without what else is said of them, but how to turn them."""
    mime = sniffing.sniff(path)
    video_copying.copy(path, mime, target, mime)


def render(path: Path, recipe: Recipe, target: Path) -> None:
    """A video by a recipe, or a picture out of one; of an animation, too. Raises Refused where it does not fit."""
    mime = sniffing.sniff(path)
    if not mime.startswith("video/"):
        video_frames.film(path, mime, recipe, target)
    elif recipe.kind == "image":
        video_frames.still(path, mime, recipe, target)
    elif recipe.video == "copy":
        video_copying.copy(path, mime, target, recipe.type, encodes_audio=recipe.audio == "encode")
    else:
        video_encoding.encode(path, mime, recipe, target)
    if recipe.max_bytes is not None and target.stat().st_size > recipe.max_bytes:
        raise refused("cannot_fit")

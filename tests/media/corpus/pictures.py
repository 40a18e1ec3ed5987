"""Honest pictures that do not move: every type, every kind of colours, every shape."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from tests.media.corpus.drawn import display_p3, encoded, picture, png
from tests.media.corpus.samples import Making, Sample


def _saved(image: Callable[[], Image.Image], encoder: str, **options: Any) -> Making:
    return lambda path: image().save(path, encoder, **options)


def _as(mode: str) -> Callable[[], Image.Image]:
    return lambda: picture(mode=mode)


def _see_through() -> Image.Image:
    image = picture(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 32, 24))
    return image


def _palette_see_through(path: Path) -> None:
    image = picture().quantize(8)
    image.save(path, "PNG", transparency=image.getpixel((0, 0)))


def _grey16(path: Path) -> None:
    rows = b"".join(b"\0" + b"".join((x * 1000).to_bytes(2, "big") for x in range(64)) for _ in range(48))
    path.write_bytes(png(64, 48, 16, 0, rows))


def _colour16(path: Path) -> None:
    shown = picture()
    rows = b"".join(
        b"\0" + b"".join(bytes((each, each)) for x in range(64) for each in shown.getpixel((x, y))) for y in range(48)
    )
    path.write_bytes(png(64, 48, 16, 2, rows))


def _pages(path: Path) -> None:
    pages = [picture(64, 48), picture(32, 24), picture(16, 12)]
    pages[0].save(path, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")


def _heic_of_three(path: Path) -> None:
    pages = [picture(64, 48), picture(64, 48), picture(64, 48)]
    pages[0].save(path, "HEIF", save_all=True, append_images=pages[1:])


def _without_its_end(path: Path) -> None:
    path.write_bytes(encoded(picture(), "GIF").removesuffix(b";"))


def _samples() -> Iterator[Sample]:
    made: list[tuple[str, str, Making, dict[str, Any]]] = [
        ("jpeg", "image/jpeg", _saved(picture, "JPEG"), {}),
        ("jpeg-progressive", "image/jpeg", _saved(picture, "JPEG", progressive=True), {}),
        ("jpeg-grey", "image/jpeg", _saved(_as("L"), "JPEG"), {}),
        ("jpeg-cmyk", "image/jpeg", _saved(_as("CMYK"), "JPEG"), {}),
        ("jpeg-of-rgb", "image/jpeg", _saved(picture, "JPEG", keep_rgb=True), {}),
        ("jpeg-p3", "image/jpeg", _saved(picture, "JPEG", icc_profile=display_p3()), {}),
        ("gif-without-its-end", "image/gif", _without_its_end, {}),
        ("png", "image/png", _saved(picture, "PNG"), {}),
        ("png-alpha", "image/png", _saved(_see_through, "PNG"), {"has_alpha": True}),
        ("png-opaque-alpha", "image/png", _saved(_as("RGBA"), "PNG"), {"has_alpha": False}),
        ("png-grey-alpha", "image/png", _saved(lambda: _see_through().convert("LA"), "PNG"), {"has_alpha": True}),
        ("png-palette", "image/png", _saved(lambda: picture().quantize(8), "PNG"), {"has_alpha": False}),
        ("png-palette-alpha", "image/png", _palette_see_through, {"has_alpha": True}),
        ("png-one-bit", "image/png", _saved(_as("1"), "PNG"), {}),
        ("png-grey-16-bit", "image/png", _grey16, {}),
        ("png-16-bit", "image/png", _colour16, {}),
        ("png-p3", "image/png", _saved(picture, "PNG", icc_profile=display_p3()), {}),
        ("png-1x1", "image/png", _saved(lambda: picture(2, 2).resize((1, 1)), "PNG"), {"width": 1, "height": 1}),
        ("png-wide", "image/png", _saved(lambda: picture(20_000, 2), "PNG"), {"width": 20_000, "height": 2}),
        ("jpeg-tall", "image/jpeg", _saved(lambda: picture(2, 20_000), "JPEG"), {"width": 2, "height": 20_000}),
        ("gif-still", "image/gif", _saved(picture, "GIF"), {"frames": None}),
        ("webp", "image/webp", _saved(picture, "WEBP"), {}),
        ("webp-lossless", "image/webp", _saved(_see_through, "WEBP", lossless=True), {"has_alpha": True}),
        ("heic", "image/heic", _saved(picture, "HEIF"), {}),
        ("heic-alpha", "image/heic", _saved(_see_through, "HEIF"), {"has_alpha": True}),
        ("heic-of-three", "image/heic", _heic_of_three, {"frames": None}),
        ("avif", "image/avif", _saved(picture, "AVIF"), {}),
        ("avif-alpha", "image/avif", _saved(_see_through, "AVIF"), {"has_alpha": True}),
        ("bmp", "image/bmp", _saved(picture, "BMP"), {}),
        ("tiff", "image/tiff", _saved(picture, "TIFF"), {}),
        ("tiff-cmyk", "image/tiff", _saved(_as("CMYK"), "TIFF"), {}),
        ("tiff-lab", "image/tiff", _saved(_as("LAB"), "TIFF"), {}),
        ("tiff-floats", "image/tiff", _saved(_as("F"), "TIFF"), {}),
        ("tiff-of-pages", "image/tiff", _pages, {"frames": None}),
    ]
    for name, mime, make, facts in made:
        yield Sample(
            name=name,
            make=make,
            declared=mime,
            facts={"kind": "image", "type": mime, "width": 64, "height": 48, "has_location": False, **facts},
        )


SAMPLES = list(_samples())

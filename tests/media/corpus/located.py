"""Pictures that say how they are turned, and where they were taken."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, TiffImagePlugin

from tests.media.corpus.drawn import chunk, encoded, frames, picture, segment
from tests.media.corpus.samples import Making, Sample

PLACE = b"48.8577N"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="' + PLACE + b'"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
_UNTURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(orientation: int) -> Image.Image:
    """As a camera stores it that is held so."""
    return picture().transpose(_UNTURN[orientation]) if orientation in _UNTURN else picture()


def exif(orientation: int = 1, located: bool = False) -> Image.Exif:
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = orientation
    found[ExifTags.Base.Make] = "Camera"
    if located:
        found.get_ifd(ExifTags.IFD.GPSInfo).update(
            {1: "N", 2: (48.0, 51.0, 27.7), 3: "E", 4: (2.0, 17.0, 42.0), 29: "2026:05:05"}
        )
    return found


def _saved(encoder: str, orientation: int = 1, **options: Any) -> Making:
    return lambda path: turned(orientation).save(path, encoder, **options)


def _iptc(path: Path) -> None:
    city = b"\x1c\x02\x5a" + (5).to_bytes(2, "big") + b"Paris"
    block = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + len(city).to_bytes(4, "big") + city
    whole = encoded(picture(), "JPEG")
    path.write_bytes(whole[:2] + segment(0xED, block) + whole[2:])


def _gif_xmp(path: Path) -> None:
    first, *others = frames(4)
    whole = encoded(first, "GIF", save_all=True, append_images=others, duration=100, loop=0)
    said = b"!\xff\x0bXMP DataXMP" + XMP + bytes([1, *range(255, -1, -1)]) + b"\0"
    at = whole.index(b"!\xff\x0bNETSCAPE")
    path.write_bytes(whole[:at] + said + whole[at:])


def _png_text(path: Path) -> None:
    whole = encoded(picture(), "PNG")
    path.write_bytes(whole[:33] + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP) + whole[33:])


def _png_packed(path: Path) -> None:
    whole = encoded(picture(), "PNG")
    said = chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(XMP))
    other = chunk(b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(XMP))
    path.write_bytes(whole[:33] + (other if path.name.endswith("profile") else said) + whole[33:])


def _tiff_xmp(path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[700] = XMP
    tags.tagtype[700] = 1
    picture().save(path, "TIFF", tiffinfo=tags)


def _motion_photo(path: Path) -> None:
    """As phones write it: a short video behind the picture."""
    path.write_bytes(encoded(picture(), "JPEG") + b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(range(256)) * 20)


def _two_pictures(path: Path) -> None:
    other = encoded(picture(), "JPEG", exif=exif(located=True))
    path.write_bytes(encoded(picture(), "JPEG") + other)


def _padded(path: Path) -> None:
    path.write_bytes(encoded(picture(), "JPEG") + bytes(2000))


def _tiff(path: Path) -> None:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[ExifTags.IFD.GPSInfo] = {1: "N", 2: (48.0, 51.0, 27.7), 3: "E", 4: (2.0, 17.0, 42.0)}
    picture().save(path, "TIFF", tiffinfo=tags)


def _samples() -> Iterator[Sample]:
    for orientation in range(1, 9):
        for encoder, suffix, mime in (
            ("JPEG", "jpeg", "image/jpeg"),
            ("PNG", "png", "image/png"),
            ("WEBP", "webp", "image/webp"),
        ):
            if encoder == "JPEG" or orientation in (3, 6):
                make = _saved(encoder, orientation, exif=exif(orientation))
                yield _sample(f"{suffix}-turned-{orientation}", mime, make, orientation=orientation, has_location=False)
                make = _saved(encoder, orientation, exif=exif(orientation, located=True))
                yield _sample(f"{suffix}-turned-{orientation}-located", mime, make, orientation=orientation)
    yield _sample("heic-turned", "image/heic", _saved("HEIF", 6, exif=exif(6).tobytes()), has_location=False)
    yield _sample("avif-turned", "image/avif", _saved("AVIF", 6, exif=exif(6)), has_location=False, orientation=6)
    for name, mime, make in (
        ("heic-located", "image/heic", _saved("HEIF", exif=exif(located=True))),
        ("heic-xmp", "image/heic", _saved("HEIF", xmp=XMP)),
        ("avif-located", "image/avif", _saved("AVIF", exif=exif(located=True))),
        ("avif-xmp", "image/avif", _saved("AVIF", xmp=XMP)),
        ("tiff-located", "image/tiff", _tiff),
        ("jpeg-xmp", "image/jpeg", _saved("JPEG", xmp=XMP)),
        ("webp-xmp", "image/webp", _saved("WEBP", xmp=XMP)),
        ("png-xmp", "image/png", _png_text),
        ("png-packed-xmp", "image/png", _png_packed),
        ("png-xmp-in-a-profile", "image/png", _png_packed),
        ("tiff-xmp", "image/tiff", _tiff_xmp),
        ("jpeg-xmp-utf-16", "image/jpeg", _saved("JPEG", xmp=XMP.decode().encode("utf-16"))),
        ("jpeg-iptc", "image/jpeg", _iptc),
        ("jpeg-motion-photo", "image/jpeg", _motion_photo),
        ("jpeg-two-pictures", "image/jpeg", _two_pictures),
    ):
        yield _sample(name, mime, make)
    yield _sample("gif-xmp", "image/gif", _gif_xmp, kind="animation", frames=4)
    yield _sample("jpeg-padded", "image/jpeg", _padded, has_location=False)


def _sample(name: str, mime: str, make: Making, **facts: Any) -> Sample:
    said = {"kind": "image", "type": mime, "width": 64, "height": 48, "has_location": True, **facts}
    return Sample(name=name, make=make, declared=mime, facts=said)


SAMPLES = list(_samples())

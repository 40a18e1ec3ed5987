"""What the corpus shows: a picture whose corners differ, so that one sees how it is turned, and its colours."""

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()
RED, GREEN, BLUE, WHITE = (230, 30, 30), (30, 200, 60), (40, 60, 220), (250, 250, 250)
"""The corners: upper left, upper right, lower left, lower right."""
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    image = Image.new("RGB", (width, height))
    for number, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        left, upper = (number % 2) * (width // 2), (number // 2) * (height // 2)
        image.paste(colour, (left, upper, width if number % 2 else width // 2, height if number > 1 else height // 2))
    return image.convert(mode)


def noisy(width: int, height: int) -> Image.Image:
    """What no encoder makes small."""
    return Image.merge("RGB", [Image.effect_noise((width, height), 120) for _ in range(3)])


def frames(count: int, width: int = 64, height: int = 48) -> list[Image.Image]:
    found = []
    for number in range(count):
        image = picture(width, height)
        image.paste((number * 40 % 256, 128, 0), (number % width, 4, number % width + 8, 12))
        found.append(image)
    return found


def encoded(image: Image.Image, encoder: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, encoder, **options)
    return file.getvalue()


def png(width: int, height: int, bits: int, colour: int, rows: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    """By hand: what Pillow does not write. `rows` is what is to be compressed."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    pieces = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, content) for name, content in pieces)


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def segment(marker: int, content: bytes) -> bytes:
    """Of a JPEG."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def display_p3() -> bytes:
    """A profile with Display P3's primaries (D50-adapted, as in Apple's) and a gamma of 2.2."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    gamma = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 3) + b"P3\0" + bytes(78 + 7)),
        (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"rXYZ", xyz(0.51512, 0.2412, -0.00105)),
        (b"gXYZ", xyz(0.29198, 0.69225, 0.04189)),
        (b"bXYZ", xyz(0.1571, 0.06657, 0.78407)),
        *((name, gamma) for name in (b"rTRC", b"gTRC", b"bTRC")),
    ]
    table, content, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags:
        value += bytes(-len(value) % 4)
        table += name + struct.pack(">II", at, len(value))
        content, at = content + value, at + len(value)
    header = struct.pack(">I4sI4s4s4s", at, b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content

"""Bytes that come to the platform: by an upload that can go on where it broke off, or fetched by the platform."""

from dataclasses import dataclass, field

import httpx

from tests.contract.meta.refusals import Refused

MAGIC = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}


@dataclass
class Arrival:
    """What of a file has come. `size` is known from the beginning, or said with the bytes."""

    size: int | None = None
    content: bytearray = field(default_factory=bytearray)

    @property
    def is_whole(self) -> bool:
        return self.size is not None and len(self.content) == self.size

    def take(self, offset: int, part: bytes) -> None:
        """From where the last ended, no byte twice and none left out."""
        if offset != len(self.content):
            raise Refused(100, f"The offset must be {len(self.content)}", status=400, type="ProcessingFailedError")
        if self.size is not None and len(self.content) + len(part) > self.size:
            raise Refused(100, "More bytes than the file has", status=400, type="ProcessingFailedError")
        self.content += part


def header(request: httpx.Request, name: str) -> int:
    value = request.headers.get(name, "")
    if not value.isdecimal():
        raise Refused(100, f"The header {name} must be a number of bytes")
    return int(value)


def demand_oauth_scheme(request: httpx.Request) -> None:
    """These hosts take the token in this one way: https://developers.facebook.com/docs/video-api/guides/reels-publishing"""
    if not request.headers.get("Authorization", "").startswith("OAuth "):
        raise Refused(190, "The header Authorization must be: OAuth <access token>")


def type_of(content: bytes) -> str | None:
    """What the first bytes say; None where they say nothing that we know."""
    if content[4:8] == b"ftyp":
        return "image/heic" if content[8:12] in (b"heic", b"heix", b"mif1", b"avif") else "video/mp4"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC.items() if content.startswith(magic)), None)

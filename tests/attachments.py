"""Files as providers get them, and notes of what was read of them."""

import io
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from PIL import Image

from punctual.providers.media import Attachment, MediaKind


@dataclass
class Bytes:
    """`Content` in memory."""

    data: bytes = field(repr=False)
    reads: list[tuple[int, int]] = field(default_factory=list)

    def read(self, start: int, length: int) -> bytes:
        self.reads.append((start, length))
        return self.data[start : start + length]

    def url(self) -> str:
        return f"https://media.example/{sha256(self.data).hexdigest()}"


_TYPES: dict[MediaKind, str] = {
    "image": "image/jpeg",
    "animation": "image/gif",
    "video": "video/mp4",
    "document": "application/pdf",
}


def attachment(data: bytes = b"a picture", *, kind: MediaKind = "image", **changed: Any) -> Attachment:
    about: dict[str, Any] = {
        "media_id": "med_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "kind": kind,
        "type": _TYPES[kind],
        "bytes": len(data),
        "width": 0 if kind == "document" else 1200,
        "height": 0 if kind == "document" else 800,
        "pages": 12 if kind == "document" else None,
        "duration_ms": 12_500 if kind == "video" else None,
        "sha256": sha256(data).hexdigest(),
        "content": Bytes(data),
    }
    return Attachment(**{**about, **changed})


def reads_of(found: Attachment) -> list[tuple[int, int]]:
    """Where its content was read, and how much."""
    assert isinstance(found.content, Bytes)
    return found.content.reads


def picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 30), colour: str = "red", **changed: Any) -> Attachment:
    """One that any program can open."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    about: dict[str, Any] = {"type": f"image/{kind.lower()}", "width": size[0], "height": size[1], **changed}
    return attachment(file.getvalue(), **about)

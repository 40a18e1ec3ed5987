"""Files: uploaded in parts, or fetched from where they are; a row each, a row for every part, and the bytes in the
bucket. Whoever holds a token makes them; anyone may see those that are ready."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from boto3.dynamodb.conditions import Key as Named
from pydantic import BaseModel, ConfigDict, Field
from ulid import ULID

from punctual.clock import to_text
from punctual.tables import Change, Table
from sandbox.errors import Refusal
from sandbox.network import Call

MEGABYTE = 1024 * 1024
LARGEST_SUM = 128 * MEGABYTE
"""Of a larger file no sum is made: it could not be read within a request."""
MAX_BYTES = {
    "image/jpeg": 5 * MEGABYTE,
    "image/png": 5 * MEGABYTE,
    "image/gif": 5 * MEGABYTE,
    "image/webp": 5 * MEGABYTE,
    "video/mp4": 5 * 1024 * MEGABYTE,
    "application/pdf": 100 * MEGABYTE,
}
_KEPT = timedelta(days=7)
"""As the bucket's own rule for `sandbox/` has it."""


class File(BaseModel):
    """`text` is the post's that it is for: its script plays on the calls of the upload."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    account_id: str
    type: str
    bytes: int
    part_bytes: int
    text: str = Field(default="", repr=False)
    is_finished: bool = False
    sha256: str | None = None
    ready_at: str = ""

    @property
    def parts(self) -> int:
        return -(-self.bytes // self.part_bytes)

    @property
    def is_video(self) -> bool:
        return self.type.startswith("video/")

    def is_ready(self, at: datetime) -> bool:
        return self.is_finished and self.ready_at <= to_text(at)


class Received(BaseModel):
    """What is there of a file. `sent_again` counts parts that came although they were there."""

    model_config = ConfigDict(frozen=True)

    numbers: list[int]
    sent_again: int


def new_id() -> str:
    return str(ULID()).lower()


def create(call: Call, account_id: str, *, type: str, bytes: int, text: str = "", file_id: str = "") -> File:  # noqa: A002
    limit = MAX_BYTES.get(type)
    if limit is None:
        raise Refusal(422, "unsupported_type", "This network takes JPEG, PNG, GIF, WebP, MP4 and PDF.")
    if bytes > limit:
        raise Refusal(422, "file_too_large", f"A file of this type has at most {limit} bytes.")
    about = {"type": type, "bytes": bytes, "part_bytes": call.network.part_bytes, "text": text}
    made = File.model_validate({"id": file_id or new_id(), "account_id": account_id, **about})
    expires_at = int((call.now() + _KEPT).timestamp())
    call.table.put({**_key(made.id), **made.model_dump(), "expires_at": expires_at})
    return made


def find(table: Table, file_id: str) -> File | None:
    found = table.get(_key(file_id))
    return File.model_validate(found) if found else None


def get(table: Table, file_id: str, account_id: str) -> File:
    found = find(table, file_id)
    if not found or found.account_id != account_id:
        raise Refusal(404, "no_such_upload", "There is no such upload of yours.")
    return found


def put_part(call: Call, file: File, number: int, content: bytes) -> None:
    """The bytes first: a part that is counted is there. Each has its one size, and the first says what the file is."""
    if not 1 <= number <= file.parts:
        raise Refusal(422, "no_such_part", f"This upload has the parts 1 to {file.parts}.")
    if file.is_finished:
        raise Refusal(409, "already_finished", "This upload is finished.")
    if len(content) != min(file.part_bytes, file.bytes - (number - 1) * file.part_bytes):
        raise Refusal(422, "wrong_size", f"Every part but the last has {file.part_bytes} bytes, and none is missing.")
    if number == 1 and type_of(content) != file.type:
        raise Refusal(422, "wrong_type", "The file is of another type than was said.")
    call.storage.put(f"{file.id}/{number:05}", content)
    sha256, expires_at = hashlib.sha256(content).hexdigest(), int((call.now() + _KEPT).timestamp())
    change = Change(set={"sha256": sha256, "number": number, "expires_at": expires_at}, add={"times": 1})
    call.table.update(_part_key(file.id, number), change)


def received(table: Table, file_id: str) -> Received:
    condition = Named("pk").eq(f"file#{file_id}") & Named("sk").begins_with("part#")
    rows = list(table.every(condition))
    return Received(numbers=[row["number"] for row in rows], sent_again=sum(row["times"] - 1 for row in rows))


def finish(call: Call, file: File, sha256: str | None = None, *, seconds: int = 0) -> File:
    """Once more changes nothing."""
    if file.is_finished:
        return file
    if len(received(call.table, file.id).numbers) < file.parts:
        raise Refusal(409, "missing_parts", "Not all parts of this upload are there.")
    found = _sum(call, file) if file.bytes <= LARGEST_SUM else None
    if found and sha256 and found != sha256:
        raise Refusal(422, "wrong_sum", "The file is not the one whose sum was given.")
    changes = {"is_finished": True, "sha256": found, "ready_at": to_text(call.now() + timedelta(seconds=seconds))}
    return File.model_validate(call.table.update(_key(file.id), Change(set=changes)))


def read(call: Call, file: File, start: int, end: int) -> bytes:
    """From `start` to before `end`."""
    found = bytearray()
    for number in range(start // file.part_bytes, -(-end // file.part_bytes)):
        begins = number * file.part_bytes
        part = call.storage.get(f"{file.id}/{number + 1:05}")
        found += part[max(0, start - begins) : end - begins]
    return bytes(found)


def type_of(content: bytes) -> str | None:
    """By its first bytes."""
    starts = {
        b"\xff\xd8\xff": "image/jpeg",
        b"\x89PNG\r\n\x1a\n": "image/png",
        b"GIF87a": "image/gif",
        b"GIF89a": "image/gif",
        b"%PDF-": "application/pdf",
    }
    if content[4:8] == b"ftyp":
        return "video/mp4"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    return next((found for start, found in starts.items() if content.startswith(start)), None)


def _sum(call: Call, file: File) -> str:
    found = hashlib.sha256()
    for part in _parts(call, file):
        found.update(part)
    return found.hexdigest()


def _parts(call: Call, file: File) -> Iterator[bytes]:
    return (call.storage.get(f"{file.id}/{number:05}") for number in range(1, file.parts + 1))


def _key(file_id: str) -> dict[str, Any]:
    return {"pk": f"file#{file_id}", "sk": "file"}


def _part_key(file_id: str, number: int) -> dict[str, Any]:
    return {"pk": f"file#{file_id}", "sk": f"part#{number:05}"}

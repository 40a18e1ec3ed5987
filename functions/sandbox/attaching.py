"""What a post says of files, and what it then carries."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox import files
from sandbox.errors import Refusal
from sandbox.grants import Holder
from sandbox.network import PART_BYTES, Call

MAX_FILES = 4


class Named(BaseModel):
    """A file by its id, or by where it is fetched from."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id: str | None = Field(default=None, max_length=100)
    url: str | None = Field(default=None, max_length=4000, repr=False)
    alt_text: str = Field(default="", max_length=1000, repr=False)
    cover_ms: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _is_one(self) -> "Named":
        if (self.id is None) == (self.url is None):
            raise ValueError("an id or a url")
        return self


class Attached(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    type: str
    bytes: int
    sha256: str | None = None
    alt_text: str = Field(default="", repr=False)
    cover_ms: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.type.startswith("image/")

    @property
    def fits_an_answer(self) -> bool:
        return self.bytes <= PART_BYTES

    def shown(self, base: str) -> dict[str, Any]:
        return {**self.model_dump(), "url": f"{base}/media/{self.id}"}


def attached(call: Call, holder: Holder, named: list[Named]) -> tuple[Attached, ...]:
    """Up to four pictures, or one video or document."""
    found = tuple(_attached(_file(call, holder, each), each) for each in named)
    are_pictures = all(each.is_picture for each in found)
    if len(found) > (MAX_FILES if are_pictures else 1):
        raise Refusal(422, "too_many_files", f"A post has up to {MAX_FILES} pictures, or one video or document.")
    return found


def _file(call: Call, holder: Holder, named: Named) -> files.File:
    if named.url:
        from sandbox import fetching  # with httpx, which nothing else here needs

        return fetching.fetched(call, holder.account.id, named.url)
    found = ready(call, named.id or "")
    if found.account_id != holder.account.id:
        raise Refusal(404, "no_such_media", "There is no such file of yours.")
    return found


def ready(call: Call, file_id: str) -> files.File:
    found = files.find(call.table, file_id)
    if not found or not found.is_finished:
        raise Refusal(404, "no_such_media", "There is no such file.")
    if not found.is_ready(call.now()):
        left = str(call.seconds_until(found.ready_at))
        raise Refusal(409, "not_ready", "This file is still processing.", {"Retry-After": left})
    return found


def _attached(file: files.File, named: Named) -> Attached:
    of_video = {"cover_ms": named.cover_ms} if file.is_video else {}
    about = {"id": file.id, "type": file.type, "bytes": file.bytes, "sha256": file.sha256}
    return Attached(**about, alt_text=named.alt_text, **of_video)  # type: ignore[arg-type]  # mixed values

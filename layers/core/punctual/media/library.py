"""Media: a file of a workspace, from the moment somebody says that it will come to the moment nobody needs it.

uploading ─┐
           ├─ probing ── ready ── expired (unused for long) | deleted
importing ─┘     └────── refused
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from punctual.clock import Moment, Now
from punctual.media.facts import Facts
from punctual.stored import Stored
from punctual.tables import Item, Table

MediaStatus: TypeAlias = Literal["uploading", "importing", "probing", "ready", "refused", "expired", "deleted"]
PREFIX = "media/"
"""In the bucket."""
ID = re.compile(r"med_[0-9A-Z]{26}")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One of `punctual.media.refusals`."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Media:
    """`version` counts writes; `next_at` is its clock: by then the next thing must have happened."""

    id: str
    workspace_id: str
    status: MediaStatus
    created_at: Moment
    updated_at: Moment
    file_name: str | None = field(default=None, repr=False)
    alt_text: str = field(default="", repr=False)
    declared_type: str | None = None
    declared_bytes: int | None = None
    declared_sha256: str | None = None
    source_url: str | None = field(default=None, repr=False)
    """What is imported; forgotten once it is here: it may hold a secret."""
    upload_id: str | None = None
    """S3's, of an upload in parts that is not completed."""
    bytes_held: int = 0
    """What counts towards the workspace's storage: its own bytes and its renditions'."""
    facts: Facts | None = None
    refusal: Refusal | None = None
    tries: int = 0
    """Of what its status says is being done."""
    unused_since: Moment | None = None
    """When it was last seen to be needed by no post."""
    version: int = 1
    next_at: Moment | None = None
    expires_epoch: int | None = None
    """Of a row whose files are gone: until when it can still be read."""

    @property
    def folder(self) -> str:
        """Of its objects, in the bucket."""
        return f"{PREFIX}{self.workspace_id}/{self.id}/"

    @property
    def original(self) -> str:
        return f"{self.folder}original"


STORED = Stored(Media)


class Library:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def get(self, workspace_id: str, media_id: str) -> Media | None:
        item = self._table.get(key(workspace_id, media_id))
        return STORED.read(item) if item else None

    def get_all(self, workspace_id: str, media_ids: Sequence[str]) -> dict[str, Media]:
        """By id; those that are not there are left out."""
        keys = [key(workspace_id, media_id) for media_id in dict.fromkeys(media_ids)]
        return {media.id: media for media in map(STORED.read, self._table.get_all(keys) if keys else [])}


def key(workspace_id: str, media_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"media#{media_id}"}

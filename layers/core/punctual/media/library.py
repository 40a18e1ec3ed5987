"""Media: a file of a workspace, from the moment somebody says that it will come to the moment nobody needs it.

uploading ─┐
           ├─ probing ── ready ── expired (unused for long) | deleted
importing ─┘     └────── refused
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, due, ids, paging
from punctual.clock import Moment, Now
from punctual.media.facts import Facts
from punctual.paging import Row, Rows
from punctual.providers.media import MediaKind
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table, transact

MediaStatus: TypeAlias = Literal["uploading", "importing", "probing", "ready", "refused", "expired", "deleted"]
PREFIX = "media/"
"""In the bucket."""
RECEIVED = "received"
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
    busy_until: Moment | None = None
    """A worker is at it, and none else begins before then; its clock cannot say so, since the sweep moves that."""
    expires_epoch: int | None = None
    """Of a row whose files are gone: until when it can still be read."""

    @property
    def may_be_put_back(self) -> bool:
        """It was deleted or expired just now, and a post that was written at the same moment keeps it."""
        return self.status in ("deleted", "expired") and self.expires_epoch is None

    @property
    def folder(self) -> str:
        """Of its objects, in the bucket."""
        return folder(self.workspace_id, self.id)

    @property
    def received(self) -> str:
        """What was uploaded or imported, which nobody looked into. Who may write it might write it once more."""
        return f"{self.folder}{RECEIVED}"

    @property
    def original(self) -> str:
        """What was probed, from then on the same; only `tending` writes it."""
        return f"{self.folder}original"


@dataclass(frozen=True, kw_only=True)
class MediaFilter:
    status: MediaStatus | None = None
    kind: MediaKind | None = None


STORED = Stored(Media)
_WRITE = "write_id"
"""Of the last write, so that whoever made it recognises it; no reader needs it."""


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

    def page(
        self, workspace_id: str, wanted: MediaFilter, limit: int, cursor: str | None, *, oldest_first: bool = True
    ) -> tuple[list[Media], str | None]:
        """In the order in which they were made, without the deleted, and the next page's cursor. Raises BadRequest.

        What the filter leaves out is read all the same, of at most `paging.MOST_READS` times `limit` media a page.
        """
        name = paging.list_name("media", workspace_id, wanted.status, wanted.kind, oldest_first)
        start = key(workspace_id, *paging.place_in(name, cursor, ID)) if cursor else None
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with("media#")

        def read(after: Item | None) -> Rows[Media]:
            page = self._table.query(mine, limit=limit, start=after, forward=oldest_first)
            return [_row(STORED.read(item), wanted) for item in page.items], page.next_key

        found, following = paging.filled(read, limit, start)
        return found, paging.cursor_of(name, following["sk"].removeprefix("media#")) if following else None

    def of_workspace(self, workspace_id: str) -> Iterator[Media]:
        """In the order in which they were made, without the deleted."""
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with("media#")
        for item in self._table.every(mine):
            media = STORED.read(item)
            if media.status != "deleted":
                yield media

    def create(self, workspace_id: str, *, beside: Sequence[Item] = (), **given: Any) -> Media:
        """A new one, with these fields, and what else is to happen in the same transaction: see `store`."""
        return self.store(self.new(workspace_id, **given), beside=beside)

    def new(self, workspace_id: str, **given: Any) -> Media:
        """Not stored yet."""
        now = self._now()
        return Media(id=ids.new("med"), workspace_id=workspace_id, created_at=now, updated_at=now, **given)

    def store(self, media: Media, *, beside: Sequence[Item] = ()) -> Media:
        """Raises ConditionFailed, whose places are those of `beside`, counted from 1."""
        transact(self._table.client, [self.putting(media), *beside])
        return media

    def change(self, seen: Media, *, beside: Sequence[Item] = (), is_news: bool = True, **changes: Any) -> Media:
        """As it is with these fields, and what else is to happen in the same transaction. Raises ConditionFailed where
        it is not as it was seen; of `beside` it names the places, counted from 1. What is no news leaves `updated_at`
        as it is."""
        updated_at = self._now() if is_news else seen.updated_at
        changed = replace(seen, **changes, version=seen.version + 1, updated_at=updated_at)
        write_id = secrets.token_hex(8)
        item = {**_item(changed), _WRITE: write_id}
        names = {*changes, *due.NO_CLOCK, "version", "rev", "updated_at", _WRITE}
        change = Change(set={**{name: item.get(name) for name in names}, **acting.mark()})
        where, as_seen = key(seen.workspace_id, seen.id), Attr("version").eq(seen.version)
        if beside:
            transact(self._table.client, [self._table.updating(where, change, as_seen), *beside])
            return changed
        try:
            self._table.update(where, change, as_seen, tells_why=True)
        except ConditionFailed as error:
            if (error.item or {}).get(_WRITE) != write_id:  # else it is our own, whose acknowledgement was lost
                raise
        return changed

    def remove(self, seen: Media) -> None:
        """Its row. Raises ConditionFailed where it is not as it was seen; once more does no harm."""
        where = key(seen.workspace_id, seen.id)
        self._table.delete(where, Attr("pk").not_exists() | Attr("version").eq(seen.version))

    def putting(self, media: Media) -> Item:
        """For the transaction that makes it."""
        item = {**key(media.workspace_id, media.id), **_item(media), **acting.mark()}
        return self._table.putting(item, Attr("pk").not_exists())


def folder(workspace_id: str, media_id: str) -> str:
    return f"{PREFIX}{workspace_id}/{media_id}/"


def key(workspace_id: str, media_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"media#{media_id}"}


def _item(media: Media) -> Item:
    """With what the index of the overdue shows of it."""
    clock = due.clock(media.id, media.next_at) if media.next_at else due.NO_CLOCK
    return {**STORED.item(media), **clock, "rev": media.version}


def _row(media: Media, wanted: MediaFilter) -> Row[Media]:
    kind = media.facts.kind if media.facts else None
    is_wanted = media.status != "deleted" and wanted.status in (None, media.status) and wanted.kind in (None, kind)
    return Row(key=key(media.workspace_id, media.id), found=media if is_wanted else None)

"""Exports: what a workspace asked to be given of itself. A record says how far one is, the bucket has its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import ids
from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

ExportStatus: TypeAlias = Literal["running", "completed"]
PREFIX = "exports/"
"""In the bucket; the template's rule that deletes them after a while names it too."""


@dataclass(frozen=True, kw_only=True)
class ExportFile:
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Counts:
    channels: int = 0
    media: int = 0
    posts: int = 0
    deliveries: int = 0
    attempts: int = 0
    events: int = 0
    unreadable: int = 0
    """Posts that are stored as nothing that can be read; the export has their ids."""


@dataclass(frozen=True, kw_only=True)
class Export:
    id: str
    workspace_id: str
    status: ExportStatus
    created_at: Moment
    expires_at: Moment
    completed_at: Moment | None = None
    place: str | None = None
    """Where the next part goes on in the list of posts; None before the first."""
    event_id: str | None = None
    """The last event of the parts of events; None before the first."""
    counts: Counts = Counts()
    files: tuple[ExportFile, ...] = ()

    def path(self, name: str) -> str:
        """Of a file, in the bucket."""
        return f"{PREFIX}{self.workspace_id}/{self.id}/{name}"


_STORED = Stored(Export)
_COUNTS = Stored(Counts)
_FILE = Stored(ExportFile)


class Exports:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def begin(self, workspace_id: str, kept: timedelta) -> Export:
        """A new one, or the one that is under way."""
        running = next((each for each in self._all(workspace_id) if each.status == "running"), None)
        if running:
            return running
        now = self._now()
        export = Export(
            id=ids.new("exp"), workspace_id=workspace_id, status="running", created_at=now, expires_at=now + kept
        )
        expires = {"expires_epoch": int(export.expires_at.timestamp())}
        self._table.put({**_key(workspace_id, export.id), **_STORED.item(export), **expires}, Attr("pk").not_exists())
        return export

    def get(self, workspace_id: str, export_id: str) -> Export | None:
        """None too when it has expired: DynamoDB's own expiry may take days."""
        item = self._table.get(_key(workspace_id, export_id))
        export = _STORED.read(item) if item else None
        return export if export and export.expires_at > self._now() else None

    def add(
        self, seen: Export, file: ExportFile, counts: Counts, *, place: str | None = None, event_id: str | None = None
    ) -> bool:
        """One more part, and where the next goes on; whether nobody else added it meanwhile."""
        changed = {"counts": _COUNTS.item(counts), "files": _files([*seen.files, file])}
        on = {"place": place or seen.place, "event_id": event_id or seen.event_id}
        return self._change(seen, {**changed, **on})

    def finish(self, seen: Export, files: Sequence[ExportFile], counts: Counts) -> bool:
        changed = {
            "status": "completed",
            "completed_at": to_text(self._now()),
            "counts": _COUNTS.item(counts),
            "files": _files([*seen.files, *files]),
        }
        return self._change(seen, changed)

    def _change(self, seen: Export, changed: Item) -> bool:
        place = Attr("place").eq(seen.place) if seen.place else Attr("place").not_exists()
        event = Attr("event_id").eq(seen.event_id) if seen.event_id else Attr("event_id").not_exists()
        try:
            where = _key(seen.workspace_id, seen.id)
            self._table.update(where, Change(set=changed), Attr("status").eq("running") & place & event)
        except ConditionFailed:
            return False
        return True

    def _all(self, workspace_id: str) -> list[Export]:
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with("export#")
        found = [_STORED.read(item) for item in self._table.every(mine)]
        return [each for each in found if each.expires_at > self._now()]


def _files(files: Sequence[ExportFile]) -> list[Item]:
    return [_FILE.item(each) for each in files]


def _key(workspace_id: str, export_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"export#{export_id}"}

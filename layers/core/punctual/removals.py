"""Removals under way: marks on the workspace's own row, which goes last, and the message that moves one on."""

from dataclasses import dataclass
from datetime import datetime

from boto3.dynamodb.conditions import Attr

from punctual import workspaces
from punctual.clock import Moment, Now, to_text
from punctual.messages import Queue, RemovalMessage
from punctual.problems import NotFound
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Table


@dataclass(frozen=True, kw_only=True)
class Removal:
    deleting_at: Moment
    shut_at: Moment | None = None
    """When its last key was revoked."""
    found_at: Moment | None = None
    """When there was last anything of it to remove, or when looking began."""
    lingers: bool = False
    """There was something that may be written again for a while, though no key works any more."""
    unrevoked: int = 0
    """Grants that were deleted though their platforms did not confirm that they ended."""


_STORED = Stored(Removal)


class Removals:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def begin(self, workspace_id: str) -> datetime:
        """Since when it is being deleted: nothing of it is published any more. Raises NotFound."""
        now = self._now()
        begun = Change(set={"deleting_at": to_text(now)})
        try:
            new = Attr("pk").exists() & Attr("deleting_at").not_exists()
            self._table.update(workspaces.key(workspace_id), begun, new)
        except ConditionFailed:
            before = self.get(workspace_id)
            if before is None:
                raise NotFound("not_found", "There is no such workspace.") from None
            return before.deleting_at
        return now

    def get(self, workspace_id: str) -> Removal | None:
        """None: it is gone, or nobody asked for it."""
        item = self._table.get(workspaces.key(workspace_id))
        return _STORED.read(item) if item and "deleting_at" in item else None

    def note_open(self, workspace_id: str) -> None:
        """There is a key that works."""
        self._note(workspace_id, Change(remove=["shut_at"]))

    def note_shut(self, workspace_id: str) -> None:
        self._note(workspace_id, Change(set={"shut_at": to_text(self._now())}))

    def note_found(self, workspace_id: str) -> None:
        self._note(workspace_id, Change(set={"found_at": to_text(self._now())}))

    def note_lingering(self, workspace_id: str) -> None:
        self._note(workspace_id, Change(set={"lingers": True}))

    def note_unrevoked(self, workspace_id: str) -> None:
        self._note(workspace_id, Change(add={"unrevoked": 1}))

    def finish(self, workspace_id: str) -> None:
        self._table.delete(workspaces.key(workspace_id))

    def _note(self, workspace_id: str, change: Change) -> None:
        """Raises ConditionFailed once the workspace is gone."""
        self._table.update(workspaces.key(workspace_id), change, Attr("deleting_at").exists())


def request(removals: Removals, queue: Queue, workspace_id: str) -> datetime:
    """Begin, or see to it that it goes on: a message too many does no harm. Raises NotFound."""
    begun_at = removals.begin(workspace_id)
    queue.send(RemovalMessage(workspace_id=workspace_id))
    return begun_at

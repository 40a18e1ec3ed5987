"""Workspaces: the tenants."""

from contextlib import suppress
from dataclasses import dataclass

from boto3.dynamodb.conditions import Attr

from punctual import ids
from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Table


@dataclass(frozen=True, kw_only=True)
class Workspace:
    id: str
    name: str
    created_at: Moment
    return_urls: tuple[str, ...] = ()
    """Where a person may be sent after connecting a channel, compared exactly, or by origin where it has no path."""
    paused_at: Moment | None = None
    deleting_at: Moment | None = None
    """Since when it is being deleted; its row goes last."""


_STORED = Stored(Workspace)


class Workspaces:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(self, name: str, return_urls: tuple[str, ...] = ()) -> Workspace:
        workspace = Workspace(id=ids.new("ws"), name=name, created_at=self._now(), return_urls=return_urls)
        item = {**key(workspace.id), **_STORED.item(workspace)}
        self._table.put(item, Attr("pk").not_exists())
        return workspace

    def get(self, workspace_id: str) -> Workspace | None:
        item = self._table.get(key(workspace_id))
        return _STORED.read(item) if item else None

    def stir(self, workspace_id: str) -> None:
        """Its row is written, so that the table's stream has the functions behind it look at the workspace's feed: it
        has more, of something that no stream tells."""
        with suppress(ConditionFailed):  # it is gone
            self._table.update(key(workspace_id), Change(set={"stirred_at": to_text(self._now())}), Attr("pk").exists())


def key(workspace_id: str) -> dict[str, str]:
    return {"pk": workspace_id, "sk": "workspace"}

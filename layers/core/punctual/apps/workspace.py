"""Apps that a workspace brought itself: sealed, and never shown again but for their client id."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.apps import stored as stored_apps
from punctual.clock import Moment
from punctual.providers.base import App
from punctual.sealing import Context, Vault
from punctual.stored import Stored
from punctual.tables import ConditionFailed, Key, Table


@dataclass(frozen=True, kw_only=True)
class WorkspaceApp:
    """What may be shown of one."""

    workspace_id: str
    provider: str
    client_id: str
    updated_at: Moment


_STORED = Stored(WorkspaceApp)


class WorkspaceApps:
    def __init__(self, table: Table, vault: Vault):
        self._table = table
        self._vault = vault

    def find(self, workspace_id: str, provider: str) -> App | None:
        item = self._table.get(_key(workspace_id, provider))
        return stored_apps.opened(self._vault, _context(workspace_id, provider), item) if item else None

    def put(self, workspace_id: str, provider: str, app: App, at: datetime) -> WorkspaceApp:
        """In the place of whatever was there. Grants that were given to that keep it: they travel with their app."""
        about = WorkspaceApp(workspace_id=workspace_id, provider=provider, client_id=app.client_id, updated_at=at)
        sealed = stored_apps.sealed(self._vault, _context(workspace_id, provider), app)
        self._table.put({**_key(workspace_id, provider), **_STORED.item(about), **sealed})
        return about

    def delete(self, workspace_id: str, provider: str) -> bool:
        """Whether there was one."""
        try:
            self._table.delete(_key(workspace_id, provider), Attr("pk").exists())
        except ConditionFailed:
            return False
        return True

    def all(self, workspace_id: str) -> Iterator[WorkspaceApp]:
        """By provider."""
        condition = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with("app#")
        return (_STORED.read(item) for item in self._table.every(condition))


def _key(workspace_id: str, provider: str) -> Key:
    return {"pk": workspace_id, "sk": f"app#{provider}"}


def _context(workspace_id: str, provider: str) -> Context:
    return {"workspace": workspace_id, "app": provider}

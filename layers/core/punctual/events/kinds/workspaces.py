"""Workspaces: whether publishing is paused. Who makes or deletes one sees to it from outside."""

from collections.abc import Iterator, Sequence
from typing import Any

from punctual import workspaces
from punctual.events.changes import Change
from punctual.events.data import WorkspaceData
from punctual.events.kinds.kind import Kind, Said, text, without_none
from punctual.events.told import Facts
from punctual.tables import Item, Table


class _Workspaces(Kind):
    name = "workspace"

    def has(self, pk: str, sk: str) -> bool:
        return sk == "workspace" and pk.startswith("ws_")

    def subject(self, pk: str, sk: str) -> str:
        return pk

    def key(self, workspace_id: str, subject: str, facts: Facts) -> Item:
        return workspaces.key(workspace_id)

    def workspace_id(self, item: Item) -> str | None:
        return text(item, "id") or super().workspace_id(item)

    def facts(self, item: Item) -> dict[str, Any]:
        return without_none({"paused_at": text(item, "paused_at")})

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        was, now = (before or {}).get("paused_at"), (after or {}).get("paused_at")
        return [] if after is None or was == now else list(_switched(was, now))


def _switched(was: str | None, now: str | None) -> Iterator[Said]:
    """Paused since another moment: it was resumed in between."""
    running: WorkspaceData = {"paused_at": None}
    paused: WorkspaceData = {"paused_at": now}
    if was:
        yield Said(type="workspace.resumed", data=running)
    if now:
        yield Said(type="workspace.paused", data=paused)


WORKSPACES = _Workspaces()

"""Pause, of the whole stack or of one workspace: at once, and nothing is lost. A restored stack begins paused.

The stack's own item names the table it was written to. In a table that was restored from a backup it names another
one: then posts may be live that this table knows nothing of, and a person must say that publishing may go on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr

from punctual import workspaces
from punctual.clock import Moment, Now, to_text
from punctual.deliveries import Delivery
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Table

_KEY = {"pk": "stack", "sk": "stack"}
_IDENTITY_HOLDS = timedelta(seconds=30)
"""How long a process trusts the table's identity; restoring one takes longer."""


@dataclass(frozen=True, kw_only=True)
class StackState:
    table_id: str = ""
    paused_at: Moment | None = None
    restored_at: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Whether to act for a workspace now, and what cannot be trusted."""

    is_paused: bool
    restored_at: datetime | None = None

    def doubts(self, seen: Delivery) -> bool:
        """Whether it may have gone out between the backup and the restore."""
        if self.restored_at is None or seen.sending_at or seen.part_at > self.restored_at:
            return False
        return seen.retried_at is None or seen.retried_at < self.restored_at


_STACK = Stored(StackState)
RUNNING = Standing(is_paused=False)


class Pauses:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now
        self._identity = ""
        self._identified_at: datetime | None = None

    def of(self, workspace_id: str) -> Standing:
        found = {item["pk"]: item for item in self._table.get_all([_KEY, workspaces.key(workspace_id)])}
        workspace = found.get(workspace_id, {})
        stack = _STACK.read(found["stack"]) if "stack" in found else StackState()
        paused = bool(workspace.get("paused_at")) or stack.paused_at is not None or self._is_another(stack)
        return Standing(is_paused=paused, restored_at=stack.restored_at)

    def stack(self) -> StackState:
        item = self._table.get(_KEY)
        return _STACK.read(item) if item else StackState()

    def needs_consent(self) -> bool:
        """Whether the table was restored and nobody has said yet that publishing may go on."""
        return self._is_another(self.stack())

    def know_table(self) -> None:
        """Written before there is anything to publish, so that every backup that matters has it."""
        item = {**_KEY, "table_id": self._table.identity()}
        try:
            self._table.put(item, Attr("pk").not_exists())
        except ConditionFailed:
            return

    def pause_stack(self) -> None:
        self.know_table()
        self._table.update(_KEY, Change(set={"paused_at": to_text(self._now())}))

    def resume_stack(self) -> bool:
        """Whether this was the consent to go on after a restore."""
        restored = self.needs_consent()
        changed = {"paused_at": None, "table_id": self._table.identity()}
        if restored:
            changed["restored_at"] = to_text(self._now())
        self._table.update(_KEY, Change(set=changed))
        return restored

    def pause(self, workspace_id: str) -> None:
        self._set(workspace_id, to_text(self._now()))

    def resume(self, workspace_id: str) -> None:
        self._set(workspace_id, None)

    def _set(self, workspace_id: str, paused_at: str | None) -> None:
        change = Change(set={"paused_at": paused_at})
        self._table.update(workspaces.key(workspace_id), change, Attr("pk").exists())

    def _is_another(self, stack: StackState) -> bool:
        return bool(stack.table_id) and stack.table_id != self._table_id()

    def _table_id(self) -> str:
        now = self._now()
        if self._identified_at is None or now - self._identified_at > _IDENTITY_HOLDS:
            self._identity, self._identified_at = self._table.identity(), now
        return self._identity

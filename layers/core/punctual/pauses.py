"""Pause, of the whole stack or of one workspace: at once, and nothing is lost. A restored stack begins paused.

The stack's own item names the table it was written to. In a table that was restored from a backup it names another
one: then posts may be live that this table knows nothing of, and a person must say that publishing may go on.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, workspaces
from punctual.clock import Moment, Now, to_text
from punctual.deliveries import Delivery
from punctual.problems import NotFound
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Key, Table

_KEY = {"pk": "stack", "sk": "stack"}
_IDENTITY_HOLDS = timedelta(seconds=30)
"""How long a process trusts the table's identity; restoring one takes longer."""
_SPANS_KEPT = timedelta(days=90)


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
        """Whether the part in hand may have gone out between the backup and the restore.

        Where the part before it may have, the time that this table has for it says nothing.
        """
        if self.restored_at is None:
            return False
        if seen.sending_at:
            return not seen.is_restored and seen.sending_at <= self.restored_at
        if seen.is_restored and seen.live:
            return seen.earliest_at <= self.restored_at
        if seen.part_at > self.restored_at:
            return False
        return seen.retried_at is None or seen.retried_at < self.restored_at


_STACK = Stored(StackState)


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
        stopped = bool(workspace.get("paused_at") or workspace.get("deleting_at"))
        paused = stopped or stack.paused_at is not None or self._is_another(stack)
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

    def stack_is_paused(self) -> bool:
        """By a person, or because it was restored and waits for one."""
        stack = self.stack()
        return stack.paused_at is not None or self._is_another(stack)

    def pause_stack(self) -> None:
        self.know_table()
        self._begin(_KEY)

    def resume_stack(self) -> bool:
        """Whether this was the consent to go on after a restore."""
        restored = self.needs_consent()
        self.know_table()
        self._end(_KEY)
        changed = {"table_id": self._table.identity()}
        if restored:
            changed["restored_at"] = to_text(self._now())
        self._table.update(_KEY, Change(set=changed))
        return restored

    def pause(self, workspace_id: str) -> datetime:
        """Since when it is paused; pausing again changes nothing. Raises NotFound."""
        return self._begin(workspaces.key(workspace_id))

    def resume(self, workspace_id: str) -> None:
        """Raises NotFound."""
        self._end(workspaces.key(workspace_id))

    def spans(self, workspace_id: str, since: datetime) -> list[tuple[datetime, datetime]]:
        """From when to when nothing was published, of the pauses that lasted until `since` or later. The consent after
        a restore counts as a moment: how long the stack was gone before it, this table cannot know."""
        found = [*self._ended(workspace_id, since), *self._ended(_KEY["pk"], since)]
        stack, workspace = self._table.get(_KEY) or {}, self._table.get(workspaces.key(workspace_id)) or {}
        begun = [item["paused_at"] for item in (stack, workspace) if item.get("paused_at")]
        found += [(datetime.fromisoformat(paused_at), self._now()) for paused_at in begun]
        if stack.get("restored_at"):
            found.append((datetime.fromisoformat(stack["restored_at"]),) * 2)
        return found

    def _begin(self, key: Key) -> datetime:
        now = self._now()
        change = Change(set={"paused_at": to_text(now), **acting.mark()})
        try:
            self._table.update(key, change, Attr("pk").exists() & Attr("paused_at").not_exists())
        except ConditionFailed:
            return self._paused_at(key) or now
        return now

    def _end(self, key: Key) -> None:
        """What it was is kept first: the times of posts are judged by it."""
        paused_at, now = self._paused_at(key), self._now()
        if paused_at is None:
            return
        span = {"paused_at": to_text(paused_at), "resumed_at": to_text(now)}
        expires = {"expires_epoch": int((now + _SPANS_KEPT).timestamp())}
        self._table.put({"pk": key["pk"], "sk": f"pause#{span['resumed_at']}", **span, **expires})
        change = Change(set=acting.mark(), remove=["paused_at"])
        with suppress(ConditionFailed):  # someone else resumed it at the same moment
            self._table.update(key, change, Attr("paused_at").eq(span["paused_at"]))

    def _paused_at(self, key: Key) -> datetime | None:
        item = self._table.get(key)
        if item is None:
            raise NotFound("not_found", "There is no such workspace.")
        return datetime.fromisoformat(item["paused_at"]) if item.get("paused_at") else None

    def _ended(self, pk: str, since: datetime) -> list[tuple[datetime, datetime]]:
        later = KeyCondition("sk").between(f"pause#{to_text(since)}", "pause#~")
        found = self._table.every(KeyCondition("pk").eq(pk) & later)
        return [
            (datetime.fromisoformat(each["paused_at"]), datetime.fromisoformat(each["resumed_at"])) for each in found
        ]

    def _is_another(self, stack: StackState) -> bool:
        return bool(stack.table_id) and stack.table_id != self._table_id()

    def _table_id(self) -> str:
        now = self._now()
        if self._identified_at is None or now - self._identified_at > _IDENTITY_HOLDS:
            self._identity, self._identified_at = self._table.identity(), now
        return self._identity

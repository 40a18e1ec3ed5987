"""Lanes: how far an endpoint was served, who is at work on it, and when it takes nothing.

A lane is taken on by one worker at a time: a claim raises the fence, which every write of that worker names. A worker
that died is taken for alive until its lease ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from zlib import crc32

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual import due
from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

LEASE = timedelta(seconds=60)
"""Longer than the sender may run, shorter than its message is hidden from others."""
LOOKED_AT = timedelta(hours=1)
"""An idle lane is looked at so often: a message that was lost costs that much, and the look next to nothing."""


Verdict: TypeAlias = Literal["gone", "failing"]
"""`gone`: it answered 410. `failing`: no send of three days came to a good end."""


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """Events that could not be sent, since the feed keeps them no longer: from, and up to, these numbers."""

    first: int
    last: int
    at: Moment


@dataclass(frozen=True, kw_only=True)
class Lane:
    webhook_id: str
    workspace_id: str
    position: int
    """The number of the last event that was looked at."""
    begun_at: Moment
    """When the endpoint was made or enabled: what failed before then is not tried again."""
    fence: int = 0
    claim: str | None = None
    """Whose, by a name of its own; None: nobody is at work on it."""
    busy_until: Moment | None = None
    next_at: Moment | None = None
    """When it is looked at, though no message should come."""
    failures: int = 0
    """In a row."""
    rests: int = 0
    """In a row."""
    failing_since: Moment | None = None
    """The first failure after the last success."""
    resting_until: Moment | None = None
    succeeded_at: Moment | None = None
    skipped: Skipped | None = None
    verdict: Verdict | None = None
    """Why the endpoint is to be disabled, noted with what says so."""

    def is_busy(self, at: datetime) -> bool:
        return self.busy_until is not None and self.busy_until > at

    def is_resting(self, at: datetime) -> bool:
        return self.resting_until is not None and self.resting_until > at


_STORED = Stored(Lane)
_WORKED = ("position", "failures", "rests", "failing_since", "resting_until", "succeeded_at", "skipped", "verdict")


class Lanes:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def get(self, webhook_id: str) -> Lane | None:
        item = self._table.get(key(webhook_id))
        return _STORED.read(item) if item else None

    def get_all(self, webhook_ids: Iterable[str]) -> dict[str, Lane]:
        """Those that there are, by their endpoints' ids."""
        lanes = [_STORED.read(item) for item in self._table.get_all([key(each) for each in webhook_ids])]
        return {lane.webhook_id: lane for lane in lanes}

    def claim(self, seen: Lane, name: str) -> Lane | None:
        """None: somebody else has it, or it is gone. `name` is of this one claim: botocore may send it twice."""
        now = self._now()
        changed = {"fence": seen.fence + 1, "claim": name, "busy_until": to_text(now + LEASE)}
        is_free = Attr("busy_until").not_exists() | Attr("busy_until").lte(to_text(now))
        as_seen = Attr("fence").eq(seen.fence) & is_free
        try:
            return _STORED.read(self._table.update(key(seen.webhook_id), Change(set=changed), as_seen, tells_why=True))
        except ConditionFailed as error:
            found = _STORED.read(error.item) if error.item else None
            return found if found and found.claim == name else None

    def writing(self, held: Lane, after: Lane) -> Item:
        """For a transaction of whoever holds it: what a round changes."""
        item = _STORED.item(after)
        return self._table.updating(
            key(held.webhook_id), Change(set={name: item.get(name) for name in _WORKED}), _is_held(held)
        )

    def release(self, held: Lane, next_at: datetime) -> Lane:
        """As it is then. Raises ConditionFailed if somebody else holds it."""
        changed = {"claim": None, "busy_until": None, "next_at": to_text(next_at), **_shard(held.webhook_id)}
        return _STORED.read(self._table.update(key(held.webhook_id), Change(set=changed), _is_held(held)))

    def starting(self, webhook_id: str, workspace_id: str, position: int) -> Item:
        """For a transaction: after this event, and with no failure remembered. Whoever is at work on it loses it."""
        now = self._now()
        lane = Lane(webhook_id=webhook_id, workspace_id=workspace_id, position=position, begun_at=now)
        before = self.get(webhook_id)
        fence = before.fence + 1 if before else 0
        item = {**_STORED.item(lane), "fence": fence, "next_at": to_text(idle_until(webhook_id, now))}
        as_seen = Attr("fence").eq(before.fence) if before else Attr("pk").not_exists()
        return self._table.putting({**key(webhook_id), **item, **_shard(webhook_id)}, as_seen)

    def stopping(self, webhook_id: str) -> Item:
        """For a transaction: nobody looks at it until it is started again."""
        return self._table.updating(key(webhook_id), Change(set=due.NO_CLOCK, add={"fence": 1}), Attr("pk").exists())

    def ending_rest(self, webhook_id: str) -> Item:
        """For a transaction."""
        return self._table.updating(key(webhook_id), Change(remove=["resting_until"]), Attr("pk").exists())

    def deleting(self, webhook_id: str) -> Item:
        """For a transaction."""
        return self._table.deleting(key(webhook_id))


def key(webhook_id: str) -> Item:
    return {"pk": webhook_id, "sk": "lane"}


def idle_until(webhook_id: str, now: datetime) -> datetime:
    """The lane's own minute of the hour: a clock that is set again within the hour is the same, and costs no write of
    its index."""
    own = timedelta(seconds=crc32(webhook_id.encode()) % int(LOOKED_AT.total_seconds()))
    hour = now.replace(minute=0, second=0, microsecond=0) + own
    while hour <= now:
        hour += LOOKED_AT
    return hour


def _shard(webhook_id: str) -> Item:
    return {"due_shard": crc32(webhook_id.encode()) % due.SHARDS}


def _is_held(held: Lane) -> ConditionBase:
    return Attr("fence").eq(held.fence)

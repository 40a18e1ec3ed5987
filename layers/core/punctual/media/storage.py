"""How much a workspace stores and how many files it takes a day: counted where the media's own row is written.

What counts of a media is its `bytes_held`: first what was declared, then what is there, and its renditions. Whoever
changes that number changes the count in the same transaction, so that the one is always the sum of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual.clock import Now
from punctual.media.library import Media
from punctual.problems import Problem
from punctual.tables import Change, Item, Table

GIGABYTE = 1_000_000_000
_DAY_KEPT = timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """None: there is no limit."""

    bytes: int | None = None
    files_a_day: int | None = None


@dataclass(frozen=True, kw_only=True)
class Usage:
    bytes: int
    files_today: int


class Storage:
    """`beside` of `Library.create` and `.change` takes the operations that this makes."""

    def __init__(self, table: Table, limits: Limits, now: Now):
        self._table = table
        self._limits = limits
        self._now = now

    def usage(self, workspace_id: str) -> Usage:
        rows = self._table.get_all([_key(workspace_id), _day_key(workspace_id, self._now())])
        found = {str(row["sk"]): row for row in rows}
        total = found.get(_key(workspace_id)["sk"], {})
        today = found.get(_day_key(workspace_id, self._now())["sk"], {})
        return Usage(bytes=int(total.get("bytes", 0)), files_today=int(today.get("files", 0)))

    def check(self, workspace_id: str, size: int, *, is_new: bool) -> None:
        """Whether there is room for so many bytes more, and for a new file today. Raises Problem."""
        used = self.usage(workspace_id)
        if is_new and self._limits.files_a_day is not None and used.files_today >= self._limits.files_a_day:
            raise _too_many(self._limits.files_a_day, used.files_today, self._now())
        if self._limits.bytes is not None and used.bytes + size > self._limits.bytes:
            raise _full(self._limits.bytes, used.bytes, size)

    def room(self, workspace_id: str) -> int | None:
        """How many bytes more the workspace's media may hold; None: as many as there are."""
        return None if self._limits.bytes is None else self._limits.bytes - self.usage(workspace_id).bytes

    def admitting(self, workspace_id: str, size: int) -> Sequence[Item]:
        """A new media that holds so many bytes. The transaction fails where a limit is reached: `check` says which."""
        today = self._now()
        day = Change(add={"files": 1}, set={"expires_epoch": int((today + _DAY_KEPT).timestamp())})
        is_free = _below("files", self._limits.files_a_day, 1)
        return [
            self._table.updating(_day_key(workspace_id, today), day, is_free),
            *self._counting(workspace_id, size, _below("bytes", self._limits.bytes, size)),
        ]

    def growing(self, seen: Media, bytes_held: int) -> Sequence[Item]:
        """As `counting`, and the transaction fails where there is no room for more."""
        more = bytes_held - seen.bytes_held
        room = _below("bytes", self._limits.bytes, more) if more > 0 else None
        return self._counting(seen.workspace_id, more, room)

    def counting(self, seen: Media, bytes_held: int) -> Sequence[Item]:
        """For the transaction in which a media comes to hold so many bytes, whatever the limit is; 0: nothing is left
        of it."""
        return self._counting(seen.workspace_id, bytes_held - seen.bytes_held, None)

    def _counting(self, workspace_id: str, more: int, condition: ConditionBase | None) -> Sequence[Item]:
        if not more:
            return []
        return [self._table.updating(_key(workspace_id), Change(add={"bytes": more}), condition)]


def _below(name: str, limit: int | None, more: int) -> ConditionBase | None:
    if limit is None:
        return None
    is_low: ConditionBase = Attr(name).lte(limit - more)
    return is_low if more > limit else Attr(name).not_exists() | is_low


def _key(workspace_id: str) -> dict[str, str]:
    return {"pk": workspace_id, "sk": "media_usage"}


def _day_key(workspace_id: str, now: datetime) -> dict[str, str]:
    return {"pk": workspace_id, "sk": f"media_day#{now:%Y-%m-%d}"}


def _full(limit: int, used: int, size: int) -> Problem:
    detail = (
        f"The workspace's media may hold {_gigabytes(limit)}. They hold {_gigabytes(used)}, "
        f"and this would be {_gigabytes(size)} more."
    )
    return Problem("storage_full", detail, more={"usage": {"limit": limit, "used": used, "wanted": size}})


def _too_many(limit: int, used: int, now: datetime) -> Problem:
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    detail = f"The workspace may take {limit} files a day (UTC), and took {used} today."
    seconds = ceil((tomorrow - now).total_seconds())
    usage = {"limit": limit, "used": used, "wanted": 1}
    return Problem("too_many_files", detail, retry_after=seconds, more={"usage": usage})


def _gigabytes(size: int) -> str:
    return f"{size / GIGABYTE:,.3f}".rstrip("0").rstrip(".") + " GB"

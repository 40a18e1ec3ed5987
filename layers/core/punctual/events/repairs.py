"""What is known of lost records, and how far telling from the table is: one row, which whoever works on it holds.

A loss is remembered by a time before which all lost records were written. Whatever goes through the whole table from a
later moment on tells what they would have told, so that one repair answers every sign of one loss, and a loss that is
noticed while a repair is at work is followed by another.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr

from punctual.clock import Moment, Now, to_text
from punctual.events.telling import SKEW
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Item, Table

HELD = timedelta(seconds=70)
"""Longer than the function that works on it may run."""
SOON = timedelta(minutes=10)
PARTITION = "watch"
_KEY = {"pk": PARTITION, "sk": "repair"}

Phase: TypeAlias = Literal["baseline", "table", "told"]
"""What is gone through: the table, to note what is there before anything is told, or to tell it; then what was told."""


@dataclass(frozen=True, kw_only=True)
class Repair:
    phase: Phase | None = None
    """None: nothing is being gone through."""
    place: dict[str, str] | None = None
    """Where the next page begins; None: at the beginning."""
    begun_at: Moment | None = None
    """The last one, which may have ended."""
    ended_at: Moment | None = None
    read: int = 0
    """Items of the table that are told of."""
    gone: int = 0
    """What was told and is there no more."""
    told: int = 0
    """Events that this appended."""
    lost_before: Moment | None = None
    settled_at: Moment | None = None
    """When the baseline ended: since then nothing is there that neither was told nor will be."""
    watched_since: Moment | None = None
    held_until: Moment | None = None
    version: int = 0

    def is_held(self, now: datetime) -> bool:
        return self.held_until is not None and now < self.held_until

    def due(self, now: datetime) -> Phase | None:
        """What to begin, if nothing is being gone through."""
        if self.settled_at is None:
            return "baseline"
        if self.lost_before is None or (self.begun_at and self.lost_before + SKEW < self.begun_at):
            return None
        return "table" if self.lost_before + SKEW < now else None


_STORED = Stored(Repair)


class Repairs:
    def __init__(self, events: Table, now: Now):
        self._events = events
        self._now = now
        self._is_settled = False

    def get(self) -> Repair:
        item = self._events.get(_KEY)
        return _STORED.read(item) if item else Repair()

    def is_settled(self) -> bool:
        """Whether the baseline is done, which it stays."""
        self._is_settled = self._is_settled or self.get().settled_at is not None
        return self._is_settled

    def began(self, oldest: datetime) -> datetime | None:
        """The last one, where that matters to a record of this time: of one that comes soon, what followed is not
        lost."""
        return self.get().begun_at if self._now() - oldest > SOON else None

    def note_loss(self, before: datetime) -> bool:
        """Records from before this time were lost. Whether that was news: no repair has begun since then."""
        later = Attr("lost_before").not_exists() | Attr("lost_before").lt(to_text(before))
        open_ = Attr("begun_at").not_exists() | Attr("begun_at").lte(to_text(before + SKEW))
        try:
            self._events.update(_KEY, Change(set={"lost_before": to_text(before)}), later & open_)
        except ConditionFailed:
            return False
        return True

    def begin(self, seen: Repair, phase: Phase) -> Repair:
        """Raises ConditionFailed where another did."""
        now = self._now()
        begun = replace(seen, phase=phase, place=None, begun_at=now, ended_at=None, read=0, gone=0, told=0)
        return self.hold(seen, replace(begun, watched_since=seen.watched_since or now))

    def hold(self, seen: Repair, changed: Repair) -> Repair:
        """Raises ConditionFailed where another has it, or had it."""
        return self._write(seen, replace(changed, held_until=self._now() + HELD))

    def let_go(self, seen: Repair) -> Repair:
        return self._write(seen, replace(seen, held_until=None))

    def end(self, seen: Repair) -> Repair:
        now = self._now()
        ended = replace(seen, phase=None, place=None, ended_at=now, held_until=None)
        return self._write(seen, replace(ended, settled_at=seen.settled_at or now))

    def _write(self, seen: Repair, changed: Repair) -> Repair:
        """All but the loss, which others note meanwhile."""
        changed = replace(changed, version=seen.version + 1)
        names = [name for name in Repair.__dataclass_fields__ if name != "lost_before"]
        item = _STORED.item(changed)
        as_read = Attr("version").eq(seen.version) if seen.version else Attr("version").not_exists()
        self._events.update(_KEY, Change(set={name: item.get(name) for name in names}), as_read)
        return changed


def figures(repair: Repair) -> Item:
    """For people and logs."""
    shown = ("phase", "begun_at", "ended_at", "read", "gone", "told", "lost_before")
    item = _STORED.item(repair)
    return {name: item.get(name) for name in shown}

"""Were records of the stream lost? A stream keeps them for a day, and says nothing of those that it has no more.

Beats say it (beats.py): a record of one shows which of it must have been seen before. While nobody writes them, none is
missed.

A record that is handled very late says it too: whoever was away for longer than a stream keeps records goes on with the
oldest that it still has. So does a stream that is new to a table that was told of before: it was switched off and on,
or the table was restored from a backup.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Now, to_text
from punctual.events import beats
from punctual.events.changes import Change
from punctual.events.repairs import PARTITION, Repairs
from punctual.tables import Change as Update
from punctual.tables import ConditionFailed, Item, Table

log = logging.getLogger(__name__)

LATE = timedelta(hours=20)
"""Of the 24 hours that a stream keeps records, with time to notice:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""
_STREAM = "stream#"


class Watching:
    def __init__(self, *, events: Table, repairs: Repairs, now: Now):
        self._events = events
        self._repairs = repairs
        self._now = now
        self._known: set[str] = set()

    def look(self, changes: Sequence[Change]) -> None:
        """At records that were told. What says that others were lost is noted before it is forgotten."""
        for stream in dict.fromkeys(str(change.stream) for change in changes):
            self._look(stream, [change for change in changes if change.stream == stream])

    def _look(self, stream: str, changes: Sequence[Change]) -> None:
        of_beats = [change for change in changes if change.sk == beats.SK and change.new]
        lost = {"late": [change.at for change in changes if self._now() - change.at > LATE]}
        seen: dict[str, int] = {}
        if of_beats or stream not in self._known:
            row = self._events.get(_key(stream))
            lost["stream"] = [] if row else list(self._unless_first(changes))
            lost["beats"] = list(_missed(of_beats, before=row or {}, seen=seen))
        for sign, times in lost.items():
            if times and self._repairs.note_loss(max(times)):
                log.warning("records of the stream were lost", extra={"sign": sign, "before": to_text(max(times))})
        self._remember(stream, seen)

    def _unless_first(self, changes: Sequence[Change]) -> Iterator[datetime]:
        """When a stream began that is not the first."""
        streams = KeyCondition("pk").eq(PARTITION) & KeyCondition("sk").begins_with(_STREAM)
        if self._events.query(streams, limit=1).items:
            yield changes[0].at

    def _remember(self, stream: str, seen: dict[str, int]) -> None:
        if stream not in self._known and not seen:
            self._events.update(_key(stream), Update(set={"known_at": to_text(self._now())}))
        for beat, number in seen.items():
            older = Attr(beat).not_exists() | Attr(beat).lt(number)
            try:
                self._events.update(_key(stream), Update(set={beat: number}), older)
            except ConditionFailed:
                continue  # the same records, handled at the same time
        self._known.add(stream)


def _missed(changes: Sequence[Change], *, before: Item, seen: dict[str, int]) -> Iterator[datetime]:
    """When beats were written that did not come; `seen` gets the last of each.

    What was lost after such a beat, another beat says: this one may say it an hour after all was repaired."""
    for change in changes:
        beat = change.pk.replace("#", "_")
        number, last = beats.number(change.new), seen.get(beat, int(before.get(beat, 0)))
        if number <= last:
            continue
        if beats.number(change.old) != last:
            yield beats.written_at(change.old) or change.at
        seen[beat] = number


def _key(stream: str) -> Item:
    return {"pk": PARTITION, "sk": f"{_STREAM}{stream}"}

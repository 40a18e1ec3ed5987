"""Rows of the work table that tell nothing: what the stream says of them shows whether it says everything.

The sweeper rewrites them in turn, so that they go on while the events function is down. Nothing is read for it, and one
that is left out, or written twice, does no harm: each is numbered, and a record holds the number before.
"""

from datetime import datetime

from punctual.clock import to_text
from punctual.tables import Change, Item, Table

EVERY_MINUTES = 2
BEATS = 60 // EVERY_MINUTES
"""Each once an hour, under keys of their own: of four shards, all have one in 999 of 1,000 tables."""
SK = "beat"


def write(work: Table, now: datetime) -> None:
    """To be called every minute."""
    beat, wait = divmod(now.minute, EVERY_MINUTES)
    if wait == 0:
        work.update(key(beat), Change(set={"beat_at": to_text(now)}, add={"number": 1}))


def key(beat: int) -> dict[str, str]:
    return {"pk": f"beat#{beat}", "sk": SK}


def written_at(row: Item | None) -> datetime | None:
    return datetime.fromisoformat(row["beat_at"]) if row and "beat_at" in row else None


def number(row: Item | None) -> int:
    """0: there is none yet."""
    return int((row or {}).get("number", 0))

"""The `due` index: every unfinished item has one clock, `next_at`, by which the next thing must have happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import to_text
from punctual.tables import Change, ConditionFailed, Item, Table

SHARDS = 16
GRACE = timedelta(seconds=5)
"""Above the clocks' relative skew; numbers that held: the protocol's model."""
SWEEP = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """One item whose clock has passed. `status` is the delivery's or post's, `due_at` its T."""

    pk: str
    sk: str
    next_at: str
    rev: int
    status: str
    due_at: datetime

    @property
    def is_delivery(self) -> bool:
        return self.sk.startswith("delivery#")


def clock(post_id: str, next_at: datetime) -> Item:
    """The two attributes that put an item into the index; both are removed when it is finished."""
    return {"due_shard": crc32(post_id.encode()) % SHARDS, "next_at": to_text(next_at)}


NO_CLOCK: Item = {"due_shard": None, "next_at": None}


def overdue(table: Table, shard: int, now: datetime, limit: int) -> Iterator[Overdue]:
    condition = KeyCondition("due_shard").eq(shard) & KeyCondition("next_at").lte(to_text(now))
    for item in table.query(condition, index="due", limit=limit).items:
        yield Overdue(
            pk=item["pk"],
            sk=item["sk"],
            next_at=item["next_at"],
            rev=int(item["rev"]),
            status=item["status"],
            due_at=datetime.fromisoformat(item["due_at"]),
        )


def move(table: Table, item: Overdue, next_at: datetime) -> bool:
    """Whether the clock still stood where the index showed it, and now stands at `next_at`."""
    changed = Change(set={"next_at": to_text(next_at)})
    try:
        table.update({"pk": item.pk, "sk": item.sk}, changed, Attr("next_at").eq(item.next_at))
    except ConditionFailed:
        return False
    return True

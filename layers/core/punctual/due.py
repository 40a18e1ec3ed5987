"""The `due` index: every unfinished item has one clock, `next_at`, by which the next thing must have happened."""

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
_MOST_PAGES = 20
"""That are read for deliveries which stand behind many others."""


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """One item whose clock has passed. `act_at` is when there is something to do, where that is known."""

    pk: str
    sk: str
    next_at: str
    rev: int
    workspace_id: str
    act_at: datetime | None

    @property
    def is_delivery(self) -> bool:
        return self.sk.startswith("delivery#")

    @property
    def media_id(self) -> str | None:
        """Of a media, or of a rendition that is to be made of one."""
        kind, _, rest = self.sk.partition("#")
        return rest.partition("#")[0] if kind in ("media", "rendition") else None


def clock(post_id: str, next_at: datetime) -> Item:
    """The two attributes that put an item into the index; both are removed when it is finished."""
    return {"due_shard": crc32(post_id.encode()) % SHARDS, "next_at": to_text(next_at)}


def clock_of(item: Item) -> datetime | None:
    return datetime.fromisoformat(item["next_at"]) if item.get("next_at") else None


NO_CLOCK: Item = {"due_shard": None, "next_at": None}


def clock_before(act_at: datetime, now: datetime) -> datetime:
    """A minute before there is something to do, so that the sweep replaces a lost message in time; nearer to it, just
    after it."""
    second_message = act_at - SWEEP - timedelta(seconds=1)
    return second_message if second_message > now else max(act_at, now) + GRACE


def overdue(table: Table, shard: int, now: datetime, limit: int) -> list[Overdue]:
    """At most `limit`, deliveries first: they stand behind no media, however many of those nobody tends."""
    condition = KeyCondition("due_shard").eq(shard) & KeyCondition("next_at").lte(to_text(now))
    deliveries: list[Overdue] = []
    others: list[Overdue] = []
    start = None
    for _ in range(_MOST_PAGES):
        page = table.query(condition, index="due", limit=limit, start=start)
        for found in map(_overdue, page.items):
            (deliveries if found.is_delivery else others).append(found)
        start = page.next_key
        if not start or len(deliveries) >= limit:
            break
    return [*deliveries, *others][:limit]


def _overdue(item: Item) -> Overdue:
    return Overdue(
        pk=item["pk"],
        sk=item["sk"],
        next_at=item["next_at"],
        rev=int(item["rev"]),
        workspace_id=item["workspace_id"],
        act_at=datetime.fromisoformat(item["act_at"]) if item.get("act_at") else None,
    )


def move(table: Table, item: Overdue, next_at: datetime) -> bool:
    """Whether the clock still stood where the index showed it, and now stands at `next_at`."""
    changed = Change(set={"next_at": to_text(next_at)})
    try:
        table.update({"pk": item.pk, "sk": item.sk}, changed, Attr("next_at").eq(item.next_at))
    except ConditionFailed:
        return False
    return True

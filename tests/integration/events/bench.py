"""A workspace of one post, whose rows are written by hand, and whoever tells of them, under a moved clock.

bench.live()          a post with two deliveries, one of which fails and is tried again; each record told as it comes
bench.history()       its records
bench.told()          what the feed says: types and whose, in order
"""

import copy
from collections.abc import Sequence
from typing import Any

from punctual import deliveries, posts, workspaces
from punctual.events.changes import from_record
from punctual.events.feed import Feed
from punctual.events.telling import Telling
from punctual.tables import Change, Table
from tests.integration.moved_clock import MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.streams import Stream
from tests.template import create_tables

WORKSPACE, POST, ONE, OTHER = "ws_1", "post_1", "dlv_1", "dlv_2"
Record = dict[str, Any]
COURSE = (
    *(("post", "SCHEDULED"), (ONE, "SCHEDULED"), (OTHER, "SCHEDULED")),
    *((ONE, "READY"), (OTHER, "READY"), (ONE, "PUBLISHING"), (OTHER, "PUBLISHING")),
    *((ONE, "COMPLETED"), (OTHER, "ERROR"), ("post", "PARTIAL")),
    *((OTHER, "SCHEDULED"), ("post", "PUBLISHING"), (OTHER, "PUBLISHING"), (OTHER, "COMPLETED"), ("post", "COMPLETED")),
)
"""Of the history, write by write."""


class Bench:
    def __init__(self) -> None:
        self.clock = MovedClock()
        self.memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.memory)
        self.work, self.events = Table(self.memory, "WorkTable"), Table(self.memory, "EventsTable")
        self.work.put({**workspaces.key(WORKSPACE), "workspace_id": WORKSPACE})
        self.stream = Stream(self.memory, "WorkTable", clock=lambda: self.clock.now().timestamp())
        self.feed = Feed(self.events, self.clock.now, self.clock.sleep)

    def write(self, what: str, status: str, post_id: str = POST, number: int = 0) -> None:
        """`number` is of a request, whose mark the row bears."""
        key = posts.key(post_id) if what == "post" else deliveries.key(post_id, what)
        acted = {"acted": f"key_1/{number}"} if number else {}
        self.work.update(key, Change(set={"status": status, "rev": 1, "workspace_id": WORKSPACE, **acted}))

    def history(self) -> list[Record]:
        """All of it is written, and none of it told."""
        for what, status in COURSE:
            self.write(what, status)
        return self.taken()

    def taken(self) -> list[Record]:
        records, self.stream.records = self.stream.records, []
        return records

    def tell(self, records: Sequence[Record], client: Any = None) -> None:
        """By a process of its own, over `client`."""
        client = client or self.memory
        events = Table(client, "EventsTable", self.clock.sleep)
        feed = Feed(events, self.clock.now, self.clock.sleep)
        work = Table(client, "WorkTable", self.clock.sleep)
        telling = Telling(work=work, events=events, feed=feed, now=self.clock.now)
        telling.tell([from_record(record) for record in copy.deepcopy(list(records))])

    def told(self) -> list[tuple[str, str]]:
        found = self.feed.read(WORKSPACE, None, 1000).events
        assert [each.sequence for each in found] == list(range(1, len(found) + 1))
        return [(each.type, each.data.get("delivery_id") or each.data["post_id"]) for each in found]


def live() -> list[tuple[str, str]]:
    """What is told of that history as it happens, record by record."""
    bench = Bench()
    for what, status in COURSE:
        bench.write(what, status)
        bench.tell(bench.taken())
    return bench.told()

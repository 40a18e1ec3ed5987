"""A workspace with the real handlers behind it and its stream followed; the feed is compared with what the table says.

watched.run(hours=1)            schedules, messages, and the clocks that beats and events have
watched.lose(what)              while it happens the events function gets no records; they are lost, or some of them
watched.events()                the feed, whole and without a gap
watched.check()                 everything that is there was told last as it is, nothing twice, ends after their parts
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from punctual.events import kinds, told
from punctual.events.event import Event
from punctual.events.feed import Feed
from punctual.events.repairs import Repair, Repairs
from punctual.tables import Item
from tests.integration.api.deployed import Deployed
from tests.integration.api.streaming import Reader

FUNCTION = "EventsFunction"
OPEN = ("DRAFT", "SCHEDULED", "READY", "PUBLISHING", "HELD", "UNCONFIRMED")
MOST_WRITES = 4
"""Of one repair to its row: it begins, goes on to what was told, and ends."""
_STEP = timedelta(minutes=10)
_REPEATED = ("updated", "at_risk", "risk_cleared", "part_published", "publication_deleted", "reconnected")
"""Events of which several in a row say something new each."""

Record = dict[str, Any]


class Watched:
    def __init__(self, patch: pytest.MonkeyPatch, **parameters: str):
        self.deployed = Deployed(patch, **parameters)
        self.clock = self.deployed.clock
        self.deployed.follow_stream()
        assert self.deployed.streaming
        self.streaming = self.deployed.streaming
        self.tick()
        self.tenant = self.deployed.tenant(scopes=("read", "write", "admin"))
        self.feed = Feed(self.deployed.table("EventsTable"), self.clock.now)
        self.repairs = Repairs(self.deployed.table("EventsTable"), self.clock.now)

    @property
    def reader(self) -> Reader:
        (found,) = [each for each in self.streaming.readers if each.function == FUNCTION]
        return found

    def tick(self) -> None:
        for function in ("SweeperFunction", FUNCTION):
            self.deployed.invoke(function, {})

    def run(self, **span: float) -> None:
        """The clocks tick seldom, so that a day does not take long."""
        end = self.clock.now() + timedelta(**span)
        step = _STEP if timedelta(**span) < 12 * _STEP else 5 * _STEP
        while self.clock.now() < end:
            self.clock.run_until(min(end, self.clock.now() + step))
            self.tick()
        self.streaming.deliver()

    def repaired(self, before: Repair | None = None) -> Repair:
        """Within an hour what was lost is noticed, and is repaired; once since `before`."""
        before, began = before or self.repairs.get(), self.clock.now() - timedelta(minutes=2)
        self.run(hours=1)
        found = self.repairs.get()
        assert found.phase is None
        assert found.begun_at
        assert found.begun_at > began, "no repair began"
        assert found.version - before.version <= MOST_WRITES, "more than one repair"
        return found

    def lose(self, what: Callable[[], None], is_lost: Callable[[Record], bool] = lambda _: True) -> list[Record]:
        """Those that were not lost: to be handled when they come at last."""
        self.streaming.deliver()
        late, reader = list[Record](), self.reader
        taking = reader.take

        def keep(record: Record) -> None:
            if reader.wants(record) and not is_lost(record):
                late.append(record)

        reader.take = keep  # type: ignore[method-assign]
        what()
        self.streaming.deliver()
        reader.take = taking  # type: ignore[method-assign]
        return late

    def give(self, records: list[Record]) -> None:
        self.reader.waiting += records
        self.streaming.deliver()
        for place in range(0, len(self.reader.waiting), 100):
            self.deployed.invoke(FUNCTION, {"Records": self.reader.waiting[place : place + 100]})
        self.reader.waiting.clear()

    def events(self) -> list[Event]:
        found: list[Event] = []
        while page := self.feed.read_on(self.tenant.workspace_id, len(found), 500).events:
            found += page
        assert [event.sequence for event in found] == list(range(1, len(found) + 1))
        return found

    def of(self, subject: str) -> list[str]:
        return [event.type for event in self.events() if subject == _subject(event)]

    def items(self, table: str) -> list[Item]:
        """As our own code reads them."""
        return self.deployed.table(table).scan(100_000).items

    def check(self) -> None:
        assert self.told() == self.wanted()
        self._check_order()

    def wanted(self) -> dict[str, Item]:
        """By what events are of, as the table has it."""
        found = [(kinds.of(item), item) for item in self.items("WorkTable")]
        ours = [(kind, item) for kind, item in found if kind and kind.workspace_id(item) == self.tenant.workspace_id]
        return {kind.subject(item["pk"], item["sk"]): kind.facts(item) for kind, item in ours}

    def told(self) -> dict[str, Item]:
        mine = told.partition(self.tenant.workspace_id)
        found = [told.read(item) for item in self.items("EventsTable") if item["pk"] == mine]
        facts = {each.subject: dict(each.facts or {}) for each in found if not each.is_gone}
        return {name: {fact: each[fact] for fact in each.keys() - {"kind", "acted"}} for name, each in facts.items()}

    def _check_order(self) -> None:
        last: dict[str, Event] = {}
        for event in self.events():
            before = last.get(_subject(event))
            is_again = before is not None and before.type == event.type
            assert not is_again or event.type.endswith(_REPEATED), f"{event.type} twice of {_subject(event)}"
            assert before is None or not before.type.endswith(("post.deleted", "post.expired")), "after its end"
            last[_subject(event)] = event
        posts = {item["pk"]: item for item in self.items("WorkTable") if item["sk"] == "post"}
        for item in self.items("WorkTable"):
            if item["sk"].startswith("delivery#") and posts[item["pk"]]["status"] not in OPEN:
                delivery = item["sk"].removeprefix("delivery#")
                assert last[item["pk"]].sequence > last[delivery].sequence, "a post's end before a delivery's"


def _subject(event: Event) -> str:
    data = event.data
    return str(data.get("delivery_id") or data.get("post_id") or data.get("channel_id") or data.get("media_id") or "")

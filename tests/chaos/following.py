"""Whoever tells events, beside a storm: the work table's stream in batches, by processes that die, stall and are
overtaken; and what the feeds must say of it in the end.

Its chances are its own, so that a storm is the same one without it; most of its calls take no time, to be cheap.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from punctual.events import kinds
from punctual.events.changes import Change
from punctual.events.event import Event
from punctual.events.feed import Expired, Feed
from punctual.events.telling import Telling
from punctual.tables import Table
from tests.chaos.stage import Process
from tests.integration.moved_clock import Killed
from tests.memory import faults
from tests.memory.faults import Fault, Faulty
from tests.memory.indexes import Item

if TYPE_CHECKING:
    from tests.chaos.town import Town

_SECONDS, _AGAIN = 55, (1, 4)
_BATCH = 100
_TAKES_TIME, _OFF = 0.1, 0.2
_RATES = {
    "die_before": 0.004,
    "die_after": 0.004,
    "lost_answer": 0.004,
    "throttle": 0.004,
    "conflict": 0.01,
    "stall": 0.002,
}
_FAULTS: dict[str, Fault] = {
    "die_before": faults.die(Killed),
    "die_after": faults.die(Killed, after=True),
    "lost_answer": faults.lost_acknowledgement(),
    "throttle": faults.throttle("ThrottlingException"),
    "conflict": faults.conflict(),
}
_TYPES = {"DRAFT": "drafted"}


@dataclass(frozen=True)
class _Record:
    """As the stream has it; what it costs to read one is spent once it is told."""

    at: datetime
    old: Item | None
    new: Item | None
    number: str

    def change(self) -> Change:
        key = self.new or self.old or {}
        old, new = (_native(item) if item else None for item in (self.old, self.new))
        at = self.at.replace(microsecond=0)
        return Change(pk=key["pk"], sk=key["sk"], at=at, old=old, new=new, stream="stream", sequence_number=self.number)


@dataclass
class Row:
    """What became of one row, write by write."""

    workspace_id: str
    expected: list[str] = field(default_factory=list)


class Follower:
    def __init__(self, town: "Town"):
        self._town, self._stage = town, town.stage
        self._rng = Random(repr(town.rng.getstate()))  # the hash of None is another in each process
        self._aws, self._count = Process("stream"), 0
        self._waiting: list[_Record] = []
        self._running: Process | None = None
        self._is_planned = False
        self._off_until: datetime | None = None
        self.rows: dict[str, Row] = {}
        self._numbers = itertools.count(100)
        town.dynamodb.tables["WorkTable"].listeners.append(self._wrote)

    def begin(self, lasts: float) -> None:
        """For a while nobody tells, sometimes; then much has happened already."""
        if self._rng.random() < _OFF:
            start = self._stage.now() + timedelta(seconds=self._rng.uniform(0, lasts))
            self._stage.plan((start - self._stage.now()).total_seconds(), self._rest, self._aws)

    @property
    def is_behind(self) -> bool:
        return bool(self._waiting or self._running)

    def _rest(self) -> None:
        self._off_until = self._stage.now() + timedelta(seconds=self._rng.uniform(300, 1500))

    def _wrote(self, old: Item | None, new: Item | None) -> None:
        item = new or old or {}
        kind = kinds.of(item)
        if not kind or old == new:
            return
        self._waiting.append(_Record(self._stage.now(), old, new, str(next(self._numbers))))
        if kind.name in ("post", "delivery"):
            row = self.rows.setdefault(item["id"], Row(item["workspace_id"]))
            row.expected += _expected(kind.name, old or {}, new)
        self._plan(self._rng.uniform(0.5, 8))

    def _plan(self, seconds: float) -> None:
        if not self._is_planned and not self._running:
            self._is_planned = True
            self._stage.plan(seconds, self._poll, self._aws)

    def _poll(self) -> None:
        self._is_planned = False
        if self._off_until and self._stage.now() < self._off_until:
            self._plan((self._off_until - self._stage.now()).total_seconds())
        elif self._waiting:
            self._invoke(self._waiting[: self._rng.choice((5, 40, _BATCH))])

    def _invoke(self, batch: "list[_Record]") -> None:
        """Lambda takes it for dead after a minute; a frozen process may go on all the same, for long."""
        self._count += 1
        process = self._running = Process(f"events-{self._count}", ends_at=self._stage.now() + timedelta(seconds=400))
        self._stage.plan(0, partial(self._work, process, batch), process)
        self._stage.plan(_SECONDS, partial(self._ended, process, 0), self._aws)

    def _work(self, process: Process, batch: "list[_Record]") -> None:
        done = 0
        try:
            self._telling().tell([record.change() for record in batch])
            done = len(batch)
        except Killed:
            process.is_dead = True
        except Exception as fault:  # noqa: BLE001 - as Lambda does: the batch comes again
            self._town.ledger.note(f"telling failed: {type(fault).__name__}", "")
        self._ended(process, done)

    def _ended(self, process: Process, done: int) -> None:
        if self._running is process:
            self._running = None
            del self._waiting[:done]
            self._plan(0.2 if done else self._rng.uniform(*_AGAIN))

    def _telling(self) -> Telling:
        client, now, sleep = Faulty(self._town.dynamodb, self._meets), self._stage.now, self._stage.sleep
        events = Table(client, "EventsTable", sleep)
        return self._town.sabotage.telling(
            work=Table(client, "WorkTable", sleep), events=events, feed=Feed(events, now, sleep), now=now
        )

    def _meets(self, name: str, kwargs: Mapping[str, Any]) -> Fault | None:
        if self._rng.random() < _TAKES_TIME:
            self._stage.sleep(self._rng.uniform(0.001, 0.05))
        if self._town.weather.is_calm:
            return None
        if self._town.weather.tables_are_out():
            return faults.outage()
        drawn = self._rng.random()
        for kind, rate in _RATES.items():
            drawn -= rate
            if drawn < 0:
                return self._fault(kind, name)
        return None

    def _fault(self, kind: str, name: str) -> Fault | None:
        if kind == "conflict" and name != "transact_write_items":
            return None
        self._town.weather.counted("events", kind)
        return faults.stall(self._rng.uniform(30, 120), self._stage.sleep) if kind == "stall" else _FAULTS[kind]


def _expected(kind: str, old: Mapping[str, Any], new: Mapping[str, Any] | None) -> Iterator[str]:
    """The events of one write that are about its state."""
    if new is None:
        if kind == "post":
            yield "post.deleted"
        return
    status = str(new["status"])
    if not old and status not in ("DRAFT", "SCHEDULED"):
        yield f"{kind}.scheduled"
    if status != old.get("status"):
        yield f"{kind}.{_TYPES.get(status, status.lower())}"
    elif kind == "post" and new["rev"] != old["rev"]:
        yield "post.updated"


def _native(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _native(inner) for name, inner in value.items()}
    return [_native(inner) for inner in value] if isinstance(value, list) else value


_UNCHECKED = (".at_risk", ".risk_cleared", ".part_published", ".publication_deleted", ".removed")


def wrong(town: "Town") -> Iterator[tuple[str, str]]:
    """What a feed leaves out, tells twice, or out of order. Of a table that was restored the stream is another one."""
    follower = town.follower
    if follower is None or town.ledger.is_restored:
        return
    if follower.is_behind:
        yield "events: the stream is not told to its end", ""
        return
    told: dict[str, list[str]] = defaultdict(list)
    feed = Feed(Table(town.dynamodb, "EventsTable"), town.stage.now)
    for workspace_id in {row.workspace_id for row in follower.rows.values()}:
        try:
            events = list(_read(feed, workspace_id))
        except Expired:
            yield f"events: the feed of {workspace_id} has a hole", ""
            continue
        if len(events) != feed.head(workspace_id).sequence:
            yield f"events: the feed of {workspace_id} ends before its head", ""
        for event in events:
            if event.type.startswith(("post.", "delivery.")) and not event.type.endswith(_UNCHECKED):
                told[event.data.get("delivery_id") or event.data["post_id"]].append(event.type)
    for about, row in follower.rows.items():
        if told[about] != row.expected:
            yield f"events: told {_short(told[about])}, not {_short(row.expected)}", about


def _read(feed: Feed, workspace_id: str) -> Iterator[Event]:
    sequence = 0
    while page := feed.read_on(workspace_id, sequence, 500).events:
        yield from page
        sequence = page[-1].sequence


def _short(types: list[str]) -> str:
    return " ".join(each.partition(".")[2] for each in types) or "nothing"

"""Whether records were lost is noticed, and nothing else is taken for it."""

import random
from datetime import timedelta
from typing import Any

import pytest

from punctual.events import beats
from punctual.events.changes import from_record
from punctual.events.repairs import Repairs
from punctual.events.watching import LATE, Watching
from punctual.tables import Table
from tests.integration.moved_clock import MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.streams import Stream
from tests.template import create_tables

Record = dict[str, Any]


class Tower:
    """A sweeper that writes beats, their stream, and who looks at it."""

    def __init__(self) -> None:
        self.clock = MovedClock()
        self.memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.memory)
        self.work, self.events = Table(self.memory, "WorkTable"), Table(self.memory, "EventsTable")
        self.repairs = Repairs(self.events, self.clock.now)
        self.watching = self.another()
        self.stream = Stream(self.memory, "WorkTable", clock=lambda: self.clock.now().timestamp())
        self.repair()

    def another(self) -> Watching:
        """Process."""
        return Watching(events=self.events, repairs=self.repairs, now=self.clock.now)

    def repair(self) -> None:
        """The baseline, or a repair that began a minute later and is done."""
        self.clock.run(minutes=1)
        seen = self.repairs.get()
        self.repairs.end(self.repairs.begin(seen, seen.due(self.clock.now()) or "table"))

    def beat(self, *, minutes: int = 60) -> list[Record]:
        """The records of so many minutes, in which the clock ticks."""
        for _ in range(minutes):
            self.clock.run(minutes=1)
            beats.write(self.work, self.clock.now())
        return self.taken()

    def taken(self) -> list[Record]:
        records, self.stream.records = self.stream.records, []
        return records

    def look(self, records: list[Record], *, at_once: int = 100) -> None:
        for place in range(0, len(records), at_once):
            self.watching.look([from_record(record) for record in records[place : place + at_once]])

    def is_lost(self) -> bool:
        return self.repairs.get().due(self.clock.now() + timedelta(minutes=1)) is not None


@pytest.fixture
def tower() -> Tower:
    found = Tower()
    found.look(found.beat())
    assert not found.is_lost()
    return found


def test_every_beat_is_written_once_an_hour_and_a_tick_too_many_or_too_few_is_no_loss(tower: Tower) -> None:
    records = tower.beat()
    assert len({record["dynamodb"]["Keys"]["pk"]["S"] for record in records}) == len(records) == beats.BEATS
    for _ in range(3):
        beats.write(tower.work, tower.clock.now())
    tower.clock.run(minutes=7)
    tower.look([*records, *tower.taken(), *tower.beat(minutes=90)])
    assert not tower.is_lost()


@pytest.mark.parametrize("lost", [1, 2, beats.BEATS])
def test_beats_that_did_not_come_are_a_loss(tower: Tower, lost: int) -> None:
    records = tower.beat()
    tower.look([*records[lost:], *tower.beat()])
    assert tower.is_lost()


def test_a_loss_is_noticed_by_another_process_that_knows_nothing_yet(tower: Tower) -> None:
    tower.beat()
    tower.watching = tower.another()
    tower.look(tower.beat())
    assert tower.is_lost()


def test_while_no_clock_ticks_nothing_is_lost(tower: Tower) -> None:
    tower.clock.run(days=9)
    tower.look(tower.beat())
    assert not tower.is_lost()


def test_records_that_come_again_are_no_loss(tower: Tower) -> None:
    records = [*tower.beat(), *tower.beat()]
    tower.look(records)
    tower.look(records[:40])
    tower.look(records)
    tower.look(tower.beat())
    assert not tower.is_lost()


def test_shards_come_in_any_order_each_in_its_own(tower: Tower) -> None:
    records = tower.beat(minutes=180)
    shards: dict[str, list[Record]] = {}
    for record in records:
        shards.setdefault(record["dynamodb"]["Keys"]["pk"]["S"], []).append(record)
    rng = random.Random(8)
    while shards:
        name = rng.choice(sorted(shards))
        tower.look([shards[name].pop(0)])
        shards = {each: left for each, left in shards.items() if left}
    assert not tower.is_lost()


def test_what_is_as_old_as_a_stream_keeps_records_says_that_older_ones_are_lost(tower: Tower) -> None:
    records = tower.beat()
    tower.clock.run_until(tower.clock.now() + LATE - timedelta(minutes=3))
    tower.look(records[-1:])
    assert not tower.is_lost()
    tower.clock.run(minutes=3)
    tower.look(records[-1:])
    assert tower.is_lost()


def test_one_loss_is_repaired_once_however_many_signs_come_of_it(tower: Tower) -> None:
    tower.beat(minutes=180)
    late = tower.beat(minutes=180)
    tower.clock.run(hours=23)
    tower.look(late[:10])
    assert tower.is_lost()
    tower.repair()
    tower.look(late[10:])
    tower.look(tower.beat(minutes=70))
    assert not tower.is_lost()


def test_a_loss_after_a_repair_began_is_another(tower: Tower) -> None:
    tower.beat()
    tower.look(tower.beat(minutes=2))
    tower.repair()
    tower.beat(minutes=10)
    tower.look(tower.beat())
    assert tower.is_lost()


def test_another_stream_is_a_loss_once_and_what_is_left_of_the_first_is_none(tower: Tower) -> None:
    """The table was restored, or its stream was off for a day: both leave a stream of another name."""
    left = tower.beat(minutes=30)
    tower.stream = Stream(tower.memory, "WorkTable", clock=lambda: tower.clock.now().timestamp())
    tower.look(tower.beat(minutes=4))
    assert tower.is_lost()
    tower.repair()
    tower.look(left)
    tower.look(tower.beat(minutes=70))
    assert not tower.is_lost()


def test_another_stream_is_a_loss_whatever_comes_of_it_first(tower: Tower) -> None:
    """A table that was restored from a backup of before there were beats has none."""
    tower.stream = Stream(tower.memory, "WorkTable", clock=lambda: tower.clock.now().timestamp())
    tower.work.put({"pk": "post_1", "sk": "post"})
    tower.look(tower.taken())
    assert tower.is_lost()


def test_losses_are_noted_by_the_latest_and_are_news_once(tower: Tower) -> None:
    now = tower.clock.now()
    assert tower.repairs.note_loss(now)
    assert not tower.repairs.note_loss(now - timedelta(minutes=1))
    assert tower.repairs.get().lost_before == now
    tower.repair()
    assert not tower.repairs.note_loss(now + timedelta(seconds=1))
    assert tower.repairs.note_loss(tower.clock.now())


def test_what_says_nothing_costs_nothing(tower: Tower) -> None:
    tower.work.put({"pk": "post_1", "sk": "post"})
    (record,) = tower.taken()
    tower.events.client = None
    tower.look([record])


def test_a_process_that_dies_before_it_remembers_a_beat_notes_its_loss_again(tower: Tower) -> None:
    tower.beat()
    records = tower.beat(minutes=2)
    whole = tower.events.update

    def dies(*given: Any, **more: Any) -> Any:
        whole(*given, **more)
        raise SystemExit

    tower.events.update = dies  # type: ignore[method-assign]
    with pytest.raises(SystemExit):
        tower.look(records)
    tower.events.update = whole  # type: ignore[method-assign]
    assert tower.is_lost()
    tower.look(records)
    assert tower.is_lost()

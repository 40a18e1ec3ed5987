"""A repair goes page by page and minute by minute; whoever dies on it, and whoever writes meanwhile, it ends right."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ulid import ULID

from punctual import leftovers, posts, workspaces
from punctual.events import repairing as module
from punctual.events import told
from punctual.events.changes import from_record
from punctual.events.feed import Feed
from punctual.events.repairing import STREAM_KEEPS, Repairing
from punctual.events.repairs import HELD, Repairs
from punctual.events.telling import Telling
from punctual.tables import Change, Item, Table
from tests.integration.killing import Fate, Fated, When
from tests.integration.moved_clock import Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.streams import Stream
from tests.template import create_tables

WORKSPACES = ("ws_1", "ws_2")
LONG = timedelta(minutes=1)
EXAMPLES = int(os.environ.get("REPAIR_EXAMPLES", "40"))


def delivery_of(post_id: str) -> str:
    return post_id.replace("post_", "dlv_")


class Town:
    """Workspaces whose posts are written by hand, with the stream, its reader, and who repairs what that missed."""

    def __init__(self, client: Any = None, clock: MovedClock | None = None):
        self.clock = clock or MovedClock()
        self.memory = MemoryDynamoDB(clock=lambda: self.clock.now().timestamp())
        create_tables(self.memory)
        self.stream = Stream(self.memory, "WorkTable", clock=lambda: self.clock.now().timestamp())
        self.work, self.events = Table(self.memory, "WorkTable"), Table(self.memory, "EventsTable")
        self.feed = Feed(self.events, self.clock.now, self.clock.sleep)
        self.repairs = Repairs(self.events, self.clock.now)
        self.woken: list[str] = []
        for workspace_id in WORKSPACES:
            self.work.put({**workspaces.key(workspace_id), "id": workspace_id})

    def repairing(self, client: Any = None) -> Repairing:
        """Of a process of its own, whose calls go through `client`."""
        client = client or self.memory
        work, events = (Table(client, table.name, self.clock.sleep) for table in (self.work, self.events))
        return Repairing(
            work=work,
            events=events,
            telling=self.telling(client),
            repairs=Repairs(events, self.clock.now),
            wake=self.woken.append,
            now=self.clock.now,
        )

    def telling(self, client: Any = None) -> Telling:
        work, events = (
            Table(client or self.memory, table.name, self.clock.sleep) for table in (self.work, self.events)
        )
        return Telling(
            work=work, events=events, feed=Feed(events, self.clock.now, self.clock.sleep), now=self.clock.now
        )

    def write(self, post_id: str, status: str, workspace_id: str = "ws_1") -> None:
        """As a publisher: the delivery, then the post."""
        delivery = {"pk": post_id, "sk": f"delivery#{delivery_of(post_id)}", "workspace_id": workspace_id}
        self.work.put({**delivery, "status": status, "channel_id": "chn_1", "provider": "sandbox"})
        self.work.put({**posts.key(post_id), "workspace_id": workspace_id, "status": status, "rev": 1})

    def delete(self, post_id: str, workspace_id: str = "ws_1") -> None:
        self.work.put(leftovers.of_post(workspace_id, post_id, 1, self.clock.now()))
        for sk in ("post", f"delivery#{delivery_of(post_id)}"):
            self.work.delete({"pk": post_id, "sk": sk})

    def tell(self, *, old_was_told: bool = False) -> None:
        with self.memory.lock:
            records, self.stream.records = self.stream.records, []
        changes = [from_record(record) for record in records]
        repaired_at = self.repairs.began(min(each.at for each in changes)) if changes else None
        self.telling().tell(changes, old_was_told=old_was_told, repaired_at=repaired_at)

    def lose(self) -> None:
        self.clock.run(minutes=1)
        self.stream.records.clear()
        self.repairs.note_loss(self.clock.now())
        self.clock.run(minutes=1)

    def go_on(self, client: Any = None, until: datetime | None = None) -> None:
        self.repairing(client).go_on(until or self.clock.now() + LONG)

    def finish(self) -> None:
        """Minute by minute, until nothing is due."""
        for _ in range(20):
            self.go_on()
            self.clock.run(minutes=1)
        repair = self.repairs.get()
        assert (repair.phase, repair.due(self.clock.now())) == (None, None)

    def told(self, workspace_id: str = "ws_1") -> list[tuple[str, str]]:
        events = self.feed.read(workspace_id, None, 10_000).events
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        return [(event.data.get("delivery_id") or event.data.get("post_id") or "", event.type) for event in events]


def settled() -> Town:
    town = Town()
    town.finish()
    return town


def lost() -> Town:
    """Posts of two workspaces: told, changed unseen, made unseen, gone unseen."""
    town = settled()
    for place, workspace_id in enumerate(WORKSPACES):
        for name in "abc":
            town.write(f"post_{name}{place}", "SCHEDULED", workspace_id)
    town.tell()
    for place, workspace_id in enumerate(WORKSPACES):
        town.write(f"post_a{place}", "COMPLETED", workspace_id)
        town.delete(f"post_b{place}", workspace_id)
        town.write(f"post_d{place}", "ERROR", workspace_id)
        town.write(f"post_e{place}", "SCHEDULED", workspace_id)
        town.delete(f"post_e{place}", workspace_id)
    town.lose()
    return town


REPAIRED = {
    "post_a0": ["post.scheduled", "post.completed"],
    "post_b0": ["post.scheduled", "post.deleted"],
    "post_c0": ["post.scheduled"],
    "post_d0": ["post.scheduled", "post.error"],
    "post_e0": ["post.deleted"],
    "dlv_a0": ["delivery.scheduled", "delivery.completed"],
    "dlv_b0": ["delivery.scheduled"],
    "dlv_c0": ["delivery.scheduled"],
    "dlv_d0": ["delivery.scheduled", "delivery.error"],
}


def check(town: Town) -> None:
    for place, workspace_id in enumerate(WORKSPACES):
        found: dict[str, list[str]] = {}
        for subject, said in town.told(workspace_id):
            found.setdefault(subject.replace(str(place), "0"), []).append(said)
        assert found == REPAIRED
        order = town.told(workspace_id)
        assert order.index((f"dlv_a{place}", "delivery.completed")) < order.index((f"post_a{place}", "post.completed"))


@pytest.fixture(params=[1, 3, 200])
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(module, "_PAGE", request.param)
    monkeypatch.setattr(module, "_PAGE_OF_TOLD", request.param)
    return request.param


def test_a_repair_tells_what_is_and_what_is_no_more(page: int) -> None:
    town = lost()
    town.finish()
    check(town)
    found = town.repairs.get()
    assert (found.read, found.gone, found.told) == (14, 2, 16)
    assert set(town.woken) == set(WORKSPACES)
    before = town.told()
    town.clock.run(minutes=1)
    town.repairs.note_loss(town.clock.now())
    town.clock.run(minutes=1)
    town.finish()
    assert town.told() == before
    assert town.repairs.get().told == 0


def test_work_ends_in_time_and_the_next_minute_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a table of half a million posts has it; here each call takes ten seconds."""
    monkeypatch.setattr(module, "_PAGE", 2)
    town, places = lost(), list[object]()
    slow = Meanwhile(town.memory, lambda _: town.clock.sleep(10))
    while town.repairs.get().phase or town.repairs.get().due(town.clock.now()):
        began = town.clock.now()
        town.go_on(slow, until=began + timedelta(seconds=40))
        repair = town.repairs.get()
        assert not repair.is_held(town.clock.now())
        places.append((repair.phase, repair.place))
    assert len(places) == len({str(place) for place in places}) > 5
    check(town)


def test_two_ticks_never_work_at_once(page: int) -> None:
    town, busy = lost(), list[str]()

    def another(name: str) -> None:
        if name != "get_item":  # that reads whose turn it is
            before = town.told()
            town.repairing(Meanwhile(town.memory, busy.append)).go_on(town.clock.now() + LONG)
            assert town.told() == before

    town.go_on(Meanwhile(town.memory, lambda name: another(name) if town.repairs.get().held_until else None))
    assert set(busy) == {"get_item"}
    check(town)


def test_two_ticks_that_begin_at_once_are_one(page: int) -> None:
    town = lost()
    twice = [lambda: town.go_on()]
    town.go_on(Meanwhile(town.memory, lambda name: twice.pop()() if twice and name == "update_item" else None))
    check(town)
    assert town.repairs.get().told == 16


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_repair_that_is_killed_at_any_of_its_calls_goes_on_where_it_was(when: When) -> None:
    at, died = 0, set[str]()
    while True:
        town, fate = lost(), Fate(at := at + 1, when)
        try:
            town.go_on(Fated(town.memory, fate))
        except Killed:
            died.add(fate.died_in)
            if town.repairs.get().is_held(town.clock.now()):
                before = town.repairs.get()
                town.go_on()
                assert town.repairs.get() == before
            town.clock.run_until(town.clock.now() + HELD)
            town.finish()
        check(town)
        if not fate.died_in:
            break
    assert died == {"get_item", "update_item", "scan", "batch_get_item", "transact_write_items", "query"}


def test_a_loss_that_is_noticed_during_a_repair_is_repaired_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAGE", 1)
    town = lost()

    def late(name: str) -> None:
        if name == "scan" and town.repairs.get().phase == "told" and not town.work.get(posts.key("post_z")):
            town.write("post_z", "SCHEDULED")
            town.lose()

    town.go_on(Meanwhile(town.memory, late), until=town.clock.now() + timedelta(hours=1))
    assert "post_z" not in dict(town.told())
    town.finish()
    assert [said for subject, said in town.told() if subject == "post_z"] == ["post.scheduled"]


def test_what_came_and_went_long_ago_is_not_told_again() -> None:
    """What was told of it is forgotten, and its row is kept for months."""
    town = settled()
    town.write("post_a0", "SCHEDULED")
    town.delete("post_a0")
    town.tell()
    gone = town.told()
    town.clock.run_until(town.clock.now() + told.REMEMBERED)
    town.events.delete(told.key("ws_1", "post_a0"))
    town.lose()
    town.finish()
    assert town.told() == gone


def test_a_workspace_that_is_deleted_is_left_alone() -> None:
    town = lost()
    town.work.update(workspaces.key("ws_1"), Change(set={"deleting_at": "now"}))
    before = town.told()
    town.finish()
    assert town.told() == before
    assert len(town.told("ws_2")) > len(before)


def made(town: Town, age: timedelta) -> str:
    return f"post_{ULID.from_datetime(town.clock.now() - age)}"


def test_a_stack_that_is_older_than_its_feed_begins_with_what_is_there(page: int) -> None:
    town = Town()
    old, changed, young = made(town, STREAM_KEEPS * 2), made(town, STREAM_KEEPS * 3), made(town, timedelta(hours=1))
    for post_id in (old, changed):
        town.write(post_id, "SCHEDULED")
    town.stream.records.clear()
    town.write(young, "SCHEDULED")
    town.write(changed, "PUBLISHING")
    assert not town.repairs.is_settled()
    town.tell(old_was_told=True)
    town.finish()
    assert town.repairs.is_settled()
    told = [each for each in town.told() if each[0].startswith("post_")]
    assert told == [(young, "post.scheduled"), (changed, "post.publishing")]
    town.write(old, "PUBLISHING")
    town.tell()
    assert town.told()[-1] == (old, "post.publishing")
    assert town.repairs.get().begun_at == town.repairs.get().watched_since


def test_what_is_younger_than_the_stream_is_left_to_it(page: int) -> None:
    """The baseline comes first, the records of what was made after."""
    town = Town()
    young = made(town, timedelta(hours=1))
    town.write(young, "SCHEDULED")
    town.finish()
    assert town.told() == []
    town.tell()
    assert town.told() == [(delivery_of(young), "delivery.scheduled"), (young, "post.scheduled")]


def test_while_what_is_there_is_noted_what_is_new_is_told_from_its_record_however_late() -> None:
    town = Town()
    young = made(town, timedelta(hours=1))
    town.write(young, "SCHEDULED")
    town.clock.run(hours=1)
    town.repairs.begin(town.repairs.get(), "baseline")
    town.tell(old_was_told=True)
    assert town.told() == [(delivery_of(young), "delivery.scheduled"), (young, "post.scheduled")]


def test_a_record_from_before_a_repair_is_met_by_what_is_whatever_followed_it_and_was_lost() -> None:
    """As of a stream that was switched off: what it has is told late, what came next never."""
    town = settled()
    town.write("post_a0", "SCHEDULED")
    town.write("post_b0", "SCHEDULED")
    late = list(town.stream.records)
    town.delete("post_a0")
    town.write("post_b0", "COMPLETED")
    town.lose()
    town.finish()
    before = town.told()
    assert before[-1] == ("post_a0", "post.deleted")
    town.stream.records += late
    town.tell()
    assert town.told() == before


STATES = ("SCHEDULED", "PUBLISHING", "HELD", "UNCONFIRMED", "PARTIAL", "COMPLETED")
ACTIONS = st.lists(st.sampled_from(["write 0", "write 1", "write 2", "delete 2", "tell", "again", "time"]), max_size=60)


@settings(max_examples=EXAMPLES)
@example(before=["time"], meanwhile=["delete 2", "tell", "write 2", "write 0", "delete 2", "write 1", "tell"], size=3)
@given(before=ACTIONS, meanwhile=ACTIONS, size=st.sampled_from([1, 3, 200]))
def test_beside_writers_and_the_stream_a_repair_tells_nothing_backwards(
    before: list[str], meanwhile: list[str], size: int
) -> None:
    town = settled()
    busy, left = Busy(town), list(meanwhile)
    for action in before:
        busy.act(action)
    town.lose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PAGE", size)
        patch.setattr(module, "_PAGE_OF_TOLD", size)
        town.go_on(Meanwhile(town.memory, lambda _: busy.act(left.pop(0)) if left else None))
        town.finish()
    town.tell()
    busy.check()


def test_a_repair_in_one_thread_the_stream_in_another_and_writers_in_two() -> None:
    town = settled()
    busy = [Busy(town), Busy(town)]
    town.lose()

    def writes(mine: int) -> None:
        for place in range(30 * len(STATES)):
            busy[mine].write(f"post_{mine}x{place % 30}")

    def follows() -> None:
        for _ in range(60):
            town.tell()

    def repairs() -> None:
        for _ in range(6):
            town.repairs.note_loss(town.clock.now())
            town.go_on()
            town.clock.sleep(20)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(writes, 0), pool.submit(writes, 1), pool.submit(follows), pool.submit(repairs)]:
            each.result()
    town.finish()
    town.tell()
    for each in busy:
        each.check()


class Busy:
    """Posts that go their way, each write by itself; records come when they come, and come again."""

    def __init__(self, town: Town):
        self.town = town
        self.written: dict[str, list[str]] = {}
        self.given: list[Item] = []
        self.deleted: set[str] = set()

    def act(self, action: str) -> None:
        name, _, post = action.partition(" ")
        match name:
            case "write":
                self.write(f"post_{post}")
            case "delete":
                if f"post_{post}" in self.written and f"post_{post}" not in self.deleted:
                    self.deleted.add(f"post_{post}")
                    self.town.delete(f"post_{post}")
            case "time":
                self.town.clock.sleep(7)
            case _:
                self.given = [*self.given, *self.town.stream.records]
                self.town.stream.records = self.given[-9:] if name == "again" else self.town.stream.records
                self.town.tell()

    def write(self, post_id: str) -> None:
        states = self.written.setdefault(post_id, [])
        if post_id not in self.deleted and len(states) < len(STATES):
            states.append(STATES[len(states)])
            self.town.write(post_id, states[-1])

    def check(self) -> None:
        order = self.town.told()
        for post_id, states in self.written.items():
            types = [f"post.{state.lower()}" for state in states]
            told = [said for subject, said in order if subject == post_id]
            if post_id in self.deleted:
                assert told.pop() == "post.deleted"
                assert not told or told == sorted(set(told), key=types.index)
                continue
            assert told == sorted(set(told), key=types.index), "twice, or backwards"
            assert told[-1] == types[-1]
            if states[-1] == "COMPLETED":
                assert order.index((post_id, types[-1])) > order.index((delivery_of(post_id), "delivery.completed"))


class Meanwhile:
    """A client; something else happens before each of its calls."""

    def __init__(self, client: Any, what: Callable[[str], object]):
        self._client = client
        self._what = what

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self._what(name)
            return getattr(self._client, name)(**given)

        return call

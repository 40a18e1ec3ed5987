"""The same records again, in part, in another order, by workers that die or meet each other: the feed is as if each had
come once, and nobody had died."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier, Thread

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from punctual import workspaces
from punctual.drafts import MAX_TARGETS
from punctual.events.changes import from_record
from punctual.events.telling import Telling
from punctual.tables import Change, Table
from tests.integration.events.bench import COURSE, ONE, OTHER, POST, WORKSPACE, Bench, Record, live
from tests.integration.killing import Fate, Fated, When
from tests.integration.moved_clock import Killed
from tests.memory.refusals import client_error

EXPECTED = [
    (f"{'post' if what == 'post' else 'delivery'}.{status.lower()}", POST if what == "post" else what)
    for what, status in COURSE
]


def of(subject: str, told: Sequence[tuple[str, str]]) -> list[str]:
    return [each for each, whose in told if whose == subject]


def test_what_happens_is_told_as_it_happens() -> None:
    assert live() == EXPECTED


def test_what_happened_long_before_it_is_told_is_told_alike() -> None:
    """Though whoever tells of the post's first end finds its deliveries at their second."""
    bench = Bench()
    bench.tell(bench.history())
    assert bench.told() == EXPECTED


CORRECTED = (
    *(("post", "SCHEDULED"), (ONE, "SCHEDULED"), (ONE, "PUBLISHING"), (ONE, "UNCONFIRMED"), (ONE, "ERROR")),
    *(("post", "UNCONFIRMED"), ("post", "ERROR"), (ONE, "SCHEDULED"), (ONE, "PUBLISHING")),
)
"""Who rolled the post up had read its delivery before it changed; the row was put right a moment later."""
ALIKE = (
    *(("post", "SCHEDULED"), (ONE, "SCHEDULED"), (OTHER, "SCHEDULED"), (ONE, "COMPLETED"), (OTHER, "ERROR")),
    *(("post", "PARTIAL"), (OTHER, "SCHEDULED"), ("post", "PUBLISHING"), (OTHER, "MISSED"), ("post", "PARTIAL")),
)
"""Two ends of a post look the same, and its deliveries' do not."""
OVERTAKEN = (
    *(("post", "SCHEDULED"), (ONE, "SCHEDULED"), (OTHER, "SCHEDULED"), (ONE, "UNCONFIRMED"), (OTHER, "UNCONFIRMED")),
    *(
        (OTHER, "PUBLISHING"),
        ("post", "UNCONFIRMED"),
        (ONE, "PUBLISHING"),
        (ONE, "UNCONFIRMED"),
        (OTHER, "UNCONFIRMED"),
    ),
)
"""One delivery goes on while the post is rolled up, and the other one goes on in its turn."""


@pytest.mark.parametrize("course", [CORRECTED, ALIKE, OVERTAKEN], ids=["corrected", "alike", "overtaken"])
def test_an_end_that_was_not_the_last_reads_nothing_ahead(course: Sequence[tuple[str, str]]) -> None:
    bench = Bench()
    for number, (what, status) in enumerate(course):
        bench.write(what, status, number=number)
    bench.tell(bench.taken())
    for subject, what in ((POST, "post"), (ONE, ONE), (OTHER, OTHER)):
        kind = "post" if what == "post" else "delivery"
        assert of(subject, bench.told()) == [f"{kind}.{status.lower()}" for whose, status in course if whose == what]


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 9)), max_size=8))
def test_batches_that_come_again_in_whole_or_in_part_tell_nothing_twice(steps: list[tuple[int, int]]) -> None:
    """Each begins some records before where the last one ended: a stream gives them in order, from where it was."""
    bench = Bench()
    records = bench.history()
    reached = 0
    for back, count in (*steps, (0, len(records))):
        start = max(0, reached - back)
        bench.tell(records[start : start + count])
        reached = max(reached, start + count)
    bench.tell(records)
    assert bench.told() == EXPECTED


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_in_whatever_order_items_come_each_is_told_in_its_own_and_the_posts_end_is_told_last(seed: int) -> None:
    """They may lie in several shards. What was read from the table, states that came and went are not told of."""
    bench, rng = Bench(), Random(seed)
    mixed = _mixed(bench.history(), rng)
    while mixed:
        count = rng.randint(1, len(mixed))
        bench.tell(mixed[:count])
        del mixed[:count]
    told = bench.told()
    for subject in (POST, ONE, OTHER):
        expected = iter(of(subject, EXPECTED))
        assert all(each in expected for each in of(subject, told)), "nothing else, and nothing backwards"
        assert of(subject, told)[-1] == of(subject, EXPECTED)[-1]
    assert of(POST, told) == of(POST, EXPECTED)
    assert told[-1] == EXPECTED[-1]


def _mixed(records: list[Record], rng: Random) -> list[Record]:
    """Those of each item in their order."""
    queues: dict[str, list[Record]] = {}
    for record in records:
        queues.setdefault(record["dynamodb"]["Keys"]["sk"]["S"], []).append(record)
    found = []
    while left := [queue for queue in queues.values() if queue]:
        found.append(rng.choice(left).pop(0))
    return found


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_that_dies_at_whatever_call_leaves_nothing_half_told(when: When) -> None:
    """What failed comes again whole."""
    at = 0
    while True:
        bench, fate = Bench(), Fate(at=(at := at + 1), when=when)
        records = bench.history()
        try:
            bench.tell(records, Fated(bench.memory, fate))
        except Killed:
            bench.tell(records)
        assert bench.told() == EXPECTED, fate.died_in
        if not fate.died_in:
            break
    assert at > 5, "there were calls to die in"


def test_two_workers_with_the_same_batch_at_once_tell_it_once() -> None:
    for _ in range(5):
        bench = Bench()
        records, ready = bench.history(), Barrier(2)

        def work(bench: Bench = bench, records: list[Record] = records, ready: Barrier = ready) -> None:
            ready.wait()
            bench.tell(records)

        workers = [Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert bench.told() == EXPECTED


@pytest.mark.parametrize(("mine", "theirs"), [(5, 15), (15, 5), (9, 10)])
def test_a_worker_that_another_one_overtakes_tells_nothing_backwards_and_leaves_nothing_out(
    mine: int, theirs: int
) -> None:
    """Lambda gives a batch again while a worker that it took for dead goes on."""
    bench = Bench()
    records = bench.history()

    class Meanwhile:
        def __getattr__(self, name: str) -> object:
            if name == "transact_write_items":
                bench.tell(records[:theirs])
            return getattr(bench.memory, name)

    bench.tell(records[:mine], Meanwhile())
    assert bench.told() == EXPECTED[: max(mine, theirs)]


def test_a_post_of_the_most_targets_is_told_of_in_as_many_transactions_as_it_takes_and_ends_last() -> None:
    bench, ids = Bench(), [f"dlv_{n}" for n in range(MAX_TARGETS)]
    bench.write("post", "SCHEDULED")
    for status in ("SCHEDULED", "READY", "PUBLISHING", "COMPLETED"):
        for delivery_id in ids:
            bench.write(delivery_id, status)
    bench.write("post", "COMPLETED")
    records, fate = bench.taken(), Fate(at=0, when="before")
    bench.tell(records, Fated(bench.memory, fate))
    assert len(records) == len(bench.told()) == 4 * MAX_TARGETS + 2
    assert fate.names.count("transact_write_items") == 3, "160 events, and what was told of 41 items"
    assert bench.told()[-1] == ("post.completed", POST)


def test_a_workspace_that_is_being_deleted_gets_no_more_events() -> None:
    bench = Bench()
    bench.write("post", "SCHEDULED")
    bench.tell(bench.taken())
    bench.work.update(workspaces.key(WORKSPACE), Change(set={"deleting_at": "2026-11-22T16:00:00.000Z"}))
    before = len(bench.memory.tables["EventsTable"].rows)
    bench.write("post", "CANCELLED")
    bench.tell(bench.taken())
    bench.work.delete(workspaces.key(WORKSPACE))
    bench.write(ONE, "CANCELLED")
    bench.tell(bench.taken())
    assert len(bench.memory.tables["EventsTable"].rows) == before


def test_workspaces_of_one_batch_are_told_side_by_side_and_one_that_fails_keeps_no_other_waiting() -> None:
    bench, together = Bench(), Barrier(2, timeout=10)
    for n in (1, 2, 3):
        bench.work.put({**workspaces.key(f"ws_{n}"), "workspace_id": f"ws_{n}"})
        bench.work.put({"pk": f"post_{n}", "sk": "post", "workspace_id": f"ws_{n}", "status": "DRAFT", "rev": 1})
    changes = [from_record(record) for record in bench.taken()]

    class Slow:
        def __getattr__(self, name: str) -> object:
            return getattr(bench.memory, name)

        def batch_get_item(self, **given: object) -> object:
            if "ws_3" in str(given):
                raise client_error("BatchGetItem", "InternalServerError", "later")
            together.wait()
            return bench.memory.batch_get_item(**given)

    events = Table(Slow(), "EventsTable")
    telling = Telling(work=bench.work, events=events, feed=bench.feed, now=bench.clock.now)
    with ThreadPoolExecutor(3) as pool, pytest.raises(ClientError):
        telling.tell(changes, each=pool.map)
    assert [len(bench.feed.read(f"ws_{n}", None, 10).events) for n in (1, 2, 3)] == [1, 1, 0]

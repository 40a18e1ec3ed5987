"""Deliveries that finish share no item that both write: so hundreds may finish in one second, and none waits for
another one. Their events follow from the stream, and are not written with them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations
from threading import Lock
from typing import Any
from zlib import crc32

import httpx
import pytest

from punctual.events import kinds
from punctual.events.changes import Change, from_record
from punctual.events.feed import Feed
from punctual.events.telling import Telling
from punctual.messages import Step, parse
from punctual.publishing import Invocation
from punctual.states import DeliveryStatus
from punctual.tables import Table
from punctual.writing import Written
from tests.integration.events.writes import Place, Writes, working
from tests.integration.workers import worker
from tests.integration.world import INVOCATION, World
from tests.memory.faults import Faulty
from tests.memory.streams import Stream

MANY, SHARDS, BATCH = 200, 4, 100


class Apart(World):
    """Whoever works on a delivery's message writes in its name."""

    def _receive(self, body: str) -> None:
        message = parse(body)
        with working(message.delivery_id if isinstance(message, Step) else ""):
            super()._receive(body)


def finished(count: int, channels: int) -> tuple[World, Writes]:
    writes = Writes()
    world = Apart(wrap=lambda service, client: Faulty(client, writes) if service == "dynamodb" else client)
    mine = [world.connect(f"ada{n}", lifetime="86400") for n in range(channels)]
    for n in range(count):
        world.post(f"Hello {n}", *mine, in_minutes=30)
    writes.made.clear()
    world.clock.run(hours=1)
    return world, writes


def written(writes: Writes) -> dict[str, set[Place]]:
    found: dict[str, set[Place]] = {}
    for each in writes.made:
        if each.who:
            found.setdefault(each.who, set()).update(place for place in each.places if place[0] == "WorkTable")
    return found


def test_deliveries_of_different_posts_write_no_item_in_common() -> None:
    _, writes = finished(count=3, channels=1)
    found = written(writes)
    assert len(found) == 3
    for (one, mine), (other, theirs) in combinations(found.items(), 2):
        assert mine
        assert theirs
        assert not mine & theirs, (one, other)


def test_deliveries_of_one_post_share_its_row_alone_and_write_it_by_itself() -> None:
    _, writes = finished(count=1, channels=3)
    found = written(writes)
    assert len(found) == 3
    shared = {place for one, other in combinations(found.values(), 2) for place in one & other}
    assert {sk for _, _, sk in shared} == {"post"}
    of_the_post = [each for each in writes.made if each.places & shared]
    assert of_the_post
    assert all(len(each.places) == 1 and not each.is_transaction for each in of_the_post)


@pytest.mark.parametrize(("count", "channels"), [(3, 1), (1, 3)])
def test_no_transaction_spans_two_deliveries(count: int, channels: int) -> None:
    """Of what publishing writes; a post is written, changed and deleted as one."""
    _, writes = finished(count, channels)
    assert not [each for each in writes.made if each.who and len(_deliveries(each.places)) > 1]


def _deliveries(places: frozenset[Place]) -> set[str]:
    return {sk.split("#")[1] for _, _, sk in places if sk.startswith(("delivery#", "attempt#"))}


def test_posts_of_one_second_finish_side_by_side_without_a_conflict_and_are_all_told() -> None:
    """Every 50th write is refused all the same, as if something else were at work on its item. The stream has four
    shards, each told by a worker of its own, which meet at the feed of the one workspace."""
    world, made, bodies = _due_at_once()
    stream = Stream(world.dynamodb, "WorkTable", clock=lambda: world.clock.now().timestamp())
    writes, turn = Writes(takes_seconds=0.001, spoilt=50), Lock()
    client = Faulty(world.dynamodb, writes)

    def respond(request: httpx.Request) -> httpx.Response:
        with turn:
            return world.answer(request)

    def publish(body: str) -> None:
        publishing = worker(world, dynamodb=client, respond=respond)
        publishing.handle(parse(body), Invocation(deadline=world.clock.now() + INVOCATION, id="test"))

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(publish, bodies))
    assert {world.delivery(post).status for post in made} == {DeliveryStatus.COMPLETED}
    assert [place for place in writes.conflicts if place[0] == "WorkTable"] == []
    changes = [from_record(record) for record in stream.records]
    with ThreadPoolExecutor(SHARDS) as pool:
        list(
            pool.map(
                lambda shard: _tell(world, client, [each for each in changes if _shard(each) == shard]), range(SHARDS)
            )
        )
    _check(world, made)


def _due_at_once() -> tuple[World, list[Written], list[str]]:
    """Posts that are prepared, and the messages that are received at their second."""
    world, bodies = World(), list[str]()
    channels = [world.connect(f"ada{n}", lifetime="86400") for n in range(MANY // 10)]
    made = [world.post(f"Hello {n}", channels[n // 10], in_minutes=2) for n in range(MANY)]
    due_at = made[0].post.due_at
    assert due_at
    world.clock.run_until(due_at - timedelta(seconds=5))
    world.sqs._receive = bodies.append
    world.clock.run_until(due_at)
    assert len(bodies) == MANY
    return world, made, bodies


def _shard(change: Change) -> int:
    return crc32(change.pk.encode()) % SHARDS


def _tell(world: World, client: Any, changes: list[Change]) -> None:
    """In batches; what fails comes again."""
    events = Table(client, "EventsTable")
    telling = Telling(
        work=Table(client, "WorkTable"), events=events, feed=Feed(events, world.clock.now), now=world.clock.now
    )
    for start in range(0, len(changes), BATCH):
        telling.tell([each for each in changes[start : start + BATCH] if kinds.of({"pk": each.pk, "sk": each.sk})])


def _check(world: World, made: list[Written]) -> None:
    told: dict[str, list[str]] = {}
    events = Feed(world.table("EventsTable"), world.clock.now).read(world.workspace_id, None, 10 * MANY).events
    assert [each.sequence for each in events] == list(range(1, len(events) + 1))
    for each in events:
        told.setdefault(each.data["post_id"], []).append(each.type)
    assert told.keys() == {post.post.id for post in made}
    course = ["delivery.scheduled", "delivery.publishing", "delivery.completed", "post.scheduled", "post.completed"]
    assert [each for each in told.values() if each != course] == []

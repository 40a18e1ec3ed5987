"""After a restore every part that may have gone out since the backup is looked for, not the first one alone."""

import copy
from typing import Any

import pytest

from punctual.resolving import Resolution, Resolving
from punctual.states import DeliveryStatus
from punctual.writing import Written
from tests.integration.world import World


@pytest.fixture
def world() -> World:
    found = World()
    found.run_sweeper()
    found.pauses.know_table()
    return found


def published_and_restored(world: World, protection: str, *delays: int) -> Written:
    """A thread that went out whole after the backup that the table was restored from."""
    channel = world.connect(lifetime="86400")
    thread = [{"text": f"part {place + 1}", "delay_seconds": delay} for place, delay in enumerate(delays)]
    written = world.post("part 0", channel, in_minutes=5, thread=thread, settings={"protection": protection})
    world.clock.run(minutes=1)
    saved = copy.copy(world.dynamodb.tables["WorkTable"].rows)
    world.clock.run(minutes=15)
    assert sorted(world.texts()) == [f"part {place}" for place in range(len(delays) + 1)]
    restore(world, saved)
    world.pauses.resume_stack()
    return written


def restore(world: World, saved: dict[Any, Any]) -> None:
    table = world.dynamodb.tables["WorkTable"]
    for key in list(table.rows):
        table.write(key, None)
    for key, row in saved.items():
        table.write(key, row)
    table.id = "another table"


@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "duplicate_rejection", "search", "none"])
def test_no_part_of_a_thread_goes_out_again(world: World, protection: str) -> None:
    written = published_and_restored(world, protection, 0, 60)
    world.clock.run(hours=2)
    assert sorted(world.texts()) == ["part 0", "part 1", "part 2"]
    finds = protection in ("duplicate_rejection", "search")
    expected = DeliveryStatus.COMPLETED if finds else DeliveryStatus.UNCONFIRMED
    if protection not in ("chosen_id", "handle"):
        assert world.delivery(written).status is expected


def test_nor_once_a_person_has_found_the_part_before_it(world: World) -> None:
    written = published_and_restored(world, "none", 0)
    world.clock.run(minutes=5)
    resolving = Resolving(
        client=world.dynamodb, posts=world.posts, deliveries=world.deliveries, queue=world.queue, now=world.clock.now
    )
    found = Resolution(outcome="published", platform_id=world.timeline()[-1]["id"], url="https://seen.example/")
    resolving.resolve(world.workspace_id, written.post.id, world.delivery(written).id, found)
    world.clock.run(hours=1)
    assert sorted(world.texts()) == ["part 0", "part 1"]
    assert world.delivery(written).status is DeliveryStatus.UNCONFIRMED


@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "search", "none"])
def test_nor_where_the_backup_was_made_while_an_outcome_was_unknown(world: World, protection: str) -> None:
    channel = world.connect(lifetime="86400")
    first = "part 0 [sandbox:error_after]"
    written = world.post(first, channel, in_minutes=5, thread=[{"text": "part 1"}], settings={"protection": protection})
    world.clock.run(minutes=5.5)
    saved = copy.copy(world.dynamodb.tables["WorkTable"].rows)
    assert world.delivery(written).sending_at
    world.clock.run(minutes=15)
    restore(world, saved)
    world.pauses.resume_stack()
    world.clock.run(hours=2)
    assert sorted(world.texts()) in ([first, "part 1"], [first])


def test_a_part_that_cannot_have_been_due_before_the_restore_is_sent(world: World) -> None:
    channel = world.connect(lifetime="86400")
    thread = [{"text": "part 1", "delay_seconds": 7200}]
    written = world.post("part 0", channel, in_minutes=5, thread=thread, settings={"protection": "search"})
    world.clock.run(minutes=1)
    saved = copy.copy(world.dynamodb.tables["WorkTable"].rows)
    world.clock.run(minutes=15)
    restore(world, saved)
    world.pauses.resume_stack()
    world.clock.run(hours=3)
    assert sorted(world.texts()) == ["part 0", "part 1"]
    assert world.delivery(written).status is DeliveryStatus.COMPLETED

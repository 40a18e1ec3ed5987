"""Pause and restore: at once, nothing lost, and what may be live already is looked for first."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from punctual.channels import Channel
from punctual.drafts import PostChange
from punctual.resolving import Resolution, Resolving
from punctual.states import DeliveryStatus
from tests.integration.workers import faulty, meanwhile, worker, writes
from tests.integration.world import World

S = DeliveryStatus


@pytest.fixture
def channel(world: World) -> Channel:
    world.pauses.know_table()
    return world.connect("ada", lifetime="86400")


@pytest.fixture
def resolving(world: World) -> Resolving:
    return Resolving(
        client=world.dynamodb, posts=world.posts, deliveries=world.deliveries, queue=world.queue, now=world.clock.now
    )


def backup(world: World) -> dict[str, Any]:
    items = world.dynamodb.scan(TableName=world.names["WorkTable"])["Items"]
    return {"items": copy.deepcopy(items)}


def restore(world: World, saved: dict[str, Any]) -> None:
    """The same name, another table: as deleting it and restoring a backup under its name would give."""
    name = world.names["WorkTable"]
    for item in world.dynamodb.scan(TableName=name)["Items"]:
        world.dynamodb.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
    for item in saved["items"]:
        world.dynamodb.put_item(TableName=name, Item=item)
    world.dynamodb.tables[name].id = "restored"


@pytest.mark.parametrize("of_stack", [True, False], ids=["stack", "workspace"])
def test_a_pause_stops_everything_at_once_and_resuming_loses_nothing(
    world: World, channel: Channel, of_stack: bool
) -> None:
    written = world.post("Held back", channel, in_minutes=5)
    world.clock.run(minutes=4.9)
    assert world.delivery(written).status is S.READY
    world.pauses.pause_stack() if of_stack else world.pauses.pause(world.workspace_id)
    world.clock.run(minutes=20)
    assert world.texts() == []
    world.pauses.resume_stack() if of_stack else world.pauses.resume(world.workspace_id)
    world.clock.run(minutes=1.2)
    assert world.delivery(written).status is S.COMPLETED


def test_nothing_is_even_prepared_while_paused(world: World, channel: Channel) -> None:
    written = world.post("Waits", channel, in_minutes=5, settings={"protection": "handle"})
    world.pauses.pause(world.workspace_id)
    world.clock.run(minutes=10)
    delivery = world.delivery(written)
    assert (delivery.status, world.attempts.of_delivery(delivery)) == (S.SCHEDULED, [])


def test_a_paused_workspace_does_not_hold_up_another(world: World, channel: Channel) -> None:
    other = world.workspaces.create("Other")
    world.pauses.pause(other.id)
    written = world.post("Goes out", channel, in_minutes=5)
    world.clock.run(minutes=6)
    assert world.delivery(written).status is S.COMPLETED


def test_a_pause_that_comes_after_the_mark_still_stops_the_call(world: World, channel: Channel) -> None:
    written = world.post("Stopped", channel, in_minutes=5, settings={"protection": "none"})
    world.clock.run_until(world.delivery(written).due_at - timedelta(seconds=3))
    pause = meanwhile(lambda: world.pauses.pause(world.workspace_id), after=True)
    world.publishing = worker(world, dynamodb=faulty(world, writes(sending_at=None), pause))
    world.clock.run(minutes=5)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.sending_at, world.texts()) == (S.READY, None, [])
    world.pauses.resume(world.workspace_id)
    world.clock.run(minutes=2)
    assert world.texts() == ["Stopped"]


def test_a_post_that_was_paused_too_long_is_missed(world: World, channel: Channel) -> None:
    written = world.post("Too late", channel, in_minutes=5, max_delay_seconds=300)
    world.pauses.pause_stack()
    world.clock.run(minutes=30)
    world.pauses.resume_stack()
    world.clock.run(minutes=2)
    assert (world.delivery(written).status, world.texts()) == (S.MISSED, [])


@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "search", "none"])
def test_a_restored_stack_starts_paused_and_looks_before_it_sends(
    world: World, channel: Channel, protection: str
) -> None:
    written = world.post("Live already", channel, in_minutes=30, settings={"protection": protection})
    later = world.post("Later", channel, in_minutes=120, settings={"protection": protection})
    world.clock.run(minutes=28)
    saved = backup(world)
    world.clock.run(minutes=10)
    assert world.texts() == ["Live already"]
    restore(world, saved)
    world.clock.run(minutes=10)
    assert world.delivery(written).status in (S.SCHEDULED, S.READY), "it starts paused"
    assert world.pauses.resume_stack() is True
    world.clock.run(minutes=5)
    found = {"key": S.UNCONFIRMED, "none": S.UNCONFIRMED}.get(protection, S.COMPLETED)
    assert world.delivery(written).status is found
    world.clock.run(hours=2)
    assert world.delivery(later).status is S.COMPLETED
    assert sorted(world.texts()) == ["Later", "Live already"]


@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle"])
def test_after_a_restore_neither_key_nor_id_nor_handle_is_trusted(
    world: World, channel: Channel, protection: str
) -> None:
    """What went out was edited in the lost hours: under another revision, and so another key and id."""
    written = world.post("Before", channel, in_minutes=30, settings={"protection": protection})
    world.clock.run(minutes=28)
    saved = backup(world)
    world.writing.edit(world.workspace_id, written.post.id, PostChange(text="After"))
    world.clock.run(minutes=5)
    assert world.texts() == ["After"]
    restore(world, saved)
    world.clock.run(minutes=1)
    world.pauses.resume_stack()
    world.clock.run(minutes=30)
    assert (world.delivery(written).status, world.texts()) == (S.UNCONFIRMED, ["After"])


def test_a_retry_after_a_restore_is_protected_as_any_other_post(
    world: World, channel: Channel, resolving: Resolving
) -> None:
    text = "[sandbox:error_before=1] Again"
    written = world.post(text, channel, in_minutes=30, settings={"protection": "chosen_id"})
    saved = backup(world)
    world.writing.cancel(world.workspace_id, written.post.id)
    world.clock.run(minutes=40)
    restore(world, saved)
    world.pauses.resume_stack()
    world.clock.run(minutes=3)
    where = (world.workspace_id, written.post.id, world.delivery(written).id)
    resolving.resolve(*where, Resolution(outcome="not_published"))
    resolving.retry(*where)
    world.clock.run(minutes=5)
    assert (world.delivery(written).status, world.texts()) == (S.COMPLETED, [text])


def test_what_a_person_finds_missing_after_a_restore_can_be_sent_again(
    world: World, channel: Channel, resolving: Resolving
) -> None:
    written = world.post("Never went out", channel, in_minutes=30, settings={"protection": "none"})
    saved = backup(world)
    world.writing.cancel(world.workspace_id, written.post.id)
    world.clock.run(minutes=40)
    restore(world, saved)
    world.pauses.resume_stack()
    world.clock.run(minutes=3)
    delivery = world.delivery(written)
    assert (delivery.status, world.texts()) == (S.UNCONFIRMED, [])
    where = (world.workspace_id, written.post.id, delivery.id)
    resolving.resolve(*where, Resolution(outcome="not_published"))
    resolving.retry(*where)
    world.clock.run(minutes=2)
    assert (world.delivery(written).status, world.texts()) == (S.COMPLETED, ["Never went out"])


def test_resuming_an_unrestored_stack_is_no_consent(world: World, channel: Channel) -> None:
    world.pauses.pause_stack()
    assert world.pauses.resume_stack() is False
    assert world.pauses.stack().restored_at is None

"""The publisher's process dies before and after everything it does; at most one post, and never a lost one."""

import pytest

from punctual.channels import Channel
from punctual.states import DeliveryStatus
from tests.integration.killing import Fate, When, fated_worker
from tests.integration.world import World

SURE = ("key", "chosen_id", "handle")
"""Under these the platform can be asked or told again: no outcome stays open."""


def story(world: World, channel: Channel, protection: str, fate: Fate) -> tuple[DeliveryStatus, int]:
    """One post whose worker dies once: its last state, and how often it is on the timeline."""
    text = f"{protection} {fate.at} {fate.when}"
    written = world.post(text, channel, in_minutes=4, settings={"protection": protection})
    world.publishing = fated_worker(world, fate)
    world.clock.run(minutes=13)
    world.shards.clear()
    return world.delivery(written).status, world.texts().count(text)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "search", "none"])
def test_a_crash_anywhere_loses_nothing_and_doubles_nothing(world: World, protection: str, when: When) -> None:
    channel = world.connect(lifetime="86400")
    at, unsure = 1, 0
    while True:
        fate = Fate(at=at, when=when)
        status, shown = story(world, channel, protection, fate)
        where = f"{protection}: died {when} call {at} ({fate.died_in})"
        assert shown <= 1, where
        assert status in (DeliveryStatus.COMPLETED, DeliveryStatus.UNCONFIRMED), f"{where}: {status}"
        if status is DeliveryStatus.COMPLETED:
            assert shown == 1, where
        else:
            assert protection not in SURE, where
            unsure += 1
        if not fate.died_in:
            break
        at += 1
    assert at > 10, "the worker does more than this"
    assert unsure <= 3, "only a crash between the mark and the answer may leave the outcome open"

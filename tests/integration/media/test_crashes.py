"""The publisher's process dies before and after everything it does for a post with a video of several parts: the post
goes out once, whole, and no part that the sandbox has is sent again."""

from typing import Any

import pytest

from punctual.channels import Channel
from punctual.media.library import Media
from punctual.states import DeliveryStatus
from tests.integration.killing import Fate, When, fated_worker
from tests.integration.media.test_publishing_media import posted, sent_again, video
from tests.integration.world import World

SURE = ("key", "chosen_id", "handle")
PARTS = 3


def story(world: World, channel: Channel, media: Media, protection: str, fate: Fate) -> tuple[DeliveryStatus, Any]:
    """One post whose worker dies once: its last state, and the files of each time that it is on the timeline."""
    text = f"{protection} {fate.at} {fate.when}"
    written = posted(world, channel, media, text, settings={"protection": protection})
    world.publishing = fated_worker(world, fate)
    world.clock.run(minutes=14)
    world.shards.clear()
    shown = [[file["sha256"] for file in each["media"]] for each in world.timeline() if each["text"] == text]
    return world.delivery(written).status, shown


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("protection", ["key", "search"])
def test_a_crash_anywhere_loses_no_file_and_sends_no_finished_part_again(
    world: World, protection: str, when: When
) -> None:
    channel, media = world.connect(lifetime="86400"), video(world, PARTS - 0.5)
    assert media.facts
    at, unsure = 1, 0
    while True:
        fate = Fate(at=at, when=when)
        status, shown = story(world, channel, media, protection, fate)
        where = f"{protection}: died {when} call {at} ({fate.died_in})"
        assert len(shown) <= 1, where
        assert status in (DeliveryStatus.COMPLETED, DeliveryStatus.UNCONFIRMED), f"{where}: {status}"
        if status is DeliveryStatus.COMPLETED:
            assert shown == [[media.facts.sha256]], where
        else:
            assert protection not in SURE, where
            unsure += 1
        if not fate.died_in:
            break
        at += 1
    assert sent_again(world) == 0
    assert at > 10 + 2 * PARTS, "the worker does more than this"
    assert unsure <= 3, "only a crash between the mark and the answer may leave the outcome open"

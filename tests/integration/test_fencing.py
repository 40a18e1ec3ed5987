"""The fence: a write under an older one changes nothing."""

import pytest

from punctual.deliveries import Fenced
from punctual.drafts import PostChange
from punctual.states import DeliveryStatus
from punctual.writing import Written
from tests.integration.world import World


@pytest.fixture
def ready(world: World) -> Written:
    written = world.post("Old", world.connect(lifetime="86400"), in_minutes=5)
    world.clock.run(minutes=4.5)
    assert world.delivery(written).status is DeliveryStatus.READY
    return written


def test_a_worker_that_prepared_the_old_text_cannot_write_ready_over_an_edit(world: World) -> None:
    written = world.post("Old", world.connect(lifetime="86400"), in_minutes=5, settings={"protection": "handle"})
    seen = world.delivery(written)
    held = world.deliveries.claim(seen, "att_1", world.clock.now())
    world.writing.edit(world.workspace_id, written.post.id, PostChange(text="New"))
    with pytest.raises(Fenced):
        world.deliveries.write(held, status=DeliveryStatus.READY, prepared={"container": "of the old text"})
    world.clock.run(minutes=10)
    assert world.texts() == ["New"]


def test_a_claim_whose_acknowledgement_was_lost_is_recognised_as_our_own(world: World, ready: Written) -> None:
    seen = world.delivery(ready)
    first = world.deliveries.claim(seen, "att_1", world.clock.now())
    assert world.deliveries.claim(seen, "att_1", world.clock.now()) == first


def test_a_takeover_that_missed_the_sending_mark_is_refused(world: World, ready: Written) -> None:
    seen = world.delivery(ready)
    held = world.deliveries.claim(seen, "att_1", world.clock.now(), status=DeliveryStatus.PUBLISHING)
    before_the_mark = world.delivery(ready)
    world.deliveries.write(held, sending_at=world.clock.now())
    with pytest.raises(Fenced):
        world.deliveries.claim(before_the_mark, "att_2", world.clock.now())

from datetime import timedelta

import pytest

from punctual.clock import to_text
from punctual.drafts import PostChange
from punctual.states import DeliveryStatus, PostStatus
from punctual.stored import Unreadable
from tests.integration.world import World


def test_a_post_goes_out_once_at_its_second_woken_by_its_schedule(world: World) -> None:
    channel = world.connect()
    written = world.post("Hello", channel, in_minutes=60)
    world.clock.run(minutes=59)
    assert world.timeline() == []
    world.clock.run(minutes=2)
    delivery = world.delivery(written)
    assert delivery.status is DeliveryStatus.COMPLETED
    assert delivery.woken_by == "schedule"
    assert 0 <= delivery.lateness_ms < 2000
    assert world.texts() == ["Hello"]
    assert world.read(written).post.status is PostStatus.COMPLETED
    assert world.posts.get(written.post.id).next_at is None


def test_a_five_minute_grant_outlives_a_schedule_of_an_hour_refreshed_rotated_never_reused(world: World) -> None:
    world.run_refresher()
    channel = world.connect(lifetime="300")
    written = world.post("Still fresh", channel, in_minutes=60)
    world.clock.run(minutes=70)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    tokens = [r.content for r in world.requests if r.url.path.endswith("/oauth/token")]
    assert len(tokens) > 10
    assert len(set(tokens)) == len(tokens)
    assert world.grant(channel).dead is False
    assert world.grant(channel).version == len(tokens)


def test_a_message_that_arrives_twice_makes_one_post(world: World) -> None:
    channel = world.connect()
    world.sqs.deliver_times = 2
    written = world.post("Twice", channel, in_minutes=10)
    world.clock.run(minutes=15)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert world.texts() == ["Twice"]
    assert world.calls("POST", "/api/posts") == 1


def test_a_post_whose_schedule_could_not_be_made_goes_out_all_the_same(world: World) -> None:
    channel = world.connect()
    world.scheduler.fail_next = 1
    written = world.post("Unscheduled", channel, in_minutes=10)
    world.clock.run(minutes=12)
    delivery = world.delivery(written)
    assert delivery.status is DeliveryStatus.COMPLETED
    assert delivery.woken_by == "sweep"
    assert delivery.lateness_ms < 2000


def test_a_post_due_within_lead_and_precision_goes_straight_to_the_queue(world: World) -> None:
    channel = world.connect()
    written = world.post("Soon", channel, in_minutes=2)
    assert world.scheduler.schedules == {}
    world.clock.run(minutes=3)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.woken_by) == (DeliveryStatus.COMPLETED, "direct")
    assert 0 <= delivery.lateness_ms < 2000


def test_an_edited_post_goes_out_as_edited_and_its_old_schedule_is_gone(world: World) -> None:
    channel = world.connect()
    written = world.post("Before", channel, in_minutes=30)
    later = world.clock.now() + timedelta(minutes=40)
    world.writing.edit(world.workspace_id, written.post.id, PostChange(text="After", scheduled_at=to_text(later)))
    assert list(world.scheduler.schedules) == [f"{written.post.id}-2"]
    world.clock.run(minutes=35)
    assert world.texts() == []
    world.clock.run(minutes=6)
    assert world.texts() == ["After"]


def test_one_item_that_cannot_be_woken_stops_no_other(world: World) -> None:
    channel = world.connect()
    for text in ("One", "Two", "Three"):
        world.scheduler.fail_next = 1
        world.post(text, channel, in_minutes=10)
    world.clock.run(minutes=8.5)
    world.sqs.refuse_next = 1
    world.clock.run(minutes=1)
    assert len(world.sqs.sent) == 2 + 2, "two woken, and each handed over to T"
    world.clock.run(minutes=4)
    assert sorted(world.texts()) == ["One", "Three", "Two"]


def test_a_stored_item_that_cannot_be_read_is_not_quoted(world: World) -> None:
    written = world.post("a caption", world.connect(), in_minutes=10)
    key = {"pk": written.post.id, "sk": f"delivery#{written.deliveries[0].id}"}
    removal = {"TableName": "WorkTable", "Key": key, "UpdateExpression": "REMOVE fence SET rev = :junk"}
    world.dynamodb.update_item(**removal, ExpressionAttributeValues={":junk": "a caption"})
    with pytest.raises(Unreadable) as fault:
        world.read(written)
    assert "a caption" not in str(fault.value)

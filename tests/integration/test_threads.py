"""Threads and first comments: each part is a step of its own, and what is live is never sent again."""

from datetime import timedelta
from typing import Any

import pytest

from punctual.channels import Channel
from punctual.drafts import PostChange
from punctual.problems import Conflict
from punctual.resolving import Resolution, Resolving
from punctual.states import DeliveryStatus, PostStatus
from tests.integration.killing import Fate, fated_worker
from tests.integration.world import World

S = DeliveryStatus
PROTECTIONS = ["key", "chosen_id", "handle", "search", "none"]


@pytest.fixture
def channel(world: World) -> Channel:
    return world.connect("ada", lifetime="86400")


@pytest.fixture
def resolving(world: World) -> Resolving:
    return Resolving(
        client=world.dynamodb, posts=world.posts, deliveries=world.deliveries, queue=world.queue, now=world.clock.now
    )


def shown(world: World) -> dict[str, dict[str, Any]]:
    return {post["text"]: post for post in world.timeline()}


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_a_thread_and_its_first_comment_answer_one_another(world: World, channel: Channel, protection: str) -> None:
    written = world.post(
        "One",
        channel,
        in_minutes=5,
        settings={"protection": protection},
        thread=[{"text": "Two"}, {"text": "Three"}],
        first_comment={"text": "By the way"},
    )
    world.clock.run(minutes=6)
    delivery, posts = world.delivery(written), shown(world)
    assert delivery.status is S.COMPLETED
    assert [part.platform_id for part in delivery.live] == [
        posts[t]["id"] for t in ("One", "Two", "Three", "By the way")
    ]
    assert posts["Two"]["in_reply_to"] == posts["One"]["id"]
    assert posts["Three"]["in_reply_to"] == posts["Two"]["id"]
    assert posts["By the way"]["in_reply_to"] == posts["One"]["id"]
    assert (delivery.platform_id, delivery.url) == (posts["One"]["id"], posts["One"]["url"])


def test_the_parts_of_a_thread_follow_at_once_or_as_late_as_asked(world: World, channel: Channel) -> None:
    thread = [{"text": "Two"}, {"text": "Three", "delay_seconds": 30}]
    comment = {"text": "Comment", "delay_seconds": 7200}
    written = world.post("One", channel, in_minutes=5, thread=thread, first_comment=comment)
    world.clock.run(minutes=130)
    first, second, third, last = (part.live_at for part in world.delivery(written).live)
    assert second - first < timedelta(seconds=3)
    assert timedelta(seconds=30) <= third - second < timedelta(seconds=33)
    assert timedelta(seconds=7200) <= last - third < timedelta(seconds=7203)


@pytest.mark.parametrize("protection", PROTECTIONS)
@pytest.mark.parametrize("failure", ["error_after", "late=5"])
def test_a_part_whose_answer_is_lost_is_looked_for_and_the_thread_goes_on(
    world: World, channel: Channel, protection: str, failure: str
) -> None:
    thread = [{"text": f"[sandbox:{failure}] Two"}, {"text": "Three"}]
    written = world.post("One", channel, in_minutes=5, settings={"protection": protection}, thread=thread)
    world.clock.run(minutes=15)
    sure = protection != "none"
    assert world.delivery(written).status is (S.COMPLETED if sure else S.UNCONFIRMED)
    assert sorted(world.texts()) == sorted(["One", f"[sandbox:{failure}] Two", *(["Three"] if sure else [])])


def test_a_part_that_is_refused_leaves_the_thread_partial_and_a_retry_sends_only_the_rest(
    world: World, channel: Channel, resolving: Resolving
) -> None:
    thread = [{"text": "[sandbox:refuse=1] Two"}, {"text": "Three"}]
    written = world.post("One", channel, in_minutes=5, thread=thread)
    world.clock.run(minutes=6)
    partial = world.delivery(written)
    assert (partial.status, partial.error["code"], partial.part) == (S.PARTIAL, "refused", 1)
    assert world.read(written).post.status is PostStatus.PARTIAL
    resolving.retry(world.workspace_id, written.post.id, partial.id)
    world.clock.run(minutes=1)
    assert world.delivery(written).status is S.COMPLETED
    assert sorted(world.texts()) == ["One", "Three", "[sandbox:refuse=1] Two"]


def test_a_rate_limit_in_the_middle_of_a_thread_only_makes_it_wait(world: World, channel: Channel) -> None:
    written = world.post("One", channel, in_minutes=5, thread=[{"text": "[sandbox:rate_limit=2] Two"}])
    world.clock.run(minutes=5.02)
    assert world.delivery(written).status is S.PUBLISHING
    world.clock.run(minutes=2)
    assert world.delivery(written).status is S.COMPLETED


def test_a_thread_under_way_can_be_stopped_between_two_parts_but_not_edited(world: World, channel: Channel) -> None:
    thread = [{"text": "Two", "delay_seconds": 600}]
    written = world.post("One", channel, in_minutes=5, thread=thread)
    world.clock.run(minutes=6)
    with pytest.raises(Conflict) as refused:
        world.writing.edit(world.workspace_id, written.post.id, PostChange(text="Other"))
    assert refused.value.code == "not_editable"
    world.writing.cancel(world.workspace_id, written.post.id)
    world.clock.run(minutes=20)
    assert (world.delivery(written).status, world.texts()) == (S.PARTIAL, ["One"])


def test_a_part_that_a_person_found_lets_the_thread_go_on(world: World, channel: Channel, resolving: Resolving) -> None:
    text = "[sandbox:error_after] One"
    written = world.post(
        text, channel, in_minutes=5, settings={"protection": "none"}, thread=[{"text": "Two"}, {"text": "Three"}]
    )
    world.clock.run(minutes=8)
    assert world.delivery(written).status is S.UNCONFIRMED
    found = shown(world)[text]["id"]
    resolution = Resolution(outcome="published", platform_id=found)
    resolving.resolve(world.workspace_id, written.post.id, world.delivery(written).id, resolution)
    world.clock.run(minutes=2)
    assert world.delivery(written).status is S.COMPLETED
    assert shown(world)["Two"]["in_reply_to"] == found


def test_a_part_that_is_live_under_an_unknown_id_ends_the_thread(
    world: World, channel: Channel, resolving: Resolving
) -> None:
    text = "[sandbox:error_after] One"
    written = world.post(text, channel, in_minutes=5, settings={"protection": "none"}, thread=[{"text": "Two"}])
    world.clock.run(minutes=8)
    resolving.resolve(world.workspace_id, written.post.id, world.delivery(written).id, Resolution(outcome="published"))
    world.clock.run(minutes=5)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["code"], world.texts()) == (S.PARTIAL, "part_unknown", [text])


def test_a_crash_in_the_middle_of_a_thread_sends_no_part_twice(world: World, channel: Channel) -> None:
    for at in range(1, 60):
        texts = [f"{at} one", f"{at} two", f"{at} comment"]
        written = world.post(
            texts[0],
            channel,
            in_minutes=4,
            settings={"protection": "chosen_id"},
            thread=[{"text": texts[1]}],
            first_comment={"text": texts[2]},
        )
        fate = Fate(at=at, when="before" if at % 2 else "after")
        world.publishing = fated_worker(world, fate)
        world.clock.run(minutes=12)
        assert world.delivery(written).status is S.COMPLETED, f"{at}: {fate.died_in}"
        assert sorted(t for t in world.texts() if t in texts) == sorted(texts), f"{at}: {fate.died_in}"
        world.shards.clear()
        if not fate.died_in:
            return
    raise AssertionError("it never got through")

"""The end of a channel: its grant at the platform and here, and what becomes of its posts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.channels import Channel
from punctual.disconnecting import Disconnected, PostsPolicy
from punctual.guarded_http import GuardedHttp
from punctual.problems import Conflict
from punctual.providers import Providers
from punctual.states import DeliveryStatus, PostStatus
from tests.integration.killing import Fate, Fated
from tests.integration.moved_clock import Killed
from tests.integration.workers import faulty, meanwhile, reads_delivery
from tests.integration.world import World
from tests.memory.faults import Faulty
from tests.sandbox_bridge import loopback

S = DeliveryStatus


def disconnect(world: World, channel: Channel, policy: PostsPolicy = "cancel", **parts: Any) -> Disconnected:
    """As the channel is now; a function has some seconds for it."""
    current = world.channels.get(world.workspace_id, channel.id)
    assert current
    return world.disconnecting(**parts).disconnect(current, policy, world.clock.now() + timedelta(seconds=15))


def channel_status(world: World, channel: Channel) -> str | None:
    found = world.channels.get(world.workspace_id, channel.id)
    return found.status if found else None


def test_an_end_that_comes_twice_leaves_the_account_its_new_channel_and_no_third(world: World) -> None:
    first = world.connect("ada")
    disconnect(world, first)
    second = world.connect("ada")
    assert not world.channels.delete(first)
    assert world.connect("ada").id == second.id
    assert [each.id for each in world.channels.of_workspace(world.workspace_id)] == [second.id]


def test_cancelling_ends_what_waits_and_leaves_what_is_live_and_what_others_have(world: World) -> None:
    ada, bob = world.connect("ada", lifetime="86400"), world.connect("bob", lifetime="86400")
    live = world.post("Live", ada, in_minutes=1)
    world.clock.run(minutes=5)
    threaded = world.post("Root", ada, in_minutes=1, thread=[{"text": "Much later", "delay_seconds": 3600}])
    world.clock.run(minutes=5)
    both, theirs = world.post("Both", ada, bob), world.post("Theirs", bob)
    assert disconnect(world, ada) == Disconnected(deleted=True, revoked=True, cancelled=2)
    assert world.requests[-1].url.path == "/sandbox/oauth/revoke"
    assert channel_status(world, ada) is None
    assert world.grants.get(ada.grant_id or "") is None
    world.clock.run(hours=2)
    assert world.delivery(live).status is S.COMPLETED
    assert world.delivery(threaded).status is S.PARTIAL
    assert {each.channel_id: each.status for each in world.read(both).deliveries} == {
        ada.id: S.CANCELLED,
        bob.id: S.COMPLETED,
    }
    assert world.delivery(theirs).status is S.COMPLETED
    assert sorted(world.texts()) == ["Both", "Live", "Root", "Theirs"]
    assert world.posts.get(both.post.id).status is PostStatus.PARTIAL


def test_holding_keeps_channel_and_posts_until_the_same_account_is_connected_again(world: World) -> None:
    channel = world.connect("ada", lifetime="86400")
    soon, late, far = (world.post(text, channel, in_minutes=m) for text, m in (("soon", 10), ("late", 20), ("far", 90)))
    assert disconnect(world, channel, "hold") == Disconnected(deleted=False, revoked=True, waiting=3)
    assert world.grants.get(channel.grant_id or "") is None
    world.clock.run(minutes=15)
    assert [world.delivery(each).status for each in (soon, late, far)] == [S.HELD, S.SCHEDULED, S.SCHEDULED]
    assert channel_status(world, channel) == "disconnected"
    world.clock.run(minutes=60)
    assert [world.delivery(each).status for each in (soon, late, far)] == [S.MISSED, S.HELD, S.SCHEDULED]
    again = world.connect("ada", lifetime="86400")
    assert (again.id, again.status) == (channel.id, "active")
    world.clock.run(minutes=1.5)
    assert world.texts() == ["late"]
    world.clock.run(minutes=20)
    assert world.texts() == ["far", "late"]


def test_a_channel_that_was_held_can_be_ended_for_good(world: World) -> None:
    channel = world.connect("ada")
    post = world.post("Waits", channel, in_minutes=10)
    disconnect(world, channel, "hold")
    world.clock.run(minutes=12)
    assert disconnect(world, channel) == Disconnected(deleted=True, revoked=False, cancelled=1)
    assert world.delivery(post).status is S.CANCELLED
    assert world.connect("ada").id != channel.id


def test_what_is_being_sent_ends_by_itself(world: World) -> None:
    channel = world.connect("ada", lifetime="86400")
    post = world.post("Hello [sandbox:error_after]", channel, in_minutes=5)
    world.clock.run(minutes=5, seconds=10)
    assert world.delivery(post).sending_at
    assert disconnect(world, channel) == Disconnected(deleted=True, revoked=True, waiting=1)
    world.clock.run(minutes=20)
    assert world.delivery(post).status in (S.UNCONFIRMED, S.COMPLETED)


def test_a_post_written_behind_its_back_ends_in_error_at_its_time(world: World) -> None:
    """The index that names the channel's deliveries is a moment old."""
    channel = world.connect("ada")
    world.dynamodb.index_lag = 5
    post = world.post("Orphan", channel, in_minutes=5)
    assert disconnect(world, channel).cancelled == 0
    world.clock.run(minutes=8)
    delivery = world.delivery(post)
    assert (delivery.status, delivery.error["code"]) == (S.ERROR, "channel_deleted")


def test_more_than_one_request_can_cancel_goes_on_when_asked_again(world: World) -> None:
    channel = world.connect("ada")
    posts = [world.post(f"Post {place}", channel) for place in range(6)]

    def slowly() -> object:
        return world.clock.sleep(6)

    policy = lambda name, given: meanwhile(slowly) if reads_delivery(name, given) else None  # noqa: E731
    done = disconnect(world, channel, client=Faulty(world.dynamodb, policy))
    assert (done.deleted, done.cancelled, done.waiting) == (False, 3, 3)
    assert channel_status(world, channel) == "disconnected"
    assert disconnect(world, channel) == Disconnected(deleted=True, revoked=False, cancelled=3)
    assert {world.delivery(each).status for each in posts} == {S.CANCELLED}


def test_an_edit_at_the_same_moment_is_cancelled_too(world: World) -> None:
    channel = world.connect("ada")
    post = world.post("Hello", channel)

    def edit() -> None:
        world.writing.publish(world.workspace_id, post.post.id)

    client = faulty(world, lambda name, _: name == "transact_write_items", meanwhile(edit))
    assert disconnect(world, channel, client=client).cancelled == 1
    world.clock.run(minutes=5)
    assert world.delivery(post).status is S.CANCELLED
    assert world.texts() == []


@pytest.mark.parametrize("before", ["update_item", "transact_write_items"], ids=["marking", "deleting"])
def test_connecting_again_at_the_same_moment_wins(world: World, before: str) -> None:
    channel = world.connect("ada")
    post = world.post("Hello", channel)
    client = faulty(world, lambda name, _: name == before, meanwhile(lambda: world.connect("ada")))
    with pytest.raises(Conflict):
        disconnect(world, channel, client=client)
    assert channel_status(world, channel) == "active"
    if before == "update_item":
        assert world.delivery(post).status is S.SCHEDULED
    current = world.channels.get(world.workspace_id, channel.id)
    assert world.refreshing.fresh(current, world.clock.now()).grant


def revoking(respond: Callable[[httpx.Request], httpx.Response], world: World) -> Providers:
    http = GuardedHttp(transport=httpx.MockTransport(respond), resolve=loopback, allow_private=True)
    return Providers(http, world.clock.now, sandbox=True)


def test_a_platform_that_does_not_answer_keeps_no_channel(world: World) -> None:
    channel = world.connect("ada")
    down = revoking(lambda _: httpx.Response(503), world)
    assert disconnect(world, channel, providers=down) == Disconnected(deleted=True, revoked=False)
    assert world.grants.get(channel.grant_id or "") is None


def test_wherever_it_breaks_off_asking_again_ends_it(world: World) -> None:
    """Before and after each of its calls: nothing is sent any more, and nothing of the channel is left in the end."""
    deaths = 0
    for when in ("before", "after"):
        for at in range(1, 40):
            channel = world.connect(f"ada_{when}_{at}")
            post = world.post("Never", channel)
            fate = Fate(at, when)  # type: ignore[arg-type]
            parts = {"client": Fated(world.dynamodb, fate)}
            try:
                disconnect(world, channel, **parts)
            except Killed:
                deaths += 1
                if channel_status(world, channel):
                    disconnect(world, channel)
            else:
                assert fate.calls < at
                break
            assert channel_status(world, channel) is None
            assert world.grants.get(channel.grant_id or "") is None
            assert world.delivery(post).status is S.CANCELLED
        else:
            pytest.fail("it makes more calls than expected")
    assert deaths > 20
    world.clock.run(hours=2)
    assert world.texts() == []

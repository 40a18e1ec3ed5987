"""What storms and doubts about them found, each as small as it gets."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import chain, repeat

import httpx
import pytest

from punctual.channels import Channel
from punctual.problems import Conflict
from punctual.resolving import Resolution, Resolving
from punctual.states import DeliveryStatus as S
from tests.integration.workers import Faulty, once, worker, writes
from tests.integration.world import World
from tests.memory import faults


@pytest.fixture
def world() -> World:
    found = World()
    found.run_sweeper()
    return found


@pytest.fixture
def channel(world: World) -> Channel:
    return world.connect("ada", lifetime="86400")


@pytest.mark.parametrize("protection", ["chosen_id", "handle"])
def test_nobody_looks_before_a_call_that_began_late_has_had_its_time(
    world: World, channel: Channel, protection: str
) -> None:
    """The mark's answer takes half a minute; the call's write lands within the settling time of its own deadline."""
    text = "Late [sandbox:late=75]"
    written = world.post(text, channel, in_minutes=5, settings={"protection": protection}, max_delay_seconds=60)
    slow = faults.stall(35, world.clock.sleep, after=True)
    world.publishing = worker(world, dynamodb=Faulty(world.dynamodb, once(writes(sending_at=None), slow)))
    world.clock.run(minutes=30)
    status = world.delivery(written).status
    assert (status, world.texts()) in ((S.COMPLETED, [text]), (S.MISSED, [])), (status, world.texts())


def test_nobody_resolves_what_is_being_sent_again(world: World, channel: Channel) -> None:
    """A person has looked at the account; the next look sends again, under the key, while they answer."""
    resolving = Resolving(
        client=world.dynamodb, posts=world.posts, deliveries=world.deliveries, queue=world.queue, now=world.clock.now
    )
    text = "Again [sandbox:error_before][sandbox:revoked]"
    written = world.post(text, channel, in_minutes=5)
    world.clock.run(minutes=8)
    unsure = world.delivery(written)
    assert unsure.status is S.UNCONFIRMED
    told: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/posts") and not told:
            try:
                resolving.resolve(world.workspace_id, written.post.id, unsure.id, Resolution(outcome="not_published"))
                told.append("resolved")
            except Conflict as conflict:
                told.append(conflict.code)
        return world.transport.handle_request(request)

    world.publishing = worker(world, respond=answer)
    world.connect("ada", lifetime="86400")
    world.clock.run(hours=1)
    assert told, "it was never sent again"
    status = world.delivery(written).status
    assert (status, world.texts()) in ((S.COMPLETED, [text]), (S.ERROR, [])), (status, told, world.texts())


def test_a_refresh_that_took_long_leaves_the_second_call_its_time(world: World, channel: Channel) -> None:
    """A plain 401, half a minute of refreshing, and a second call whose write lands late."""
    text = "Renewed [sandbox:stale_token][sandbox:late=75]"
    written = world.post(text, channel, in_minutes=5, settings={"protection": "chosen_id"}, max_delay_seconds=60)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            world.clock.sleep(19)
        return world.transport.handle_request(request)

    world.publishing = worker(world, respond=answer)
    world.clock.run(minutes=30)
    status = world.delivery(written).status
    assert (status, world.texts()) in ((S.COMPLETED, [text]), (S.MISSED, [])), (status, world.texts())


def test_while_the_key_is_remembered_looks_stay_frequent(world: World, channel: Channel) -> None:
    """Mastodon honours it for an hour: a post that can be sent again is, within minutes of the platform's return."""
    written = world.post("Busy for long", channel, in_minutes=5, max_delay_seconds=4 * 3600)
    back_at = world.delivery(written).due_at + timedelta(minutes=50)
    world.publishing = worker(world, respond=busy_until(world, back_at))
    world.clock.run(hours=2)
    live = world.delivery(written)
    assert (live.status, world.texts()) == (S.COMPLETED, ["Busy for long"])
    assert live.completed_at is not None
    assert live.completed_at < back_at + timedelta(minutes=5)


def test_it_is_asked_once_more_just_before_the_key_is_forgotten(world: World, channel: Channel) -> None:
    written = world.post("Busy for longer", channel, in_minutes=5, max_delay_seconds=4 * 3600)
    world.publishing = worker(world, respond=busy_until(world, world.delivery(written).due_at + timedelta(minutes=59)))
    world.clock.run(hours=2)
    assert (world.delivery(written).status, world.texts()) == (S.COMPLETED, ["Busy for longer"])


def busy_until(world: World, until: datetime) -> Callable[[httpx.Request], httpx.Response]:
    """A platform that breaks at the first post, and takes none until then."""
    statuses = chain([503], repeat(429))

    def answer(request: httpx.Request) -> httpx.Response:
        is_publishing = request.method == "POST" and request.url.path.endswith("/posts")
        if is_publishing and world.clock.now() < until:
            return httpx.Response(next(statuses), request=request)
        return world.transport.handle_request(request)

    return answer

"""Limits: what a platform said is remembered, what it documents is kept to, and a burst is spread a little."""

from dataclasses import replace
from datetime import timedelta

import pytest

from punctual.buckets import Buckets
from punctual.channels import Channel
from punctual.clock import to_text
from punctual.providers.base import Rate
from punctual.publishing import Invocation
from punctual.publishing.job import step_of
from punctual.states import DeliveryStatus
from punctual.writing import Written
from tests.integration.world import World

S = DeliveryStatus


@pytest.fixture
def channel(world: World) -> Channel:
    return world.connect("ada", lifetime="86400")


@pytest.mark.parametrize("script", ["[sandbox:limit=300]", "[sandbox:last=300]"])
def test_what_one_post_was_told_makes_the_next_one_wait_without_asking(
    world: World, channel: Channel, script: str
) -> None:
    first = world.post(f"{script} First", channel, in_minutes=5)
    second = world.post("Second", channel, in_minutes=6)
    world.clock.run(minutes=7)
    asked = world.calls("POST", "/api/posts")
    assert asked == 1
    assert world.delivery(second).status is S.READY
    assert world.delivery(second).error["code"] == "rate_limited"
    assert world.delivery(second).tries == 0
    world.clock.run(minutes=6)
    assert {world.delivery(first).status, world.delivery(second).status} == {S.COMPLETED}
    assert world.calls("POST", "/api/posts") == (3 if "limit=" in script else 2)


def test_another_channel_does_not_wait(world: World, channel: Channel) -> None:
    world.post("[sandbox:limit=300] First", channel, in_minutes=5)
    other = world.post("Other", world.connect("bob", lifetime="86400"), in_minutes=6)
    world.clock.run(minutes=7)
    assert world.delivery(other).status is S.COMPLETED


def test_a_daily_cap_is_kept_to_before_the_platform_has_to_say_it(world: World) -> None:
    channel = world.connect("ada", lifetime="86400", daily_posts="2")
    posts = [world.post(f"Number {n}", channel, in_minutes=5 + n, max_delay_seconds=7 * 86400) for n in range(3)]
    world.clock.run(minutes=30)
    assert [world.delivery(post).status for post in posts] == [S.COMPLETED, S.COMPLETED, S.SCHEDULED]
    assert world.delivery(posts[2]).error["code"] == "cap_reached"
    assert world.calls("POST", "/api/posts") == 2
    world.run_refresher()
    world.clock.run(hours=24)
    assert world.delivery(posts[2]).status is S.COMPLETED


def test_a_token_bucket_lets_a_burst_through_and_then_one_at_a_time(world: World) -> None:
    buckets, rate = Buckets(world.work), Rate(per_second=2, burst=3)
    waits = [buckets.take("x", rate, world.clock.now()) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(0.5)
    assert waits[4] == pytest.approx(0.5)
    assert buckets.take("y", rate, world.clock.now()) == 0
    world.clock.sleep(0.5)
    assert buckets.take("x", rate, world.clock.now()) == 0
    assert buckets.take("x", rate, world.clock.now()) > 0
    world.clock.sleep(60)
    assert [buckets.take("x", rate, world.clock.now()) for _ in range(4)][:3] == [0, 0, 0]


def test_a_platform_that_limits_us_all_together_gets_a_burst_spread_out_and_metered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = type(world.providers.get("sandbox"))
    monkeypatch.setattr(provider, "spec", replace(provider.spec, rate=Rate(per_second=1, burst=2)))
    at = to_text(world.clock.now() + timedelta(minutes=5))
    posts = [world.post(f"Post {n}", world.connect(f"user{n}", lifetime="86400"), scheduled_at=at) for n in range(6)]
    world.clock.run(minutes=6)
    late = sorted(world.delivery(post).lateness_ms for post in posts)
    assert late[1] < 100
    assert 3000 <= late[5] < 12_000
    assert ("ProviderThrottled", "sandbox") in world.metered


def in_turn(world: World, first_text: str, channel: Channel) -> tuple[Written, Written]:
    """Two posts of one second, of which the second one's worker is there first."""
    at = to_text(world.clock.now() + timedelta(minutes=5))
    first, second = (world.post(text, channel, scheduled_at=at) for text in (first_text, "Second"))
    world.clock.run_until(world.delivery(first).due_at - timedelta(seconds=2))
    early = world.worker(sleep=lambda seconds: world.clock.run(seconds=seconds))
    deadline = world.clock.now() + timedelta(seconds=60)
    early.handle(step_of(world.delivery(second), "retry"), Invocation(deadline=deadline))
    world.clock.run(minutes=1)
    return first, second


def test_two_posts_of_one_channel_at_one_second_keep_their_order(world: World, channel: Channel) -> None:
    _, second = in_turn(world, "[sandbox:slow=1] First", channel)
    assert list(reversed(world.texts())) == ["[sandbox:slow=1] First", "Second"]
    assert 1000 <= (world.delivery(second).lateness_ms or 0) < 1500


def test_a_post_waits_a_second_and_a_half_for_one_before_it_and_no_longer(world: World, channel: Channel) -> None:
    first, second = in_turn(world, "[sandbox:unready=9] First", channel)
    assert world.delivery(first).status is not S.COMPLETED
    assert 1500 <= (world.delivery(second).lateness_ms or 0) < 2000

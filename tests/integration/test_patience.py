"""When AWS does not answer: outcomes are not lost, polling is bounded, and a search takes nobody else's post."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from punctual.channels import Channel
from punctual.providers.base import Published
from punctual.states import DeliveryStatus
from tests.integration.workers import once, worker, writes
from tests.integration.world import World
from tests.memory.faults import Fault, Faulty, conflict, lost_acknowledgement, outage, throttle

S = DeliveryStatus


@pytest.fixture
def channel(world: World) -> Channel:
    return world.connect("ada", lifetime="86400")


@pytest.mark.parametrize("kind", [throttle, outage, lost_acknowledgement, conflict])
@pytest.mark.parametrize("write", [{"sending_at": None}, {"status": "COMPLETED"}, {"outcome": "published"}], ids=str)
def test_a_write_that_aws_refuses_for_a_moment_is_tried_again(
    world: World, channel: Channel, kind: Callable[[], Fault], write: dict[str, str]
) -> None:
    written = world.post("Once", channel, in_minutes=5, settings={"protection": "none"})
    world.publishing = worker(world, dynamodb=Faulty(world.dynamodb, once(writes(**write), kind())))
    world.clock.run(minutes=6)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == ["Once"]


@pytest.mark.parametrize("answer", ["live", "refused"])
def test_an_outcome_that_the_table_does_not_take_goes_to_the_queue(world: World, channel: Channel, answer: str) -> None:
    """Under this class nobody could ask the platform: without its own record it would stay unconfirmed."""
    text = "Live" if answer == "live" else "[sandbox:refuse] Refused"
    written = world.post(text, channel, in_minutes=5, settings={"protection": "none"})
    due_at = world.delivery(written).due_at
    is_down = writes(outcome=None), writes(fence=None), writes(status=None)

    def policy(name: str, kwargs: dict[str, object]) -> object:
        down = due_at <= world.clock.now() < due_at + timedelta(seconds=100)
        return outage() if down and any(asked(name, kwargs) for asked in is_down) else None

    world.publishing = worker(world, dynamodb=Faulty(world.dynamodb, policy))
    world.clock.run(minutes=15)
    assert world.delivery(written).status is (S.COMPLETED if answer == "live" else S.ERROR)
    assert world.texts() == (["Live"] if answer == "live" else [])
    assert any("attempt_id" in sent and "url" not in sent for sent in world.sqs.sent)


def test_a_container_that_takes_its_time_is_asked_for_by_message_and_published_on_time(
    world: World, channel: Channel
) -> None:
    settings = {"protection": "handle", "processing_seconds": 300}
    written = world.post("Video", channel, in_minutes=30, settings=settings)
    world.clock.run(minutes=31)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED
    assert delivery.lateness_ms < 2000
    assert world.calls("POST", "/api/containers") == 2, "made once, published once"


def test_a_container_that_never_gets_ready_ends_in_an_error_that_says_so(world: World, channel: Channel) -> None:
    settings = {"protection": "handle", "processing_seconds": 3600}
    provider = world.providers.get("sandbox")
    patched = provider.spec.__class__(**{**provider.spec.__dict__, "max_poll_seconds": 600, "max_polls": 20})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(provider), "spec", patched)
        written = world.post("Video", channel, in_minutes=30, settings=settings)
        world.clock.run(hours=2)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["code"]) == (S.ERROR, "processing_timeout")
    assert delivery.polls <= 20


@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "search", "none"])
def test_a_platform_that_publishes_later_is_asked_until_it_has(world: World, channel: Channel, protection: str) -> None:
    text = "[sandbox:publishing=200] Later"
    written = world.post(text, channel, in_minutes=5, settings={"protection": protection})
    world.clock.run(minutes=6)
    assert world.delivery(written).status is S.PUBLISHING
    world.clock.run(minutes=5)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == [text]


def test_an_error_inside_a_success_is_a_refusal(world: World, channel: Channel) -> None:
    written = world.post("[sandbox:error_200] x", channel, in_minutes=5)
    world.clock.run(minutes=6)
    assert (world.delivery(written).status, world.texts()) == (S.ERROR, [])


@pytest.mark.parametrize("index_lag", [0, 3600])
def test_of_two_posts_with_one_text_a_search_gives_each_its_own(world: World, channel: Channel, index_lag: int) -> None:
    """Only one of them landed: the other must not take it for its own, also while no index shows that it is taken."""
    world.dynamodb.index_lag = lambda _, index: index_lag if index == "by_channel" else 0
    text = "[sandbox:error_after] Twin"

    def respond(request: httpx.Request) -> httpx.Response:
        posting = request.method == "POST" and request.url.path == "/sandbox/api/posts"
        if posting and len(landed) == 1:
            return httpx.Response(500, json={"error": "internal_error"})
        if posting:
            landed.append(request)
        found: httpx.Response = world.transport.handle_request(request)
        return found

    landed: list[httpx.Request] = []
    world.publishing = worker(world, respond=respond)
    first = world.post(text, channel, in_minutes=5, settings={"protection": "search"})
    second = world.post(text, channel, in_minutes=5, settings={"protection": "search"})
    world.clock.run(minutes=20)
    assert {world.delivery(first).status, world.delivery(second).status} == {S.COMPLETED, S.UNCONFIRMED}
    assert len(world.texts()) == 1


@pytest.mark.parametrize("protection", ["search", "handle"])
def test_a_post_that_another_delivery_has_is_refused_whatever_a_provider_finds(
    world: World, channel: Channel, monkeypatch: pytest.MonkeyPatch, protection: str
) -> None:
    """Also where a handle says that ours is live, and only a list says which it is: nothing is sent again then."""
    first = world.post("First", channel, in_minutes=5, settings={"protection": "search"})
    world.clock.run(minutes=6)
    theirs = Published(platform_id=world.delivery(first).platform_id or "", url="")
    monkeypatch.setattr(type(world.providers.get("sandbox")), "find", lambda *_: theirs)
    second = world.post("[sandbox:error_before] x", channel, in_minutes=5, settings={"protection": protection})
    world.clock.run(minutes=15)
    assert (world.delivery(second).status, world.texts()) == (S.UNCONFIRMED, ["First"])


def test_only_the_very_same_request_is_sent_again_under_its_key(world: World, channel: Channel) -> None:
    """A deployment may have changed what we make of a post; the platform would not know the key for it."""
    written = world.post("[sandbox:error_before] Old", channel, in_minutes=5)
    world.clock.run(minutes=5.5)
    world.deliveries.write(world.delivery(written), text="New")
    world.clock.run(minutes=10)
    assert world.delivery(written).status is S.UNCONFIRMED
    assert world.calls("POST", "/api/posts") == 1


def test_a_look_that_fails_in_passing_is_no_news_for_the_user(world: World, channel: Channel) -> None:
    text = "[sandbox:error_after][sandbox:find.error_before=2] x"
    written = world.post(text, channel, in_minutes=5, settings={"protection": "handle"})
    world.clock.run(minutes=7)
    assert world.delivery(written).status is S.PUBLISHING
    world.clock.run(minutes=10)
    assert world.delivery(written).status is S.COMPLETED
    assert ("Unconfirmed", "sandbox") not in world.metered


def test_a_single_write_that_meets_a_transaction_is_tried_again(world: World, channel: Channel) -> None:
    written = world.post("Once", channel, in_minutes=5)
    world.publishing = worker(world, dynamodb=Faulty(world.dynamodb, once(writes(fence=None), conflict())))
    world.clock.run(minutes=6)
    assert (world.delivery(written).status, world.delivery(written).woken_by) == (S.COMPLETED, "schedule")

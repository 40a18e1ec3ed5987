"""The thirteen ways in which a publishing protocol breaks, each by what went wrong. Seconds are from T."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.channels import Channel
from punctual.deliveries import Delivery
from punctual.drafts import PostChange
from punctual.messages import Step
from punctual.problems import Conflict
from punctual.publishing import Invocation
from punctual.publishing.job import step_of
from punctual.resolving import Resolution, Resolving
from punctual.states import DeliveryStatus, PostStatus
from tests.integration.moved_clock import Killed
from tests.integration.workers import faulty, meanwhile, reads_delivery, worker, writes
from tests.integration.world import World
from tests.memory.faults import Faulty

S = DeliveryStatus


@pytest.fixture
def channel(world: World) -> Channel:
    return world.connect("ada", lifetime="86400")


def until(world: World, written: Any, seconds: float) -> None:
    """To so many seconds from T."""
    world.clock.run_until(world.delivery(written).due_at + timedelta(seconds=seconds))


def publishing_calls(world: World) -> list[httpx.Request]:
    return [r for r in world.requests if r.method == "POST" and r.url.path == "/sandbox/api/posts"]


def message(world: World, written: Any) -> Step:
    return step_of(world.delivery(written), "retry")


def invocation(world: World) -> Invocation:
    return Invocation(deadline=world.clock.now() + timedelta(seconds=60), id="other")


def test_1_cancel_is_acknowledged_while_a_worker_prepares_and_its_ready_write_comes_after(
    world: World, channel: Channel
) -> None:
    written = world.post("Cancelled", channel, in_minutes=5)
    cancel = meanwhile(lambda: world.writing.cancel(world.workspace_id, written.post.id))
    world.publishing = worker(world, dynamodb=faulty(world, writes(status="READY"), cancel))
    until(world, written, 600)
    assert world.delivery(written).status is S.CANCELLED
    assert world.texts() == []


@pytest.mark.parametrize("protection", ["search", "none"])
def test_2_a_worker_that_read_before_the_send_claims_after_it(world: World, channel: Channel, protection: str) -> None:
    text = "[sandbox:error_after] Once"
    written = world.post(text, channel, in_minutes=5, settings={"protection": protection})
    until(world, written, -2)
    first = world.publishing
    stalled = meanwhile(
        lambda: (first.handle(message(world, written), invocation(world)), world.clock.run(seconds=35)), after=True
    )
    slow = worker(world, dynamodb=faulty(world, reads_delivery, stalled))
    slow.handle(message(world, written), invocation(world))
    until(world, written, 1200)
    assert world.texts() == [text]
    assert len(publishing_calls(world)) == 1
    assert world.delivery(written).status is (S.COMPLETED if protection == "search" else S.UNCONFIRMED)


def test_3_the_key_is_the_deliverys_and_not_the_attempts(world: World, channel: Channel) -> None:
    written = world.post("[sandbox:cut] Once", channel, in_minutes=5)
    until(world, written, 300)
    first, second = publishing_calls(world)
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert world.delivery(written).status is S.COMPLETED
    assert len(world.texts()) == 1


@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "search", "none"])
def test_4_a_write_lands_late_and_even_its_own_sender_waits(world: World, channel: Channel, protection: str) -> None:
    written = world.post("[sandbox:late=70] Late", channel, in_minutes=5, settings={"protection": protection})
    until(world, written, -3)
    before = len(world.requests)
    until(world, written, 77)
    assert len(world.requests) == before + 1
    until(world, written, 1200)
    assert len(world.texts()) == 1
    assert world.delivery(written).status is (S.UNCONFIRMED if protection == "none" else S.COMPLETED)


def test_5_the_platform_forgets_the_key_before_we_can_ask(world: World, channel: Channel) -> None:
    text = "[sandbox:error_after][sandbox:key_window=300] Once"
    written = world.post(text, channel, in_minutes=5)
    until(world, written, 30)
    world.pauses.pause_stack()
    until(world, written, 600)
    world.pauses.resume_stack()
    until(world, written, 3600)
    assert world.texts() == [text]
    assert len(publishing_calls(world)) == 1
    assert world.delivery(written).status is S.UNCONFIRMED


def test_6_a_refused_resend_says_nothing_about_the_first_call(world: World, channel: Channel) -> None:
    text = "[sandbox:error_after][sandbox:refuse=1] Live"
    written = world.post(text, channel, in_minutes=5)
    until(world, written, 100)
    assert len(publishing_calls(world)) == 2
    assert world.delivery(written).status is S.UNCONFIRMED
    until(world, written, 600)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == [text]


def test_6_a_resend_that_meets_a_dead_grant_leaves_it_unconfirmed_and_never_held(
    world: World, channel: Channel
) -> None:
    text = "[sandbox:error_after][sandbox:revoked] Live"
    written = world.post(text, channel, in_minutes=5)
    until(world, written, 100)
    assert world.delivery(written).status is S.UNCONFIRMED
    assert world.channels.get(world.workspace_id, channel.id).status == "reconnect_required"
    world.connect("ada")
    until(world, written, 1200)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == [text]


def test_7_a_thread_whose_second_part_is_held_is_stopped_but_not_cancelled(world: World, channel: Channel) -> None:
    written = world.post("One", channel, in_minutes=5, thread=[{"text": "[sandbox:revoked=1] Two"}])
    until(world, written, 60)
    held = world.delivery(written)
    assert (held.status, held.part) == (S.HELD, 1)
    with pytest.raises(Conflict) as refused:
        world.writing.edit(world.workspace_id, written.post.id, PostChange(text="Other"))
    assert refused.value.code == "not_editable"
    world.writing.cancel(world.workspace_id, written.post.id)
    assert (world.delivery(written).status, world.read(written).post.status) == (S.PARTIAL, PostStatus.PARTIAL)
    world.connect("ada")
    until(world, written, 600)
    assert world.texts() == ["One"]


def test_7_a_thread_that_is_too_late_for_its_rest_is_partial_and_not_missed(world: World, channel: Channel) -> None:
    thread = [{"text": "[sandbox:revoked=1] Two"}]
    written = world.post("One", channel, in_minutes=5, thread=thread, max_delay_seconds=300)
    until(world, written, 600)
    assert world.delivery(written).status is S.PARTIAL


def test_8_a_channel_that_is_reconnected_releases_its_posts_within_a_minute(world: World, channel: Channel) -> None:
    first = world.post("[sandbox:revoked=1] First", channel, in_minutes=1)
    written = world.post("Held", channel, in_minutes=10, max_delay_seconds=600)
    until(world, written, 200)
    assert (world.delivery(first).status, world.delivery(written).status) == (S.HELD, S.HELD)
    world.connect("ada")
    until(world, written, 265)
    assert world.delivery(written).status is S.COMPLETED


def test_9_the_message_that_waits_for_t_is_lost_and_the_post_is_on_time(world: World, channel: Channel) -> None:
    written = world.post("On time", channel, in_minutes=10)
    sent = len(world.sqs.sent)
    until(world, written, -240)
    lose = meanwhile(lambda: setattr(world.sqs, "lose_next", 1))
    delayed = Faulty(world.sqs, lambda _, given: lose if given.get("DelaySeconds", 0) > 30 else None)
    world.publishing = worker(world, sqs=delayed)
    until(world, written, -70)
    assert len(world.sqs.sent) > sent
    world.publishing = world.worker()
    until(world, written, 30)
    delivery = world.delivery(written)
    assert delivery.status is S.COMPLETED
    assert 0 <= (delivery.lateness_ms or 0) < 2000


def test_10_our_only_call_lands_and_is_answered_with_duplicate(world: World, channel: Channel) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        answer: httpx.Response = world.transport.handle_request(request)
        landed = request.url.path == "/sandbox/api/posts"
        return httpx.Response(409, json={"error": "duplicate"}) if landed else answer

    written = world.post("Live", channel, in_minutes=5, settings={"protection": "duplicate_rejection"})
    world.publishing = worker(world, respond=respond)
    until(world, written, 300)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == ["Live"]


def test_11_a_slow_roll_up_does_not_overwrite_the_last_one(world: World, channel: Channel) -> None:
    written = world.post("Done", channel, in_minutes=5)
    until(world, written, -2)
    last = meanwhile(lambda: (until(world, written, 60), world.posts.roll_up(written.post.id)))
    slow = worker(world, dynamodb=faulty(world, writes(workspace_status=None), last))
    slow._tools.posts.roll_up(written.post.id)
    post = world.posts.get(written.post.id)
    assert post is not None
    assert (post.status, post.next_at) == (PostStatus.COMPLETED, None)


def test_12_a_worker_that_stalls_past_the_last_moment_sends_nothing(world: World, channel: Channel) -> None:
    written = world.post("Too late", channel, in_minutes=5, max_delay_seconds=20)
    until(world, written, -2)
    stalled = meanwhile(lambda: world.clock.run(seconds=35), after=True)
    slow = worker(world, dynamodb=faulty(world, writes(sending_at=None), stalled))
    slow.handle(message(world, written), invocation(world))
    until(world, written, 300)
    assert world.delivery(written).status is S.MISSED
    assert publishing_calls(world) == []


def test_13_a_worker_that_sleeps_past_its_deadline_is_killed_and_sends_nothing(world: World, channel: Channel) -> None:
    """Lambda kills it, on the laptop tests/e2e/test_deadline.py does; what it left behind is looked for."""
    written = world.post("Once", channel, in_minutes=5, settings={"protection": "chosen_id"})
    until(world, written, -2)

    def killed() -> None:
        world.clock.run(seconds=200)
        raise Killed

    slow = worker(world, dynamodb=faulty(world, writes(sending_at=None), meanwhile(killed, after=True)))
    with pytest.raises(Killed):
        slow.handle(message(world, written), invocation(world))
    until(world, written, 400)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == ["Once"]


def test_13_a_worker_that_wakes_after_its_lease_sends_nothing(world: World, channel: Channel) -> None:
    """Were it not killed: it finds that the call would end outside of its lease, and writes down that it made none."""
    written = world.post("Once", channel, in_minutes=5, settings={"protection": "none"})
    until(world, written, -2)
    asleep = meanwhile(lambda: world.clock.run(seconds=200), after=True)
    slow = worker(world, dynamodb=faulty(world, writes(sending_at=None), asleep))
    slow.handle(message(world, written), invocation(world))
    assert world.delivery(written).status is S.UNCONFIRMED
    assert publishing_calls(world) == []
    until(world, written, 900)
    assert world.delivery(written).status is S.COMPLETED
    assert world.texts() == ["Once"]


def test_a_retry_of_what_may_be_live_is_refused_until_it_is_resolved(world: World, channel: Channel) -> None:
    written = world.post("[sandbox:error_after] x", channel, in_minutes=5, settings={"protection": "none"})
    until(world, written, 200)
    resolving = Resolving(
        client=world.dynamodb, posts=world.posts, deliveries=world.deliveries, queue=world.queue, now=world.clock.now
    )
    where = (world.workspace_id, written.post.id, world.delivery(written).id)
    with pytest.raises(Conflict) as refused:
        resolving.retry(*where)
    assert refused.value.code == "outcome_unknown"
    resolving.resolve(*where, Resolution(outcome="not_published"))
    assert world.delivery(written).status is S.ERROR
    resolving.retry(*where)
    world.clock.run(minutes=2)
    found: Delivery = world.delivery(written)
    assert found.status is S.COMPLETED

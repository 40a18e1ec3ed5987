"""What becomes of a delivery when the platform does anything but say yes."""

import pytest

from punctual.drafts import PostChange
from punctual.messages import Wake
from punctual.problems import Conflict
from punctual.providers.outcomes import OutcomeUnknown
from punctual.providers.sandbox import PROVIDER
from punctual.states import DeliveryStatus, PostStatus
from tests.integration.world import World


def test_a_refusal_ends_in_error_with_a_sentence_and_is_never_retried(world: World) -> None:
    written = world.post("[sandbox:refuse]", world.connect(), in_minutes=5)
    world.clock.run(minutes=30)
    delivery = world.delivery(written)
    assert delivery.status is DeliveryStatus.ERROR
    assert delivery.error == {
        "code": "refused",
        "message": "The sandbox refused this post, as its text asks.",
        "status": 422,
        "platform_code": "refused",
    }
    assert world.calls("POST", "/api/posts") == 1
    assert world.read(written).post.status is PostStatus.ERROR


def test_a_rate_limit_waits_as_long_as_the_platform_asks_and_then_goes_out(world: World) -> None:
    written = world.post("[sandbox:rate_limit=2] Patience", world.connect(), in_minutes=5)
    world.clock.run(minutes=8)
    delivery = world.delivery(written)
    assert delivery.status is DeliveryStatus.COMPLETED
    assert [each.outcome for each in world.attempts.of_delivery(delivery)] == [
        "done",
        "retry_later",
        "retry_later",
        "published",
    ]
    assert delivery.error is None
    assert len(world.timeline()) == 1


def test_an_access_token_that_went_stale_is_refreshed_once_and_the_post_is_hardly_late(world: World) -> None:
    channel = world.connect(lifetime="86400")
    written = world.post("[sandbox:stale_token] Hello", channel, in_minutes=5)
    world.clock.run(minutes=8)
    delivery = world.delivery(written)
    assert delivery.status is DeliveryStatus.COMPLETED
    assert delivery.lateness_ms < 2000
    assert world.grant(channel).version == 2
    assert world.channels.get(world.workspace_id, channel.id).status == "active"


def test_a_dead_grant_holds_the_post_and_reconnecting_the_same_account_releases_it(world: World) -> None:
    channel = world.connect("maria", lifetime="86400")
    written = world.post("[sandbox:revoked=1] Held", channel, in_minutes=5)
    world.clock.run(minutes=10)
    held = world.delivery(written)
    assert (held.status, held.error["code"]) == (DeliveryStatus.HELD, "grant_dead")
    assert world.channels.get(world.workspace_id, channel.id).status == "reconnect_required"
    again = world.connect("maria")
    assert again.id == channel.id
    world.clock.run(minutes=2)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert world.texts() == ["[sandbox:revoked=1] Held"]


def test_a_held_post_that_nobody_releases_in_time_is_missed_and_nothing_is_live(world: World) -> None:
    channel = world.connect("maria")
    written = world.post("[sandbox:revoked=1] Late", channel, in_minutes=5, max_delay_seconds=600)
    world.clock.run(minutes=30)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["code"]) == (DeliveryStatus.MISSED, "too_late")
    world.connect("maria")
    world.clock.run(minutes=5)
    assert world.timeline() == []


def test_posts_of_a_dead_channel_are_held_while_preparing(world: World) -> None:
    channel = world.connect("maria")
    first = world.post("[sandbox:revoked=1] First", channel, in_minutes=5)
    second = world.post("Second", channel, in_minutes=20)
    world.clock.run(minutes=22)
    assert {world.delivery(first).status, world.delivery(second).status} == {DeliveryStatus.HELD}
    assert world.timeline() == []


@pytest.mark.parametrize("failure", ["error_after", "cut", "late=5", "hang=22"])
@pytest.mark.parametrize("protection", ["key", "chosen_id", "handle", "search"])
def test_an_answer_that_is_lost_is_looked_up_and_not_sent_again(world: World, protection: str, failure: str) -> None:
    channel = world.connect(lifetime="86400")
    text = f"[sandbox:{failure}] {protection}"
    written = world.post(text, channel, in_minutes=5, settings={"protection": protection})
    world.clock.run(minutes=15)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert world.texts() == [text]


def test_an_unknown_outcome_on_a_platform_that_cannot_be_asked_is_said_and_never_sent_again(world: World) -> None:
    channel = world.connect(lifetime="86400")
    written = world.post("[sandbox:error_after] x", channel, in_minutes=5, settings={"protection": "none"})
    world.clock.run(hours=3)
    assert world.delivery(written).status is DeliveryStatus.UNCONFIRMED
    assert world.read(written).post.status is PostStatus.UNCONFIRMED
    assert world.calls("POST", "/api/posts") == 1
    with pytest.raises(Conflict) as refused:
        world.writing.cancel(world.workspace_id, written.post.id)
    assert refused.value.code == "not_cancellable"


def test_a_server_error_before_anything_was_written_is_unknown_too(world: World) -> None:
    channel = world.connect(lifetime="86400")
    written = world.post("[sandbox:error_before] x", channel, in_minutes=5, settings={"protection": "search"})
    world.clock.run(minutes=15)
    assert world.delivery(written).status is DeliveryStatus.UNCONFIRMED
    assert world.calls("POST", "/api/posts") == 1


def test_a_search_that_lags_makes_no_second_post(world: World) -> None:
    channel = world.connect(lifetime="86400")
    text = "[sandbox:search_lag=300][sandbox:error_after] lag"
    written = world.post(text, channel, in_minutes=5, settings={"protection": "search"})
    world.clock.run(minutes=8)
    assert world.delivery(written).status is DeliveryStatus.UNCONFIRMED
    world.clock.run(minutes=12)
    assert world.delivery(written).status is DeliveryStatus.COMPLETED
    assert world.calls("POST", "/api/posts") == 1


def test_a_post_to_three_channels_says_of_each_what_became_of_it(world: World) -> None:
    fine, also, dead = world.connect("a"), world.connect("b"), world.connect("c")
    written = world.post("[sandbox:revoked=1] x", dead, in_minutes=5)
    world.clock.run(minutes=6)
    assert world.delivery(written).status is DeliveryStatus.HELD
    three = world.post("To three", fine, also, dead, in_minutes=10)
    world.clock.run(minutes=12)
    found = {d.channel_id: d.status for d in world.read(three).deliveries}
    assert found == {
        fine.id: DeliveryStatus.COMPLETED,
        also.id: DeliveryStatus.COMPLETED,
        dead.id: DeliveryStatus.HELD,
    }
    assert world.read(three).post.status is PostStatus.PARTIAL
    world.writing.cancel(world.workspace_id, three.post.id)
    assert {d.status for d in world.read(three).deliveries} == {DeliveryStatus.COMPLETED, DeliveryStatus.CANCELLED}


def test_a_cancelled_post_does_not_go_out_though_its_wake_comes(world: World) -> None:
    written = world.post("Never", world.connect(), in_minutes=5)
    stale = {"workspace_id": world.workspace_id, "post_id": written.post.id, "rev": 1, "woken_by": "schedule"}
    world.writing.cancel(world.workspace_id, written.post.id)
    assert world.scheduler.schedules == {}
    world.queue.send(_wake(stale))
    world.clock.run(minutes=10)
    assert world.timeline() == []
    assert world.read(written).post.status is PostStatus.CANCELLED


def test_a_post_cancelled_after_it_was_prepared_does_not_go_out(world: World) -> None:
    written = world.post("Prepared", world.connect(), in_minutes=5)
    world.clock.run(minutes=4.5)
    assert world.delivery(written).status is DeliveryStatus.READY
    world.writing.cancel(world.workspace_id, written.post.id)
    world.clock.run(minutes=10)
    assert world.timeline() == []


def test_a_post_edited_after_it_was_prepared_goes_out_as_edited(world: World) -> None:
    written = world.post("Old", world.connect(), in_minutes=5, settings={"protection": "handle"})
    world.clock.run(minutes=4.5)
    assert world.delivery(written).prepared
    world.writing.edit(world.workspace_id, written.post.id, PostChange(text="New"))
    world.clock.run(minutes=10)
    assert world.texts() == ["New"]


def test_a_channel_deleted_before_its_post_is_due_ends_it_in_error(world: World) -> None:
    channel = world.connect()
    written = world.post("Orphan", channel, in_minutes=5)
    world.channels.disconnect(channel)
    assert world.channels.delete(channel)
    world.clock.run(minutes=8)
    delivery = world.delivery(written)
    assert (delivery.status, delivery.error["code"]) == (DeliveryStatus.ERROR, "channel_deleted")


def _wake(about: dict[str, object]) -> Wake:
    return Wake.model_validate(about)


class Doubtful(OutcomeUnknown):
    """As a provider may have it."""


def test_a_kind_of_doubt_is_doubt_and_not_taken_for_a_refusal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubts(*_: object) -> None:
        raise Doubtful("It may be live.", code="no_answer")

    monkeypatch.setattr(PROVIDER, "publish", doubts)
    written = world.post("Perhaps", world.connect(), in_minutes=5, settings={"protection": "none"})
    world.clock.run(minutes=30)
    assert world.delivery(written).status is DeliveryStatus.UNCONFIRMED

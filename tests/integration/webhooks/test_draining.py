"""The sender under a moved clock: retries, rests, ends, resends, and what a dead or slow worker leaves to the next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from punctual.clock import to_text
from punctual.messages import WebhookMessage
from punctual.tables import Change
from punctual.webhooks.delays import GIVES_UP_AFTER, RETRIES
from punctual.webhooks.draining import AT_ONCE
from punctual.webhooks.lanes import LEASE, LOOKED_AT, Lane
from punctual.webhooks.resending import MOST, NotActive, TooManyWaiting
from tests.integration.webhooks.hooks import Hooks


def failing_until(hooks: Hooks, *, hours: float) -> Callable[[httpx.Request], httpx.Response]:
    end = hooks.clock.now() + timedelta(hours=hours)

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if hooks.clock.now() >= end else 500)

    return answer


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


@pytest.fixture
def slow() -> Hooks:
    """Its minute clock runs each half hour: days pass in less time."""
    made = Hooks(runs_clock=False)
    made.clock.every(1800, lambda: made.waking.wake_due())
    return made


def test_each_event_is_sent_once_in_order_from_the_endpoints_own_making_on(hooks: Hooks) -> None:
    hooks.tell("post.scheduled")
    good = hooks.webhook("good")
    hooks.tell("post.completed", "post.deleted")
    hooks.clock.run(seconds=1)
    assert [each["type"] for each in hooks.got["good"]] == ["webhook.created", "post.completed", "post.deleted"]
    hooks.clock.run(hours=3)
    assert hooks.sequences("good") == [2, 3, 4]
    sends, more = hooks.sends.page(good.id, 10)
    assert [(each.sequence, each.state) for each in sends] == [(4, "delivered"), (3, "delivered"), (2, "delivered")]
    assert more is None


def test_what_is_sent_is_signed_as_the_specification_has_it_and_says_whose_it_is(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = hooks.webhook("good")
    hooks.clock.run(seconds=1)
    (event,) = hooks.tell("post.completed")
    hooks.clock.run(seconds=1)
    request = hooks.requests[-1]
    assert request.headers["webhook-id"] == event.id
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "Punctual"
    assert int(request.headers["webhook-timestamp"]) == int(event.timestamp.timestamp())
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", hooks.datetime())
    told = Verifier(good.secrets[0].secret.get_secret_value()).verify(request.content, dict(request.headers))
    assert told == {
        "id": event.id,
        "type": "post.completed",
        "timestamp": to_text(event.timestamp),
        "sequence": event.sequence,
        "workspace_id": "ws_x",
        "actor": None,
        "data": {"post_id": "post_x"},
    }


def test_while_a_secret_overlaps_both_sign_and_then_the_new_one_alone(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = hooks.webhook("good")
    rotated = hooks.endpoints.rotate("ws_x", made.id, timedelta(hours=1))
    assert rotated
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", hooks.datetime())
    old, new = (Verifier(each.secrets[0].secret.get_secret_value()) for each in (made, rotated))
    hooks.tell("post.completed")
    hooks.clock.run(seconds=1)
    for verifier in (old, new):
        assert verifier.verify(hooks.requests[-1].content, dict(hooks.requests[-1].headers))
    hooks.clock.run(hours=1)
    hooks.tell("post.completed")
    hooks.clock.run(seconds=1)
    assert len(hooks.requests[-1].headers["webhook-signature"].split()) == 1
    assert new.verify(hooks.requests[-1].content, dict(hooks.requests[-1].headers))


def test_a_send_that_fails_is_tried_again_on_its_schedule_while_others_go_on(slow: Hooks) -> None:
    def poisoned(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500 if b"post.error" in request.content else 200)

    made = slow.webhook("picky", poisoned, event_types=("post.*",))
    (event,) = slow.tell("post.error")
    for _ in range(80):
        slow.clock.run(hours=1)
        slow.tell("post.completed")
    slow.clock.run(hours=30)
    assert slow.sequences("picky") == list(range(event.sequence + 1, event.sequence + 81))
    send = slow.sends.get(made.id, event.sequence)
    assert send
    assert (send.state, len(send.tries), send.next_try_at) == ("failed", 1 + len(RETRIES), None)
    waits = [later.at - sooner.at for sooner, later in pairwise(send.tries)]
    for wait, planned in zip(waits, RETRIES, strict=True):
        assert planned <= wait <= planned * 1.2 + timedelta(hours=1, minutes=31), "or a rest was in its way"
    assert slow.sends.retries(made.id, 10) == []
    assert slow.seen(made).status == "active"


def test_what_failed_once_is_tried_again_within_seconds(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    hooks.clock.run(minutes=1)
    hooks.answers["good.example"] = failing_until(hooks, hours=1 / 3600)
    (event,) = hooks.tell("post.completed")
    hooks.clock.run(seconds=8)
    assert hooks.sequences("good")[-1] == event.sequence
    send = hooks.sends.get(made.id, event.sequence)
    assert send
    assert [each.code for each in send.tries] == ["status_500", "delivered"]


def test_a_lane_that_fails_rests_longer_and_longer_and_tries_one_send_at_a_time(slow: Hooks) -> None:
    made = slow.webhook("down", 503)
    slow.tell(*["post.completed"] * 90)
    slow.clock.run(seconds=1)
    assert len(slow.requests) == AT_ONCE, "one round, and then it rests"
    at = []
    slow.answers["down.example"] = lambda _: at.append(slow.clock.now()) or httpx.Response(503)  # type: ignore[func-returns-value]
    slow.clock.run(days=1)
    assert 16 <= len(at) <= 40
    waits = [later - sooner for sooner, later in pairwise(at)]
    assert max(waits) <= timedelta(hours=1.2) + timedelta(minutes=30)
    assert slow.lane(made).position < 50, "what is not tried is not passed over"


def test_one_that_comes_back_within_three_days_gets_everything(slow: Hooks) -> None:
    made = slow.webhook("ill", failing_until(slow, hours=70))
    last = 0
    for _ in range(70):
        last = slow.tell("post.completed")[0].sequence
        slow.clock.run(hours=1)
    slow.clock.run(hours=40)
    assert sorted(slow.sequences("ill")) == list(range(1, last + 1))
    assert slow.lane(made).failures == 0
    assert slow.seen(made).status == "active"


def test_three_days_without_a_success_disable_it_with_a_reason_and_it_is_called_no_more(slow: Hooks) -> None:
    made = slow.webhook("dead", 500)
    good = slow.webhook("good", event_types=("webhook.disabled",))
    slow.clock.run(hours=71)
    assert slow.seen(made).status == "active"
    slow.clock.run(hours=19)
    assert (slow.seen(made).status, slow.seen(made).disabled_reason) == ("disabled", "failing")
    assert timedelta(days=3) == GIVES_UP_AFTER
    calls = len([each for each in slow.requests if each.headers["host"] == "dead.example"])
    slow.tell("post.completed")
    slow.clock.run(days=1)
    assert len([each for each in slow.requests if each.headers["host"] == "dead.example"]) == calls
    assert [each["data"] for each in slow.got["good"]] == [
        {"webhook_id": made.id, "status": "disabled", "reason": "failing"}
    ]
    assert slow.disabled == ["failing"]
    assert slow.seen(good).status == "active"


def test_one_that_is_gone_is_disabled_at_once(hooks: Hooks) -> None:
    made = hooks.webhook("gone", 410)
    hooks.tell("post.completed")
    hooks.clock.run(seconds=1)
    assert hooks.seen(made).disabled_reason == "gone"
    assert hooks.sends.retries(made.id, 10) == []


def test_who_asks_for_time_is_given_it_and_a_day_at_most(hooks: Hooks) -> None:
    made = hooks.webhook("busy", lambda _: httpx.Response(429, headers={"Retry-After": "600"}))
    began = hooks.clock.now()
    hooks.tell("post.completed")
    hooks.clock.run(minutes=9)
    first = len(hooks.requests)
    assert first <= AT_ONCE
    assert hooks.lane(made).resting_until == began + timedelta(minutes=10)
    hooks.answers["busy.example"] = lambda _: httpx.Response(503, headers={"Retry-After": "999999999"})
    hooks.clock.run(minutes=10)
    assert hooks.lane(made).resting_until <= hooks.clock.now() + timedelta(hours=24)  # type: ignore[operator]
    assert hooks.lane(made).resting_until > hooks.clock.now() + timedelta(hours=23)  # type: ignore[operator]


def test_a_disabled_one_gets_nothing_and_once_enabled_what_happens_from_then_on(hooks: Hooks) -> None:
    made = hooks.webhook("good", failing_until(hooks, hours=0.01))
    hooks.tell("post.error")
    hooks.clock.run(seconds=1)
    hooks.endpoints.disable("ws_x", made.id, "by_request")
    hooks.tell("post.error")
    hooks.clock.run(hours=2)
    assert hooks.got["good"] == []
    hooks.endpoints.enable("ws_x", made.id)
    hooks.tell("post.completed")
    hooks.clock.run(hours=2)
    assert [each["type"] for each in hooks.got["good"]] == ["webhook.enabled", "post.completed"]
    states = {each.state for each in hooks.sends.page(made.id, 100, state="failed")[0]}
    assert states == {"failed"}, "what failed before is not tried again"
    assert hooks.sends.retries(made.id, 10) == []


def test_a_message_that_meets_a_busy_lane_is_dropped_and_whoever_lets_go_looks_once_more(hooks: Hooks) -> None:
    """Nothing else would bring the event before the hour."""
    made = hooks.webhook("good")
    release = hooks.lanes.release

    def told_before_released(held: Lane, next_at: datetime) -> Lane:
        hooks.lanes.release = release  # type: ignore[method-assign]
        hooks.tell("post.deleted", wakes=False)
        assert hooks.drain(made) == "busy"
        return release(held, next_at)

    hooks.lanes.release = told_before_released  # type: ignore[method-assign]
    assert hooks.drain(made) == "worked"
    assert hooks.sequences("good") == [1]
    hooks.clock.run(seconds=1)
    assert hooks.sequences("good") == [1, 2]


def test_a_worker_that_lost_its_lane_writes_nothing_more(hooks: Hooks) -> None:
    def overtaken() -> None:
        hooks.clock.sleep(LEASE.total_seconds() + 1)
        hooks.answers["good.example"] = lambda _: httpx.Response(200)
        assert hooks.drain(made) == "worked"

    made = hooks.webhook("good", 500)
    hooks.before_noting.append(overtaken)
    assert hooks.drain(made) == "taken"
    send = hooks.sends.get(made.id, 1)
    assert send
    assert (send.state, hooks.lane(made).failures) == ("delivered", 0)


def test_a_dead_workers_lane_is_free_when_its_lease_ends(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    assert hooks.lanes.claim(hooks.lane(made), "dead")
    assert hooks.drain(made) == "busy"
    hooks.clock.sleep(LEASE.total_seconds())
    assert hooks.drain(made) == "worked"


def test_a_claim_whose_answer_was_lost_is_known_by_its_name(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    lane = hooks.lane(made)
    first = hooks.lanes.claim(lane, "mine")
    assert hooks.lanes.claim(lane, "mine") == first
    assert hooks.lanes.claim(lane, "another's") is None
    assert hooks.lanes.claim(hooks.lane(made), "another's") is None, "it is busy"


def test_a_lane_that_was_begun_anew_is_none_of_its_old_workers(hooks: Hooks) -> None:
    def begun_anew() -> None:
        hooks.endpoints.disable("ws_x", made.id, "by_request")
        hooks.endpoints.enable("ws_x", made.id)
        assert hooks.lanes.claim(hooks.lane(made), "new")

    made = hooks.webhook("good")
    hooks.before_noting.append(begun_anew)
    assert hooks.drain(made) == "taken"
    assert hooks.lane(made).position == 2


def test_a_lane_that_is_stopped_while_it_is_let_go_has_no_clock(hooks: Hooks) -> None:
    """A clock would wake it each minute, for nothing."""
    made = hooks.webhook("good")
    release = hooks.lanes.release

    def disabled_before_released(held: Lane, next_at: datetime) -> Lane:
        hooks.endpoints.disable("ws_x", made.id, "by_request")
        return release(held, next_at)

    hooks.lanes.release = disabled_before_released  # type: ignore[method-assign]
    assert hooks.drain(made) == "taken"
    assert hooks.lane(made).next_at is None


def test_a_message_that_was_lost_costs_an_hour_at_most(hooks: Hooks) -> None:
    hooks.webhook("good")
    hooks.clock.run(hours=2)
    hooks.sqs.lose_next = 1
    (event,) = hooks.tell("post.completed")
    hooks.clock.run(seconds=LOOKED_AT.total_seconds() + 61)
    assert hooks.sequences("good")[-1] == event.sequence


def test_an_idle_lane_costs_a_look_an_hour(slow: Hooks) -> None:
    slow.webhook("good")
    slow.clock.run(hours=2)
    sent = len(slow.sqs.sent)
    slow.clock.run(hours=10)
    assert len(slow.sqs.sent) - sent == 10


def test_messages_that_come_twice_send_nothing_twice(hooks: Hooks) -> None:
    hooks.sqs.deliver_times = 3
    hooks.webhook("good")
    for _ in range(5):
        hooks.tell("post.completed")
    hooks.clock.run(hours=1)
    assert hooks.sequences("good") == [1, 2, 3, 4, 5, 6]


def test_one_event_is_sent_again_by_name_also_to_one_that_rests_and_wants_no_such_events_now(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    (event,) = hooks.tell("post.completed")
    hooks.clock.run(minutes=1)
    changed = hooks.endpoints.change("ws_x", made.id, event_types=("channel.*",))
    assert changed
    hooks.table.update(
        {"pk": made.id, "sk": "lane"}, Change(set={"resting_until": to_text(hooks.clock.now() + timedelta(hours=1))})
    )
    assert hooks.resends.ask_one(changed, event.id)
    assert hooks.resends.ask_one(changed, "evt_nothing") is None
    hooks.waking.wake_one("ws_x", made.id)
    hooks.clock.run(seconds=1)
    assert hooks.sequences("good") == [1, event.sequence, event.sequence]
    send = hooks.sends.get(made.id, event.sequence)
    assert send
    assert len(send.tries) == 2
    assert hooks.resends.waiting(made.id) == []


def test_a_range_is_sent_again_beside_what_is_new_as_far_as_it_is_wanted(hooks: Hooks) -> None:
    made = hooks.webhook("good", event_types=("post.*",))
    for _ in range(3):
        hooks.tell(*["post.completed", "channel.updated"] * 20)
    hooks.clock.run(minutes=1)
    before = hooks.sequences("good")
    assert len(before) == 60
    assert hooks.resends.ask(made, 10, 10_000)
    (new,) = hooks.tell("post.error")
    hooks.clock.run(minutes=1)
    again = hooks.sequences("good")[len(before) :]
    assert sorted(again) == sorted([each for each in before if each >= 10] + [new.sequence])
    assert again.index(new.sequence) < 2 * AT_ONCE, "a resend keeps nothing new waiting"


def test_only_what_failed_is_sent_again_where_that_is_asked_and_has_tries_of_its_own(slow: Hooks) -> None:
    made = slow.webhook("good", event_types=("post.*",))
    began = slow.clock.now()
    slow.tell("post.completed")
    slow.clock.run(seconds=1)
    slow.answers["good.example"] = failing_until(slow, hours=60)
    failed = slow.tell("post.error", "post.error")
    slow.clock.run(hours=59)
    slow.endpoints.disable("ws_x", made.id, "by_request")
    slow.endpoints.enable("ws_x", made.id)
    slow.clock.run(hours=2)
    assert {slow.sends.get(made.id, each.sequence).state for each in failed} == {"failed"}  # type: ignore[union-attr]
    assert slow.resends.ask_since(slow.seen(made), began, only_failed=True)
    slow.waking.wake_one("ws_x", made.id)
    slow.clock.run(seconds=1)
    assert [each["type"] for each in slow.got["good"]] == ["post.completed", "post.error", "post.error"]


def test_a_resend_that_fails_is_tried_again_as_if_it_were_the_first(slow: Hooks) -> None:
    made = slow.webhook("down", 500, event_types=("post.*",))
    (event,) = slow.tell("post.error")
    slow.clock.run(hours=20)
    before = slow.sends.get(made.id, event.sequence)
    assert before
    assert before.failures > 4
    slow.resends.ask_one(made, event.id)
    slow.drain(made)
    send = slow.sends.get(made.id, event.sequence)
    assert send
    assert send.next_try_at
    assert (send.failures, send.next_try_at - slow.clock.now() < timedelta(seconds=10)) == (1, True)
    assert [each.sequence for each in slow.sends.retries(made.id, 10)] == [event.sequence], "in place of the one before"


def test_few_resends_wait_at_once_and_none_for_a_disabled_one(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    hooks.drain(made)
    for _ in range(MOST):
        assert hooks.resends.ask(made, 1)
    with pytest.raises(TooManyWaiting):
        hooks.resends.ask(made, 1)
    disabled = hooks.endpoints.disable("ws_x", made.id, "by_request")
    assert disabled
    with pytest.raises(NotActive):
        hooks.resends.ask(disabled, 1)


def test_what_the_feed_keeps_no_longer_is_skipped_and_the_lane_says_so(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    hooks.tell("post.completed", wakes=False)
    hooks.clock.at += timedelta(days=31)
    hooks.dynamodb.settle()
    for sequence in (1, 2):
        hooks.table.delete({"pk": "feed#ws_x", "sk": f"{sequence:012d}"})
    (event,) = hooks.tell("post.completed")
    hooks.clock.run(seconds=1)
    assert hooks.sequences("good") == [event.sequence]
    skipped = hooks.lane(made).skipped
    assert skipped
    assert (skipped.first, skipped.last) == (1, 2)


def test_an_event_that_is_being_written_is_waited_for_without_haste(hooks: Hooks) -> None:
    """A transaction becomes visible item by item: here the feed's head is there, and its last event is not yet."""
    hooks.webhook("good")
    (event,) = hooks.tell("post.completed", wakes=False)
    place = {"pk": "feed#ws_x", "sk": f"{event.sequence:012d}"}
    row = hooks.table.get(place)
    assert row
    hooks.table.delete(place)
    hooks.waking.wake("ws_x")
    hooks.clock.run(seconds=5)
    assert hooks.sequences("good") == [1]
    assert len(hooks.sqs.sent) <= 10
    hooks.table.put(row)
    hooks.clock.run(seconds=2)
    assert hooks.sequences("good") == [1, event.sequence]


def test_what_is_kept_of_a_deleted_one_goes_and_nothing_follows(hooks: Hooks) -> None:
    made = hooks.webhook("good", 500)
    hooks.tell(*["post.completed"] * 5)
    hooks.clock.run(minutes=1)
    assert hooks.endpoints.delete("ws_x", made.id)
    assert hooks.drain(made) == "gone"
    left = [item for item in hooks.dynamodb.scan(TableName="EventsTable")["Items"] if item["pk"] == made.id]
    assert left == []
    calls = len(hooks.requests)
    hooks.clock.run(hours=2)
    assert len(hooks.requests) == calls


def test_one_deleted_in_the_middle_of_a_call_leaves_nothing(hooks: Hooks) -> None:
    made = hooks.webhook("good")
    hooks.before_noting.append(lambda: hooks.endpoints.delete("ws_x", made.id))
    assert hooks.drain(made) == "taken"
    left = [item for item in hooks.dynamodb.scan(TableName="EventsTable")["Items"] if item["pk"] == made.id]
    assert left == []


def test_no_round_is_begun_when_the_time_is_over_and_another_message_goes_on(hooks: Hooks) -> None:
    def slowly(_: httpx.Request) -> httpx.Response:
        hooks.clock.sleep(9)
        return httpx.Response(200)

    made = hooks.webhook("slow", slowly)
    hooks.tell(*["post.completed"] * 20, wakes=False)
    sent = len(hooks.sqs.sent)
    assert hooks.drain(made) == "worked"
    assert len(hooks.requests) == AT_ONCE
    assert hooks.sqs.sent[sent:] == [WebhookMessage(workspace_id="ws_x", webhook_id=made.id).model_dump()]
    assert set(hooks.sqs.groups) == {made.id}

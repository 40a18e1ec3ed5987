"""What must not leave a lane, or a whole queue, at the same place for ever."""

from datetime import timedelta

import httpx
import pytest

from punctual.events.feed import key
from punctual.tables import Change
from punctual.webhooks.draining import AT_ONCE
from punctual.webhooks.lanes import LEASE
from tests.integration.webhooks.hooks import Hooks


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


def test_what_waited_for_a_retry_when_it_was_disabled_may_be_asked_for_at_once_when_it_is_enabled(hooks: Hooks) -> None:
    made = hooks.webhook("good", 500, event_types=("post.*",))
    failed = hooks.tell("post.error", "post.completed")
    hooks.clock.run(minutes=1)
    hooks.endpoints.disable("ws_x", made.id, "by_request")
    hooks.answers["good.example"] = lambda _: httpx.Response(200)
    hooks.endpoints.enable("ws_x", made.id)
    assert hooks.resends.ask(hooks.seen(made), 1, only_failed=True)
    hooks.waking.wake_one("ws_x", made.id)
    hooks.clock.run(minutes=5)
    assert hooks.sequences("good") == [each.sequence for each in failed]
    assert (hooks.sends.retries(made.id, 10), hooks.resends.waiting(made.id)) == ([], [])


def test_an_endpoint_without_its_lane_wakes_nobody_again_and_again(hooks: Hooks) -> None:
    """A backup may hold the one and not the other."""
    made = hooks.webhook("good")
    hooks.drain(made)
    hooks.table.delete({"pk": made.id, "sk": "lane"})
    hooks.tell("post.completed")
    sent = len(hooks.sqs.sent)
    hooks.clock.run(seconds=1)
    assert len(hooks.sqs.sent) <= sent + 1


def test_what_cannot_be_noted_comes_again_when_the_lease_is_over(hooks: Hooks) -> None:
    """Nothing else would bring it before the hour."""
    made = hooks.webhook("good")
    hooks.tell(*["post.completed"] * 20)
    hooks.clock.run(seconds=1)
    hooks.resends.ask(hooks.seen(made), 1)
    (asked,) = hooks.resends.waiting(made.id)
    hooks.before_noting.append(lambda: hooks.table.delete({"pk": made.id, "sk": f"range#{asked.id}"}))
    with pytest.raises(TimeoutError):
        hooks.drain(made)
    hooks.clock.sleep(LEASE.total_seconds())
    assert hooks.drain(made) == "worked"
    assert not hooks.lane(made).is_busy(hooks.clock.now())


def test_a_feed_that_was_restored_goes_on_with_numbers_that_another_event_had(hooks: Hooks) -> None:
    made = hooks.webhook("good", 500, event_types=("post.*",))
    hooks.tell(*["post.completed"] * (AT_ONCE + 1))
    hooks.clock.run(minutes=2)
    assert hooks.sends.get(made.id, AT_ONCE + 2)
    for sequence in range(2, AT_ONCE + 3):
        hooks.table.delete(key(hooks.workspace_id, sequence))
    hooks.table.update({**key(hooks.workspace_id, 1), "sk": "head"}, Change(set={"sequence": 1}))
    hooks.table.update({"pk": made.id, "sk": "lane"}, Change(set={"position": 1}, remove=["resting_until"]))
    hooks.answers["good.example"] = lambda _: httpx.Response(200)
    hooks.clock.at += timedelta(days=1)
    hooks.dynamodb.settle()
    hooks.tell(*["post.completed"] * (AT_ONCE + 1))
    hooks.clock.run(minutes=1)
    assert hooks.sequences("good") == list(range(2, AT_ONCE + 3))


@pytest.mark.parametrize("gone", [[3], [3, 4], [1, 2, 4], [6]])
def test_a_range_goes_on_behind_events_that_are_gone(hooks: Hooks, gone: list[int]) -> None:
    """DynamoDB deletes those whose time is over in no order."""
    made = hooks.webhook("good")
    hooks.tell(*["post.completed"] * 5)
    hooks.clock.run(hours=1)
    for sequence in gone:
        hooks.table.delete(key(hooks.workspace_id, sequence))
    hooks.got.clear()
    assert hooks.resends.ask(hooks.seen(made), 1)
    hooks.waking.wake_one("ws_x", made.id)
    hooks.clock.run(seconds=5)
    assert sorted(hooks.sequences("good")) == [each for each in range(1, 7) if each not in gone]
    assert hooks.resends.waiting(made.id) == []

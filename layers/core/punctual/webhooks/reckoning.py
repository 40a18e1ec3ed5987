"""What the outcomes of a round's calls mean: for each send, and for the lane."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from punctual.webhooks import delays
from punctual.webhooks.calling import Outcome
from punctual.webhooks.delays import Chance
from punctual.webhooks.lanes import Lane, Verdict
from punctual.webhooks.sends import Send


def tried(send: Send, outcome: Outcome, now: datetime, chance: Chance) -> Send:
    if outcome.tried.is_good:
        return send.with_try(outcome.tried, "delivered", None)
    delay = None if outcome.is_gone else delays.before_retry(send.failures + 1, outcome.retry_after, chance)
    return send.with_try(outcome.tried, "failing" if delay else "failed", now + delay if delay else None)


def lane_after(lane: Lane, outcomes: Sequence[Outcome], now: datetime, chance: Chance) -> Lane:
    """A success forgets all failures before it. Whoever asks for time is given it at once."""
    for outcome in outcomes:
        at = outcome.tried.at
        if outcome.tried.is_good:
            lane = replace(lane, failures=0, rests=0, failing_since=None, succeeded_at=at, resting_until=None)
        else:
            lane = replace(lane, failures=lane.failures + 1, failing_since=lane.failing_since or at)
    asked = max((outcome.retry_after for outcome in outcomes if outcome.retry_after), default=None)
    pause = _pause(lane, asked, chance) if any(not outcome.tried.is_good for outcome in outcomes) else None
    return replace(lane, resting_until=now + pause, rests=lane.rests + 1) if pause else lane


def verdict(lane: Lane, outcomes: Sequence[Outcome], now: datetime) -> Verdict | None:
    """Why the endpoint is to be disabled, if it is."""
    if any(outcome.is_gone for outcome in outcomes):
        return "gone"
    since = lane.failing_since if outcomes else None
    return "failing" if since and now - since >= delays.GIVES_UP_AFTER else None


def _pause(lane: Lane, asked: timedelta | None, chance: Chance) -> timedelta | None:
    return delays.rest(lane.rests, asked, chance) if lane.failures >= delays.RESTS_AFTER else asked

"""A lane's slice of work, by the one worker that holds it: a round gathers what is to be sent, sends it side by side,
and notes all outcomes and the new position in one transaction. So nothing is passed over that was not sent, and what a
worker that dies has sent and not noted is sent again.

A message that meets a lane in somebody's hands is dropped: whoever lets go of a lane looks once more.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from typing import Literal, TypeAlias

from punctual.clock import Now
from punctual.messages import Queue, WebhookMessage
from punctual.tables import ConditionFailed, Table, transact
from punctual.webhooks import reckoning
from punctual.webhooks.calling import Outcome, Send
from punctual.webhooks.delays import RESTS_AFTER, Chance
from punctual.webhooks.endpoints import Endpoints, Webhook
from punctual.webhooks.gathering import Batch, Gathering, Job
from punctual.webhooks.lanes import Lane, Lanes, Verdict, idle_until
from punctual.webhooks.sends import Sends

AT_ONCE = 8
"""Calls to one endpoint."""
_SOON = timedelta(minutes=1)
_TRIES = 5

SideBySide: TypeAlias = Callable[[Callable[[Job], Outcome], Sequence[Job]], Iterable[Outcome]]
"""As `map`: the outcomes in the order of the jobs."""
Drained: TypeAlias = Literal["gone", "disabled", "busy", "resting", "idle", "worked", "taken"]
"""`taken`: the lane was begun anew, or ended, meanwhile."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    table: Table
    """The events' own."""
    endpoints: Endpoints
    lanes: Lanes
    sends: Sends
    gathering: Gathering
    call: Send
    side_by_side: SideBySide
    queue: Queue
    now: Now
    wake: Callable[[str], None]
    """All lanes of a workspace: an endpoint that was disabled here is an event for the others."""
    disabled: Callable[[Verdict], None]
    """Told of each, to count them."""
    chance: Chance = random.random


class Draining:
    def __init__(self, tools: Tools):
        self._tools = tools

    def drain(self, message: WebhookMessage, until: datetime, claim: str) -> Drained:
        """No round is begun after `until`. `claim` is a name of this one invocation."""
        tools = self._tools
        webhook, lane = self._found(message)
        if webhook is None:
            if not tools.sends.forget(message.webhook_id, until):
                tools.queue.send(message)
            return "gone"
        if webhook.status != "active":
            tools.wake(message.workspace_id)  # whoever disabled it may have died before
            return "disabled"
        if lane is None:
            return "taken"
        held = None if (why := self._why_not(lane)) else tools.lanes.claim(lane, claim)
        if held is None:
            return why or "busy"
        try:
            return self._work(message, held, until)
        except ConditionFailed:
            return "taken"

    def _found(self, message: WebhookMessage) -> tuple[Webhook | None, Lane | None]:
        webhook = self._tools.endpoints.get(message.workspace_id, message.webhook_id)
        return webhook, self._tools.lanes.get(message.webhook_id) if webhook else None

    def _why_not(self, lane: Lane) -> Drained | None:
        now = self._tools.now()
        if lane.is_busy(now):
            return "busy"
        if lane.is_resting(now):
            return "resting"
        has_clock = lane.next_at is not None and lane.next_at > now + 2 * _SOON
        was_let_go = lane.claim is None and lane.verdict is None
        is_idle = has_clock and was_let_go and not self._tools.gathering.is_behind(lane)
        return "idle" if is_idle else None

    def _work(self, message: WebhookMessage, held: Lane, until: datetime) -> Drained:
        tools, turn = self._tools, 0
        if held.verdict:
            return self._end(held, held.verdict)
        while tools.now() < until:
            webhook = tools.endpoints.get(message.workspace_id, message.webhook_id)
            if webhook is None or webhook.status != "active":
                return "taken"
            most = 1 if held.failures >= RESTS_AFTER else AT_ONCE
            batch = tools.gathering.batch(webhook, held, most, turn)
            if not batch.jobs and not batch.operations and batch.position == held.position:
                break
            outcomes = list(tools.side_by_side(partial(self._call, webhook), batch.jobs))
            held = self._note(held, batch, outcomes)
            turn += 1
            if held.verdict:
                return self._end(held, held.verdict)
            if held.is_resting(tools.now()):
                break
        self._let_go(message, held, has_worked=turn > 0)
        return "worked"

    def _end(self, held: Lane, verdict: Verdict) -> Drained:
        self._tools.endpoints.disable(held.workspace_id, held.webhook_id, verdict)
        self._tools.disabled(verdict)
        self._tools.wake(held.workspace_id)
        return "disabled"

    def _call(self, webhook: Webhook, job: Job) -> Outcome:
        return self._tools.call(webhook, job.event)

    def _note(self, held: Lane, batch: Batch, outcomes: Sequence[Outcome]) -> Lane:
        """Raises ConditionFailed where the lane is somebody else's now, and TimeoutError where it is not: the message
        comes again when the lease is over."""
        tools, now = self._tools, self._tools.now()
        after = reckoning.lane_after(held, outcomes, now, tools.chance)
        verdict = reckoning.verdict(after, outcomes, now)
        after = replace(after, position=batch.position, skipped=batch.skipped, verdict=verdict)
        noted = [tools.lanes.writing(held, after), *batch.operations]
        for job, outcome in zip(batch.jobs, outcomes, strict=True):
            send = reckoning.tried(job.send, outcome, now, tools.chance)
            noted += tools.sends.writing(job.before, send, held.begun_at)
        for _ in range(_TRIES):
            try:
                transact(tools.table.client, noted)
            except ConditionFailed:
                if not self._is_ours(held):
                    raise
                continue
            return after
        raise TimeoutError("the lane is being written to by too many at once")

    def _is_ours(self, held: Lane) -> bool:
        """Then another transaction was at work: somebody asks for a resend."""
        lane = self._tools.lanes.get(held.webhook_id)
        return lane is not None and lane.fence == held.fence

    def _let_go(self, message: WebhookMessage, held: Lane, *, has_worked: bool) -> None:
        """And look once more: what came meanwhile woke nobody. Who found nothing, where there is something, has met an
        event that is being written."""
        tools, now = self._tools, self._tools.now()
        next_at = self._next_at(held, now)
        lane = tools.lanes.release(held, next_at)
        if not lane.is_resting(now) and tools.gathering.is_behind(lane):
            tools.queue.send(message, 0 if has_worked else 1)
        elif has_worked and next_at - now <= _SOON:
            tools.queue.send(message, ceil((next_at - now).total_seconds()))

    def _next_at(self, held: Lane, now: datetime) -> datetime:
        idle = idle_until(held.webhook_id, now)
        if held.resting_until and held.is_resting(now):
            return held.resting_until
        retry = self._tools.gathering.next_retry(held)
        return min(idle, max(retry, now)) if retry else idle

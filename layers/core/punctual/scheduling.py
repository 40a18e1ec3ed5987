"""Waking posts: a one-off EventBridge schedule at T − lead, or the queue at once where T is nearer than that.

A schedule that cannot be made is no error: the post's `due` clocks wake it through the sweeper.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from punctual.clock import Now
from punctual.due import GRACE
from punctual.messages import MAX_DELAY_SECONDS, Queue, Wake

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """`lead_seconds` before T the Scheduler is asked to fire; it may take `precision_seconds` longer."""

    lead_seconds: int
    precision_seconds: int


@dataclass(frozen=True, kw_only=True)
class ScheduleTarget:
    """Names of the stack's parts that a schedule refers to."""

    group: str
    queue_arn: str
    role_arn: str


class Scheduling:
    """`scheduler` is a boto3 client."""

    def __init__(self, scheduler: Any, target: ScheduleTarget, queue: Queue, timing: Timing, now: Now):
        self._scheduler = scheduler
        self._target = target
        self._queue = queue
        self._timing = timing
        self._now = now

    def first_clock(self, due_at: datetime, lead_seconds: int = 0) -> datetime:
        """By when the post must have been woken: what its deliveries' `next_at` starts with."""
        if self._is_near(due_at, lead_seconds):
            return self._now() + GRACE
        return self._wake_at(due_at, lead_seconds) + timedelta(seconds=self._timing.precision_seconds) + GRACE

    def arm(self, wake: Wake, due_at: datetime, lead_seconds: int = 0) -> None:
        """To be called once the post is stored; never fails, see the module."""
        try:
            if self._is_near(due_at, lead_seconds):
                self._queue.send(wake.model_copy(update={"woken_by": "direct"}))
            else:
                self._create(wake, self._wake_at(due_at, lead_seconds))
        except (ClientError, BotoCoreError) as error:
            log.warning(
                "not armed, the sweeper will wake it", extra={"post_id": wake.post_id, "error": type(error).__name__}
            )

    def disarm(self, post_id: str, rev: int) -> None:
        """As best it can: a schedule that fires all the same carries an old `rev` and does nothing."""
        try:
            self._scheduler.delete_schedule(Name=_name(post_id, rev), GroupName=self._target.group)
        except (ClientError, BotoCoreError) as error:
            log.info("schedule not deleted", extra={"post_id": post_id, "error": type(error).__name__})

    def _is_near(self, due_at: datetime, lead_seconds: int) -> bool:
        left = (due_at - self._now()).total_seconds()
        return left <= self._lead(lead_seconds) + self._timing.precision_seconds

    def _wake_at(self, due_at: datetime, lead_seconds: int) -> datetime:
        return due_at - timedelta(seconds=self._lead(lead_seconds))

    def _lead(self, content_needs: int) -> int:
        """What is woken earlier than SQS can delay a message would only have to be held twice."""
        longest = MAX_DELAY_SECONDS - self._timing.precision_seconds
        return min(max(self._timing.lead_seconds, content_needs), longest)

    def _create(self, wake: Wake, wake_at: datetime) -> None:
        name = _name(wake.post_id, wake.rev)
        self._scheduler.create_schedule(
            Name=name,
            GroupName=self._target.group,
            ClientToken=name,
            ScheduleExpression=at_expression(wake_at),
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": self._target.queue_arn,
                "RoleArn": self._target.role_arn,
                "Input": wake.model_dump_json(),
            },
        )


def remove(scheduler: Any, group: str, post_id: str, last_rev: int) -> None:
    """Every schedule that the post may have, for certain: `disarm` may have failed. Raises what AWS raises."""
    for rev in range(last_rev, 0, -1):
        try:
            scheduler.delete_schedule(Name=_name(post_id, rev), GroupName=group)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise


def at_expression(moment: datetime) -> str:
    """Whole seconds, rounded down: woken a little early is what the lead is for."""
    return f"at({moment.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S')})"


def _name(post_id: str, rev: int) -> str:
    return f"{post_id}-{rev}"

"""At T: claim, wait for the second, mark `sending`, and make the one irreversible call."""

from datetime import datetime, timedelta

from punctual.deliveries import Delivery
from punctual.due import GRACE
from punctual.messages import Step
from punctual.providers.base import Grant, Published
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater, Unauthorized
from punctual.publishing import settling
from punctual.publishing.job import ChannelGone, Job, Tools, claim
from punctual.states import DeliveryStatus

_WAKES_BEFORE = 1.0
_LONGEST_SLEEP = 2.5
_MARKS_BEFORE = timedelta(milliseconds=150)
"""The `sending` mark is written this long before T: its round trip must not make the call late."""
_SLACK = timedelta(seconds=2)


class NoTimeLeft(RetryLater):
    """The call's deadline would not lie inside this worker's own time."""

    def __init__(self) -> None:
        super().__init__("This attempt started too late to finish.", code="no_time_left")


def run(tools: Tools, seen: Delivery, deadline: datetime) -> None:
    left = (seen.due_at - tools.now()).total_seconds()
    if left > _LONGEST_SLEEP:
        _hold(tools, seen, left)
        return
    job = claim(tools, seen, "publish", deadline, status=DeliveryStatus.PUBLISHING)
    if tools.now() > job.delivery.latest_at and not job.is_resend:
        settling.missed(job)
        return
    send(job)


def send(job: Job) -> None:
    """The claimed delivery's call, and what came of it. Also for a resend under the same key."""
    try:
        grant = _ready(job)
        job.tools.sleep(max(0.0, (job.delivery.due_at - _MARKS_BEFORE - job.tools.now()).total_seconds()))
        _mark(job)
    except (Rejected, ChannelGone) as error:
        settling.refused(job, error)
    except Reconnect as error:
        settling.held(job, error)
    except RetryLater as error:
        settling.postponed(job, error, DeliveryStatus.READY)
    else:
        _call(job, grant)


def _ready(job: Job) -> Grant:
    job.load()
    fresh = job.tools.refreshing.fresh(job.channel, job.tools.now() + timedelta(seconds=30))
    job.grant_version = fresh.version
    return fresh.grant


def _mark(job: Job) -> None:
    """The write-ahead mark, and only after it the checks that may still stop the call.

    Raises NoTimeLeft; the mark is then taken back by the write that puts the delivery off, since nothing was sent.
    """
    now = job.tools.now()
    sending_at = max(now, job.delivery.due_at)
    job.write(sending_at=sending_at, first_sent_at=job.delivery.first_sent_at or sending_at)
    now = max(job.tools.now(), job.delivery.due_at)
    if now + timedelta(seconds=job.provider.spec.call_seconds) + _SLACK > job.ends_at():
        raise NoTimeLeft()
    if now > job.delivery.latest_at and not job.is_resend:
        raise NoTimeLeft()


def _call(job: Job, grant: Grant) -> None:
    while (left := (job.delivery.due_at - job.tools.now()).total_seconds()) > 0:
        job.tools.sleep(left)
    started_at = job.tools.now()
    try:
        found = _publish(job, grant)
    except Rejected as error:
        settling.refused(job, error)
    except Reconnect as error:
        settling.held(job, error)
    except RetryLater as error:
        settling.postponed(job, error, DeliveryStatus.READY)
    except OutcomeUnknown as error:
        settling.unknown(job, error)
    else:
        settling.published(job, found, started_at)


def _publish(job: Job, grant: Grant) -> Published:
    """A plain 401 says that nothing happened: one refresh under the grant's lease, and one more try."""
    try:
        return job.provider.publish(job.outgoing(), grant)
    except Unauthorized:
        fresh = job.tools.refreshing.renew(job.channel, job.grant_version)
        job.grant_version = fresh.version
        if job.tools.now() + timedelta(seconds=job.provider.spec.call_seconds) + _SLACK > job.ends_at():
            raise NoTimeLeft() from None
        return job.provider.publish(job.outgoing(), fresh.grant)


def _hold(tools: Tools, seen: Delivery, left: float) -> None:
    """Too early: a message that comes at T − 1 s, and a clock behind it in case it is lost."""
    message = Step(post_id=seen.post_id, delivery_id=seen.id, rev=seen.rev, woken_by="retry")
    tools.queue.send(message, int(left - _WAKES_BEFORE))
    tools.deliveries.write(seen, next_at=seen.due_at + GRACE)

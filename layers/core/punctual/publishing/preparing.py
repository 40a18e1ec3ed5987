"""Before T: everything that no reader can see, under a lease, each result kept before the next step."""

from datetime import datetime, timedelta
from typing import Any

from punctual.deliveries import Delivery
from punctual.due import GRACE
from punctual.messages import WokenBy
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater
from punctual.publishing import sending, settling
from punctual.publishing.job import ChannelGone, Job, Tools, claim
from punctual.states import DeliveryStatus

HOLD_SECONDS = 2.0
"""The last stretch before T, which is slept; what is longer waits in the queue."""
OUTLIVES = timedelta(seconds=120)
"""How long past T a grant must last, or it is refreshed now."""
_SECOND_NUDGE = timedelta(seconds=61)


def run(tools: Tools, seen: Delivery, woken_by: WokenBy, deadline: datetime) -> None:
    job = claim(tools, seen, "prepare", deadline, status=DeliveryStatus.SCHEDULED, woken_by=seen.woken_by or woken_by)
    if tools.now() > job.delivery.latest_at:
        settling.missed(job)
        return
    try:
        _prepare(job)
    except (Rejected, ChannelGone) as error:
        settling.refused(job, error)
    except Reconnect as error:
        settling.held(job, error)
    except RetryLater as error:
        settling.postponed(job, error, DeliveryStatus.SCHEDULED)
    except OutcomeUnknown as error:
        again = RetryLater(error.sentence, code=error.code, status=error.status)
        settling.postponed(job, again, DeliveryStatus.SCHEDULED)
    else:
        _hand_over(job)


def _prepare(job: Job) -> None:
    job.load()
    due = max(job.delivery.due_at, job.tools.now())
    fresh = job.tools.refreshing.fresh(job.channel, due + OUTLIVES)
    job.grant_version = fresh.version

    def keep(**results: Any) -> None:
        job.write(prepared={**job.delivery.prepared, **results})

    job.provider.prepare(job.outgoing(), fresh.grant, keep)


def _hand_over(job: Job) -> None:
    """The delayed message first, then READY: a crash between the two costs nothing but a message."""
    job.tools.attempts.done(job.delivery, job.attempt)
    now = job.tools.now()
    left = (job.delivery.due_at - now).total_seconds()
    if left > HOLD_SECONDS:
        job.nudge(_woken_by(job), left - 1)
    ready = job.write(
        status=DeliveryStatus.READY, leased_until=None, next_at=ready_clock(job.delivery.due_at, now), error=None
    )
    if left <= HOLD_SECONDS:
        sending.run(job.tools, ready, job.deadline)


def ready_clock(due_at: datetime, now: datetime) -> datetime:
    """A minute before T, so that the sweep replaces a lost message in time; nearer to T, just after it."""
    second_nudge = due_at - _SECOND_NUDGE
    return second_nudge if second_nudge > now else max(due_at, now) + GRACE


def _woken_by(job: Job) -> WokenBy:
    found: WokenBy = job.delivery.woken_by or "retry"  # type: ignore[assignment]  # only ever written from a WokenBy
    return found

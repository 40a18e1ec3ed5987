"""Before T: everything that no reader can see, under a lease, each result kept before the next step."""

from datetime import timedelta

from punctual.deliveries import Delivery
from punctual.due import clock_before
from punctual.messages import WokenBy
from punctual.providers.base import Grant
from punctual.providers.outcomes import ProviderError
from punctual.publishing import limits, recording, sending, settling
from punctual.publishing.job import Invocation, Job, Tools, claim
from punctual.risks import VERSION_WARNING, of_version
from punctual.states import DeliveryStatus

HOLD_SECONDS = 2.0
"""The last stretch before T, which is slept; what is longer waits in the queue."""
OUTLIVES = timedelta(seconds=120)
"""How long past T a grant must last, or it is refreshed now."""


def run(tools: Tools, seen: Delivery, woken_by: WokenBy, invocation: Invocation) -> None:
    status = DeliveryStatus.PUBLISHING if seen.live else DeliveryStatus.SCHEDULED
    job = claim(tools, seen, "prepare", invocation, status=status, woken_by=seen.woken_by or woken_by)
    if tools.now() > job.delivery.latest_at:
        settling.missed(job)
        return
    try:
        job.prepare(_load(job))
    except ProviderError as error:
        settling.not_sent(job, error, status)
    else:
        _hand_over(job, invocation)
    recording.remember_limit(job)


def _load(job: Job) -> Grant:
    job.load()
    limits.wait_for_channel(job)
    limits.wait_for_caps(job)
    limits.wait_for_media(job)
    due = max(job.delivery.part_at, job.tools.now())
    return job.refresh(due + OUTLIVES)


def _hand_over(job: Job, invocation: Invocation) -> None:
    """The delayed message first, then READY: a crash between the two costs nothing but a message."""
    recording.done(job)
    now, due_at = job.tools.now(), job.delivery.part_at
    if any(of_version(job.provider, now + VERSION_WARNING)):
        job.tools.meter("ApiVersionEnding", job.delivery.provider)
    left = (due_at - now).total_seconds()
    if left > HOLD_SECONDS:
        job.nudge(job.delivery.woken_by or "retry", left - 1)
    ready = job.write(
        status=job.waiting_status,
        leased_until=None,
        act_at=due_at,
        next_at=clock_before(due_at, now),
        polls=0,
        polling_since=None,
        after=None if job.delivery.live else job.tools.deliveries.before(job.delivery),
        error=None,
    )
    if left <= HOLD_SECONDS:
        sending.run(job.tools, ready, invocation)

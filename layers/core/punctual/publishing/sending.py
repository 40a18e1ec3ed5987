"""At T: claim, wait for the second, mark `sending`, and make the one irreversible call."""

from datetime import datetime, timedelta

from punctual.deliveries import Delivery
from punctual.providers.base import Grant, Published
from punctual.providers.outcomes import ProviderError, Unauthorized
from punctual.publishing import limits, ordering, recording, settling
from punctual.publishing.job import Invocation, Job, Tools, claim
from punctual.states import DeliveryStatus

_MARKS_BEFORE = timedelta(milliseconds=150)
"""The `sending` mark is written this long before T: its round trip must not make the call late."""
_SLACK = timedelta(seconds=2)
"""How long after its mark a call may begin, since nobody looks before its deadline; and how long before this worker's
end that deadline is."""
_GRANT_LASTS = timedelta(seconds=30)


class NoTimeLeft(limits.NotYet):
    """The call's deadline would not lie inside this worker's own time, or not where its mark says."""

    def __init__(self) -> None:
        super().__init__("This attempt started too late to finish.", code="no_time_left", seconds=1)


class Paused(limits.NotYet):
    """A person paused publishing; the sweep asks again every minute."""

    def __init__(self) -> None:
        super().__init__("Publishing is paused.", code="paused", seconds=60)


def run(tools: Tools, seen: Delivery, invocation: Invocation) -> None:
    ordering.wait_for_turn(tools, seen)
    job = claim(tools, seen, "publish", invocation, status=DeliveryStatus.PUBLISHING)
    if tools.now() > job.delivery.latest_at:
        settling.missed(job)
        return
    send(job)


def send(job: Job) -> None:
    """The claimed delivery's call, and what came of it. Also for a resend under the same key."""
    waits_as = job.waiting_status
    try:
        grant = _ready(job)
        job.tools.sleep(max(0.0, (job.delivery.part_at - _MARKS_BEFORE - job.tools.now()).total_seconds()))
        _mark(job)
    except ProviderError as error:
        settling.not_sent(job, error, waits_as)
    else:
        _call(job, grant, waits_as)
    recording.remember_limit(job)


def _ready(job: Job) -> Grant:
    job.load()
    limits.wait_for_channel(job)
    limits.wait_for_media(job)
    limits.wait_for_rate(job)  # last: what it lets through counts, also where nothing is sent
    grant = job.refresh(job.tools.now() + _GRANT_LASTS)
    if (job.delivery.part or job.delivery.tries) and not job.is_resend:
        job.prepare(grant)  # what a try that failed has found to be gone is made anew: `Unprepared`
    return grant


def _mark(job: Job) -> None:
    """The write-ahead mark, and only after it the checks that may still stop the call.

    Raises NoTimeLeft or Paused; the mark is then taken back by the write that puts the delivery off: nothing was sent.
    """
    spec, seen = job.provider.spec, job.delivery
    sending_at = max(job.tools.now(), seen.part_at)
    job.write(
        sending_at=sending_at,
        first_sent_at=seen.first_sent_at or sending_at,
        first_sent_by=seen.first_sent_by or job.attempt.id,
        fingerprint=seen.fingerprint or job.fingerprint(),
        look_at=sending_at + _SLACK + timedelta(seconds=spec.call_seconds + spec.settling_seconds),
    )
    if job.tools.pauses.of(seen.workspace_id).is_paused:
        raise Paused()
    now = max(job.tools.now(), seen.part_at)
    if not _call_fits(job, now) or now > seen.latest_at:
        raise NoTimeLeft()


def _call_fits(job: Job, now: datetime) -> bool:
    marked_at = job.delivery.sending_at
    if marked_at is None or now > marked_at + _SLACK:
        return False
    return now + timedelta(seconds=job.provider.spec.call_seconds) + _SLACK <= job.ends_at()


def _call(job: Job, grant: Grant, waits_as: DeliveryStatus) -> None:
    while (left := (job.delivery.part_at - job.tools.now()).total_seconds()) > 0:
        job.tools.sleep(left)
    started_at = job.tools.now()
    try:
        found = _publish(job, grant)
    except ProviderError as error:
        settling.answered(job, error, waits_as)
    else:
        settling.published(job, found, started_at, answered_at=job.tools.now())


def _publish(job: Job, grant: Grant) -> Published:
    """A plain 401 says that nothing happened: one refresh under the grant's lease, and one more try."""
    try:
        return job.provider.publish(job.outgoing(), grant)
    except Unauthorized:
        renewed = job.renew()
        if not _call_fits(job, job.tools.now()):
            raise NoTimeLeft() from None
        return job.provider.publish(job.outgoing(), renewed)

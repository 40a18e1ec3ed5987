"""Writing down how a step ended. The attempt first, unfenced: whoever looks later finds the truth there."""

from datetime import datetime, timedelta
from typing import Any

from punctual.providers.base import Published
from punctual.providers.outcomes import ProviderError, RetryLater
from punctual.publishing.job import Job
from punctual.states import DeliveryStatus

_FIRST_RETRY_SECONDS = 5.0
_LONGEST_RETRY_SECONDS = 300.0
_FIRST_LOOK_SECONDS = 60
_LONGEST_LOOK_SECONDS = 960
_LOOKED_FOR = timedelta(hours=24)
_NOT_SENT: dict[str, Any] = {"sending_at": None, "first_sent_at": None}


def published(job: Job, found: Published, started_at: datetime) -> None:
    """`started_at` is when the call began; a post found by looking counts from its `sending` mark."""
    job.tools.attempts.done(job.delivery, job.attempt, found)
    late = (started_at - job.delivery.due_at).total_seconds()
    job.write(
        status=DeliveryStatus.COMPLETED,
        platform_id=found.platform_id,
        url=found.url,
        started_at=started_at,
        lateness_ms=round(late * 1000),
        completed_at=job.tools.now(),
        error=None,
    )
    _roll_up(job)


def refused(job: Job, error: ProviderError) -> None:
    """It speaks for its own call only: an earlier send that nobody could account for stays unconfirmed."""
    job.tools.attempts.failed(job.delivery, job.attempt, error)
    if job.is_resend:
        unconfirmed(job, error)
        return
    job.write(status=DeliveryStatus.ERROR, error=_told(error), completed_at=job.tools.now(), **_NOT_SENT)
    _roll_up(job)


def held(job: Job, error: ProviderError) -> None:
    """The grant is dead: wait for the person, unless something may be live already."""
    job.tools.attempts.failed(job.delivery, job.attempt, error)
    job.tools.refreshing.bury(job.channel, job.grant_version)
    if job.is_resend:
        unconfirmed(job, error)
        return
    job.write(
        status=DeliveryStatus.HELD,
        held_version=job.grant_version,
        leased_until=None,
        next_at=min(job.delivery.latest_at, job.tools.now() + timedelta(minutes=1)),
        error=_told(error),
        **_NOT_SENT,
    )
    _roll_up(job)


def postponed(job: Job, error: RetryLater, back_to: DeliveryStatus) -> None:
    """Nothing happened there: go on later, in the state `back_to`, and never past the post's own limit."""
    job.tools.attempts.failed(job.delivery, job.attempt, error)
    if job.is_resend:
        unconfirmed(job, error)
        return
    now = job.tools.now()
    backoff = min(_FIRST_RETRY_SECONDS * 2**job.delivery.tries, _LONGEST_RETRY_SECONDS)
    again_at = min(now + timedelta(seconds=max(backoff, error.retry_after or 0)), max(now, job.delivery.latest_at))
    wait = (again_at - now).total_seconds()
    job.write(
        status=back_to,
        tries=job.delivery.tries + 1,
        leased_until=None,
        next_at=again_at + timedelta(seconds=5),
        error=_told(error),
        **_NOT_SENT,
    )
    if wait <= 900:
        job.nudge("retry", wait + 1)
    _roll_up(job)


def unknown(job: Job, error: ProviderError) -> None:
    """Look when the platform has had its time to make a late write visible; until then nobody sends."""
    job.tools.attempts.failed(job.delivery, job.attempt, error)
    look_at = looked_at(job)
    job.write(leased_until=None, next_at=look_at, error=_told(error))
    job.nudge("retry", (look_at - job.tools.now()).total_seconds() + 1)
    _roll_up(job)


def unconfirmed(job: Job, error: ProviderError | None) -> None:
    """It may be live and nothing proves it: look ever more seldom, for a day; a person may settle it."""
    now = job.tools.now()
    wait = min(_FIRST_LOOK_SECONDS * 2**job.delivery.looks, _LONGEST_LOOK_SECONDS)
    since = job.delivery.first_sent_at or now
    job.write(
        status=DeliveryStatus.UNCONFIRMED,
        looks=job.delivery.looks + 1,
        leased_until=None,
        next_at=now + timedelta(seconds=wait) if now - since < _LOOKED_FOR else None,
        error={
            "code": error.code if error else "outcome_unknown",
            "message": "The platform did not confirm it. It may be live: look at the account before posting again.",
        },
    )
    _roll_up(job)


def missed(job: Job) -> None:
    job.write(
        status=DeliveryStatus.MISSED,
        completed_at=job.tools.now(),
        error={
            "code": "too_late",
            "message": f"It could not go out within {job.delivery.max_delay_seconds} s of its time; nothing is live.",
            **({"cause": job.delivery.error} if job.delivery.error else {}),
        },
        **_NOT_SENT,
    )
    _roll_up(job)


def not_live(job: Job) -> None:
    """Proved: no earlier send landed. Go on as if nothing had been sent."""
    job.tools.attempts.done(job.delivery, job.attempt)
    job.write(
        status=DeliveryStatus.READY,
        leased_until=None,
        next_at=job.tools.now() + timedelta(seconds=5),
        **_NOT_SENT,
    )
    job.nudge("retry", 0)


def looked_at(job: Job) -> datetime:
    """The last call's deadline plus the platform's settling time: before it a look proves nothing."""
    sent_at = job.delivery.sending_at or job.tools.now()
    return sent_at + timedelta(seconds=job.provider.spec.call_seconds + job.provider.spec.settling_seconds)


def _told(error: ProviderError) -> dict[str, Any]:
    found = {
        "code": error.code,
        "message": error.sentence,
        "status": error.status,
        "platform_code": error.platform_code,
    }
    return {name: value for name, value in found.items() if value is not None}


def _roll_up(job: Job) -> None:
    job.tools.posts.roll_up(job.delivery.post_id)

"""Where the outcome is unknown: ask, and send again only where that cannot make a second post."""

from datetime import datetime, timedelta

from punctual.deliveries import Delivery
from punctual.messages import Step
from punctual.providers.base import Published
from punctual.providers.outcomes import ProviderError, Reconnect
from punctual.publishing import sending, settling
from punctual.publishing.job import ChannelGone, Job, Tools, claim


def run(tools: Tools, seen: Delivery, deadline: datetime) -> None:
    """Not before the last call's deadline and the platform's settling time have passed."""
    provider = tools.providers.get(seen.provider)
    spec = provider.spec
    sent_at = seen.sending_at or tools.now()
    left = (sent_at + timedelta(seconds=spec.call_seconds + spec.settling_seconds) - tools.now()).total_seconds()
    if left > 0:
        message = Step(post_id=seen.post_id, delivery_id=seen.id, rev=seen.rev, woken_by="retry")
        tools.queue.send(message, int(left) + 1)
        return
    job = claim(tools, seen, "look", deadline)
    known = _own_record(job)
    if known:
        job.provider = provider
        settling.published(job, known, sent_at)
        return
    _look(job, sent_at)


def _look(job: Job, sent_at: datetime) -> None:
    try:
        job.load()
        fresh = job.tools.refreshing.fresh(job.channel, job.tools.now() + timedelta(seconds=30))
        job.grant_version = fresh.version
        found = job.provider.find(job.outgoing(), fresh.grant)
    except ProviderError as error:
        job.tools.attempts.failed(job.delivery, job.attempt, error)
        if isinstance(error, Reconnect) and not isinstance(error, ChannelGone):
            job.tools.refreshing.bury(job.channel, job.grant_version)
        settling.unconfirmed(job, error)
        return
    if found:
        settling.published(job, found, sent_at)
    elif job.provider.absence_is_proof(job.outgoing()):
        settling.not_live(job)
    elif _may_resend(job):
        sending.send(job)
    else:
        job.tools.attempts.done(job.delivery, job.attempt)
        settling.unconfirmed(job, None)


def _may_resend(job: Job) -> bool:
    """Inside the platform's key window, counted from the first send, and while the post is still wanted."""
    first = job.delivery.first_sent_at
    now = job.tools.now()
    call_ends = now + timedelta(seconds=job.provider.spec.call_seconds)
    window = timedelta(seconds=job.provider.key_window_seconds(job.outgoing()))
    return first is not None and call_ends < first + window and now <= job.delivery.latest_at


def _own_record(job: Job) -> Published | None:
    """A worker that lost its lease may have written the truth into its attempt."""
    for attempt in job.tools.attempts.of_delivery(job.delivery):
        if attempt.rev == job.delivery.rev and attempt.platform_id and attempt.url is not None:
            return Published(platform_id=attempt.platform_id, url=attempt.url)
    return None

"""What holds a call back although nothing is wrong: the platform's limits, as far as they are known beforehand, and
files that are still being made fit for it."""

from punctual.due import GRACE
from punctual.providers.outcomes import Processing, RetryLater
from punctual.publishing.job import Job
from punctual.quotas import Before, usage

_MEDIA_SECONDS = (5.0, 60.0)
"""How soon, and how late, files are asked for again."""


class NotYet(RetryLater):
    """We wait by ourselves; the platform was not asked, and it counts as no try."""

    def __init__(self, sentence: str, *, code: str, seconds: float):
        super().__init__(sentence, code=code, retry_after=seconds)


class MediaNotReady(NotYet):
    """That wait is ours: reports of punctuality count it as such."""


def wait_for_channel(job: Job) -> None:
    """Raises NotYet while the platform takes nothing from this account."""
    until = job.channel.limited_until
    seconds = (until - job.tools.now()).total_seconds() if until else 0
    if seconds > 0:
        raise NotYet(f"{job.provider.spec.name} asked this account to wait.", code="rate_limited", seconds=seconds)


def wait_for_caps(job: Job) -> None:
    """Raises NotYet where the account has made all the posts that it may make; counted a little late, by an index."""
    mine = job.delivery
    at = max(mine.part_at, job.tools.now())
    before = Before(channel_id=mine.channel_id, post_id=mine.post_id, due_at=mine.due_at)
    for cap in job.provider.caps(job.channel.account):
        used = usage(job.tools.deliveries, cap, before, at)
        if used.free_at:
            seconds = (used.free_at + GRACE - job.tools.now()).total_seconds()
            sentence = f"{job.provider.spec.name} takes {cap.posts} posts in {_span(cap.seconds)}, and they are made."
            raise NotYet(sentence, code="cap_reached", seconds=seconds)


def wait_for_rate(job: Job) -> None:
    """Raises NotYet where this stack's accounts together are too fast for their server."""
    rate = job.provider.spec.rate
    if rate is None:
        return
    server = job.channel.account.server
    at = max(job.tools.now(), job.delivery.part_at)
    seconds = job.tools.buckets.take(f"{job.delivery.provider}#{server}", rate, at)
    if seconds > 0:
        job.tools.meter("ProviderThrottled", job.delivery.provider)
        sentence = f"{job.provider.spec.name} gets no more than {rate.per_second:g} posts a second from here."
        raise NotYet(sentence, code="provider_busy", seconds=seconds)


def wait_for_media(job: Job) -> None:
    """The files of the part in hand, loaded. Raises NotYet while one is being made fit: the nearer its time, the more
    often it is asked for; Rejected where one is gone."""
    try:
        job.load_media()
    except Processing as error:
        soonest, latest = _MEDIA_SECONDS
        far = abs((job.tools.now() - job.delivery.part_at).total_seconds()) / 4
        raise MediaNotReady(error.sentence, code=error.code, seconds=min(max(far, soonest), latest)) from error


def _span(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds} s"

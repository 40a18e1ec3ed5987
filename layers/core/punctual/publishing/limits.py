"""What holds a call back although nothing is wrong: the platform's limits, as far as they are known beforehand."""

from datetime import datetime, timedelta

from punctual.clock import to_text
from punctual.deliveries import Delivery
from punctual.due import GRACE
from punctual.providers.base import Cap
from punctual.providers.outcomes import RetryLater
from punctual.publishing.job import Job
from punctual.states import UNFINISHED, DeliveryStatus
from punctual.tables import Item

_MADE = frozenset({DeliveryStatus.COMPLETED, DeliveryStatus.PARTIAL, DeliveryStatus.UNCONFIRMED})


class NotYet(RetryLater):
    """We wait by ourselves; the platform was not asked, and it counts as no try."""

    def __init__(self, sentence: str, *, code: str, seconds: float):
        super().__init__(sentence, code=code, retry_after=seconds)


def wait_for_channel(job: Job) -> None:
    """Raises NotYet while the platform takes nothing from this account."""
    until = job.channel.limited_until
    seconds = (until - job.tools.now()).total_seconds() if until else 0
    if seconds > 0:
        raise NotYet(f"{job.provider.spec.name} asked this account to wait.", code="rate_limited", seconds=seconds)


def wait_for_caps(job: Job) -> None:
    """Raises NotYet where the account has made all the posts that it may make; counted a little late, by an index."""
    for cap in job.provider.caps(job.channel.account):
        free_at = _free_at(job, cap)
        if free_at:
            seconds = (free_at - job.tools.now()).total_seconds()
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


def _free_at(job: Job, cap: Cap) -> datetime | None:
    """When the account may post again, if it may not at the delivery's own time."""
    mine, window = job.delivery, timedelta(seconds=cap.seconds)
    at = max(mine.part_at, job.tools.now())
    rows = job.tools.deliveries.sent_on(mine.channel_id, at - 2 * window, at)
    made = sorted(_made_at(row) for row in rows if row["pk"] != mine.post_id and _counts(row, mine))
    recent = [each for each in made if each > at - window]
    return recent[-cap.posts] + window + GRACE if len(recent) >= cap.posts else None


def _counts(row: Item, mine: Delivery) -> bool:
    """What went out, or may have; and what is to go out before this one."""
    is_before = str(row["channel_order"]) < f"{to_text(mine.due_at)}#{mine.post_id}"
    return row["status"] in _MADE or (row["status"] in UNFINISHED and is_before)


def _made_at(row: Item) -> datetime:
    return datetime.fromisoformat(str(row.get("completed_at") or str(row["channel_order"]).partition("#")[0]))


def _span(seconds: int) -> str:
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds} s"

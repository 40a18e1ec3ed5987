"""Writing down what an attempt found out. Unfenced and first: whoever looks later finds the truth there."""

import logging
import re
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from punctual.attempts import Attempt
from punctual.messages import Ended
from punctual.patience import is_passing
from punctual.providers.base import Published
from punctual.providers.outcomes import OutcomeUnknown, ProviderError
from punctual.publishing.job import Job

log = logging.getLogger(__name__)

PUBLISHED, DONE = "published", "done"
_OPEN = frozenset({None, "outcome_unknown", "processing"})
"""Attempts after which nobody can say whether their call landed."""


def done(job: Job) -> None:
    _record(job, {"outcome": DONE})


def published(job: Job, found: Published) -> None:
    _record(job, {"outcome": PUBLISHED, "platform_id": found.platform_id}, found)


def failed(job: Job, error: ProviderError) -> None:
    about = {"code": error.code, "status": error.status, "platform_code": error.platform_code}
    _record(job, {"outcome": _name(error), **about})


def _record(job: Job, outcome: dict[str, Any], found: Published | None = None) -> None:
    """To the table for as long as there is time, and then to the queue, from where it reaches the table later."""
    delivery = job.delivery
    ended = Ended(
        workspace_id=delivery.workspace_id,
        post_id=delivery.post_id,
        delivery_id=delivery.id,
        rev=delivery.rev,
        attempt_id=job.attempt.id,
        **outcome,
    )
    try:
        job.patiently(lambda: job.tools.attempts.end(ended, found))
    except (ClientError, BotoCoreError) as error:
        if not is_passing(error):
            raise
        log.warning("outcome goes to the queue", extra={"delivery_id": delivery.id, "attempt_id": job.attempt.id})
        job.tools.queue.send(ended)


def remember_limit(job: Job) -> None:
    """The channel's next post then waits instead of failing. Not worth losing an outcome for."""
    until = job.limited_until
    if until is None or until <= job.tools.now():
        return
    try:
        job.tools.channels.limit(job.channel, until)
    except (ClientError, BotoCoreError) as error:
        log.warning("limit not remembered", extra={"channel_id": job.channel.id, "fault": type(error).__name__})


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What our own attempts say about the part in hand."""

    published: Published | None = None
    refusal: Attempt | None = None
    """The last of the calls, if every one of them is known not to have landed."""


def evidence(job: Job) -> Evidence:
    """A worker that lost its lease may have written the truth into its attempt."""
    mine = job.delivery
    of_part = [
        each
        for each in job.tools.attempts.of_delivery(mine)
        if (each.rev, each.part) == (mine.rev, mine.part) and each.step != "prepare"
    ]
    for each in of_part:
        if each.outcome == PUBLISHED and (found := each.published()):
            return Evidence(published=found)
    first = mine.first_sent_by or ""
    calls = [each for each in of_part if first <= each.id != job.attempt.id and each.outcome != DONE]
    if calls and not any(each.outcome in _OPEN for each in calls):
        return Evidence(refusal=calls[-1])
    return Evidence()


def _name(error: ProviderError) -> str:
    """`OutcomeUnknown` → `outcome_unknown`; of one of a kind that is open, the kind's: it decides what is believed."""
    if isinstance(error, OutcomeUnknown):
        return "outcome_unknown"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()

"""Where the outcome is unknown: ask, and send again only where that cannot make a second post."""

import logging
from datetime import timedelta

from punctual.deliveries import Delivery
from punctual.providers.base import Published
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Reconnect
from punctual.publishing import recording, sending, settling
from punctual.publishing.job import Invocation, Job, Tools, claim
from punctual.states import DeliveryStatus

log = logging.getLogger(__name__)

_GRANT_LASTS = timedelta(seconds=30)
_TWINS = timedelta(days=1)


def run(tools: Tools, seen: Delivery, invocation: Invocation) -> None:
    """Not before the last call's deadline and the platform's settling time have passed."""
    job = claim(tools, seen, "look", invocation)
    known = recording.evidence(job) if not seen.is_restored else recording.Evidence()
    if known.published:
        settling.published(job, _with_url(job, known.published), seen.first_sent_at or tools.now())
    elif known.refusal:
        settling.not_live(job, known.refusal)
    else:
        _look(job)
    recording.remember_limit(job)


def doubt(tools: Tools, seen: Delivery, invocation: Invocation) -> None:
    """It was due before the stack was restored: it may be live, and this table would not know."""
    log.info("looked for after a restore", extra={"delivery_id": seen.id})
    at = seen.first_sent_at or seen.earliest_at
    restored = {"status": DeliveryStatus.PUBLISHING, "sending_at": at, "first_sent_at": at}
    job = claim(tools, seen, "look", invocation, **restored, is_restored=True)
    job.is_resend = True
    _look(job)
    recording.remember_limit(job)


def _look(job: Job) -> None:
    try:
        found = _ask(job)
    except Processing as error:
        settling.accepted(job, error)
        return
    except ProviderError as error:
        if isinstance(error, Reconnect):
            job.bury_grant(error)
        settling.undecided(job, error)
        return
    if found:
        settling.published(job, found, job.delivery.first_sent_at or job.tools.now())
    elif _is_proof(job):
        settling.not_live(job)
    elif _may_resend(job):
        sending.send(job)
    else:
        recording.done(job)
        settling.unconfirmed(job, None)


def _ask(job: Job) -> Published | None:
    """What the platform says, unless that is the post of another delivery. Raises ProviderError."""
    job.load()
    grant = job.refresh(job.tools.now() + _GRANT_LASTS)
    post = job.outgoing(_taken(job))
    found = job.provider.find(post, grant)
    if found is None:
        return None
    if found.platform_id not in post.taken and job.tools.deliveries.take_id(job.delivery, found.platform_id):
        return found
    log.info("found another delivery's post", extra={"delivery_id": job.delivery.id})
    if job.provider.absence_is_proof(post):  # a handle may say that it is live, and a list as which post: no absence
        raise OutcomeUnknown("It is live, and what was found is another delivery's.", code="no_answer")
    return None


def _with_url(job: Job, known: Published) -> Published:
    """An outcome that came by the queue has no URL; the platform may tell it."""
    if known.url:
        return known
    try:
        found = _ask(job)
    except ProviderError:
        return known
    return found if found and found.platform_id == known.platform_id else known


def _taken(job: Job) -> frozenset[str]:
    """Posts of the platform that other deliveries of the channel have, and this delivery's own earlier parts."""
    mine = job.delivery
    since = (mine.first_sent_at or mine.part_at) - _TWINS
    rows = job.tools.deliveries.sent_on(mine.channel_id, since, job.tools.now())
    theirs = {platform_id for row in rows if row["pk"] != mine.post_id for platform_id in row.get("live_ids", ())}
    return frozenset(theirs | {part.platform_id for part in mine.live})


def _is_proof(job: Job) -> bool:
    """After a restore an id or handle of ours may be another than the one that was used."""
    return not job.delivery.is_restored and job.provider.absence_is_proof(job.outgoing())


def _may_resend(job: Job) -> bool:
    """Inside the key's window, counted from the first send, while the post is wanted, and only the very same."""
    until = job.resendable_until()
    return until is not None and job.tools.now() < until and job.delivery.fingerprint == job.fingerprint()

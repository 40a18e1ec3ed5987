"""What becomes of a delivery once its attempt has ended. The attempt's own record comes first: see `recording`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from punctual.attempts import Attempt
from punctual.parts import LivePart
from punctual.providers.base import Published
from punctual.providers.outcomes import (
    OutcomeUnknown,
    Processing,
    ProviderError,
    Reconnect,
    Rejected,
    RetryLater,
    Unfinished,
    Unprepared,
)
from punctual.publishing import linking, recording
from punctual.publishing.job import ChannelGone, Job
from punctual.publishing.limits import NotYet
from punctual.states import DeliveryStatus

_FIRST_RETRY_SECONDS = 5.0
_LONGEST_RETRY_SECONDS = 300.0
_PATIENCE_WITH_RETRY_AFTER = 3
_FIRST_LOOK_SECONDS = 60
_LONGEST_LOOK_SECONDS = 960
_LONGEST_LOOK_WHILE_RESENDABLE = 240
_LAST_CHANCE = timedelta(seconds=30)
"""What a look and the claim before it may take."""
_QUIET_LOOKS = 3
_LOOKED_FOR = timedelta(hours=24)
_NOT_SENT: dict[str, Any] = dict.fromkeys(
    ("sending_at", "first_sent_at", "first_sent_by", "fingerprint", "look_at", "polling_since")
) | {"polls": 0}


def published(job: Job, found: Published, started_at: datetime, answered_at: datetime | None = None) -> None:
    """`started_at` is when the call began; a post found by looking counts from its `sending` mark."""
    recording.published(job, found)
    found = linking.linked(job, found)
    now, mine = job.tools.now(), job.delivery
    part = LivePart(platform_id=found.platform_id, url=found.url, live_at=now, extra=found.extra)
    changes: dict[str, Any] = {**_NOT_SENT, "live": (*mine.live, part), "prepared": {}, "tries": 0, "looks": 0}
    if not mine.live:
        changes |= {"platform_id": found.platform_id, "url": found.url, "started_at": started_at}
        changes["lateness_ms"] = round((started_at - mine.due_at).total_seconds() * 1000)
    if answered_at and not mine.live:
        changes["platform_ms"] = round((answered_at - started_at).total_seconds() * 1000)
    if mine.part == len(mine.follow_ups):
        _finish(job, DeliveryStatus.COMPLETED, None, **changes)
    elif now > mine.latest_at and not mine.is_restored:
        _finish(job, DeliveryStatus.PARTIAL, _TOO_LATE_FOR_THE_REST, **changes)
    else:
        next_at = now + timedelta(seconds=mine.follow_ups[mine.part].delay_seconds)
        job.put_off(next_at, status=DeliveryStatus.PUBLISHING, part_due_at=next_at, error=None, **changes)
        _roll_up(job)


def not_sent(job: Job, error: ProviderError, waits_as: DeliveryStatus) -> None:
    """The attempt ended before its call: whatever the reason, this attempt sent nothing."""
    if isinstance(error, Processing):
        _wait_for_platform(job, error, waits_as)
    elif isinstance(error, Unfinished):
        _go_on(job, error, waits_as)
    elif isinstance(error, OutcomeUnknown):
        _postponed(job, RetryLater(error.sentence, code=error.code, status=error.status), waits_as)
    else:
        answered(job, error, waits_as)


def answered(job: Job, error: ProviderError, waits_as: DeliveryStatus) -> None:
    """The platform did anything but publish. `waits_as` is the delivery's status if it may try again later."""
    match error:
        case Rejected() | ChannelGone():
            _refused(job, error)
        case Reconnect():
            _held(job, error)
        case RetryLater():
            _postponed(job, error, waits_as)
        case Processing():
            accepted(job, error)
        case _:
            _unknown(job, error)


def accepted(job: Job, error: Processing) -> None:
    """The platform has it and will make it live by itself: ask again, a bounded number of times."""
    recording.failed(job, error)
    if _waited_too_long(job):
        unconfirmed(job, error)
        return
    look_at = job.tools.now() + _poll_after(job, error)
    job.put_off(look_at, look_at=look_at, **_polled(job, error))
    _roll_up(job)


def undecided(job: Job, error: ProviderError) -> None:
    """A look or a resend that said nothing about the earlier call. What passes by itself is no news for the user."""
    recording.failed(job, error)
    mine = job.delivery
    if not isinstance(error, RetryLater) or mine.looks >= _QUIET_LOOKS:
        unconfirmed(job, error)
        return
    at = max(_next_look(job), job.tools.now() + timedelta(seconds=error.retry_after or 0))
    looks = mine.looks if isinstance(error, NotYet) else mine.looks + 1
    job.put_off(at, look_at=at, looks=looks)
    _roll_up(job)


def unconfirmed(job: Job, error: ProviderError | None) -> None:
    """It may be live and nothing proves it: look ever more seldom, for a day; a person may settle it."""
    now, mine = job.tools.now(), job.delivery
    told = {
        "code": error.code if error else "outcome_unknown",
        "message": "The platform did not confirm it. It may be live: look at the account before posting again.",
    }
    changes = {"status": DeliveryStatus.UNCONFIRMED, "looks": mine.looks + 1, "error": told}
    if mine.status is not DeliveryStatus.UNCONFIRMED:
        job.tools.meter("Unconfirmed", mine.provider)
    if now - (mine.first_sent_at or now) < _LOOKED_FOR:
        look_at = _next_look(job)
        job.put_off(look_at, look_at=look_at, **changes)
    else:
        job.write(leased_until=None, next_at=None, act_at=None, **changes)
    _roll_up(job)


def _next_look(job: Job) -> datetime:
    """Ever more seldom; but while it may be sent again, often, and once more just before it may not."""
    now = job.tools.now()
    until = job.resendable_until()
    last = until - _LAST_CHANCE if until else now
    longest = _LONGEST_LOOK_WHILE_RESENDABLE if now < last else _LONGEST_LOOK_SECONDS
    at = now + timedelta(seconds=min(_FIRST_LOOK_SECONDS * 2**job.delivery.looks, longest))
    return min(at, last) if now < last else at


def missed(job: Job) -> None:
    """Too late to be wanted. What is live stays."""
    recording.done(job)
    mine = job.delivery
    seconds = mine.max_delay_seconds
    if mine.live:
        _finish(job, DeliveryStatus.PARTIAL, _TOO_LATE_FOR_THE_REST)
        return
    told = {"code": "too_late", "message": f"It could not go out within {seconds} s of its time; nothing is live."}
    cause = {"cause": mine.error} if mine.error else {}
    _finish(job, DeliveryStatus.MISSED, {**told, **cause}, **_NOT_SENT)


def not_live(job: Job, refusal: Attempt | None = None) -> None:
    """Proved: no call for this part landed. Go on as if nothing had been sent; a refusal ends it."""
    recording.done(job)
    if refusal and refusal.outcome == "rejected":
        told = {"code": refusal.code, "message": "The platform refused it.", "status": refusal.status}
        _end(job, {name: value for name, value in told.items() if value is not None})
        return
    job.put_off(job.tools.now(), status=job.waiting_status, **_NOT_SENT)


def _refused(job: Job, error: ProviderError) -> None:
    """It speaks for its own call only: an earlier send that nobody could account for stays unconfirmed."""
    if job.is_resend:
        undecided(job, error)
        return
    recording.failed(job, error)
    _end(job, _told(error))


def _held(job: Job, error: ProviderError) -> None:
    """The grant is dead: wait for the person, unless something may be live already."""
    job.bury_grant(error)
    if job.is_resend:
        undecided(job, error)
        return
    recording.failed(job, error)
    job.write(
        status=DeliveryStatus.HELD,
        held_grant=job.fresh.id if job.fresh else job.channel.grant_id,
        leased_until=None,
        act_at=None,
        next_at=min(job.delivery.latest_at, job.tools.now() + timedelta(minutes=1)),
        error=_told(error),
        **_NOT_SENT,
    )
    _roll_up(job)


def _postponed(job: Job, error: RetryLater, waits_as: DeliveryStatus) -> None:
    """Nothing happened there: go on later, in the state `waits_as`, and never past the post's own limit."""
    if job.is_resend:
        undecided(job, error)
        return
    recording.failed(job, error)
    now, mine = job.tools.now(), job.delivery
    again_at = min(now + _wait(job, error), max(now, mine.latest_at) + timedelta(seconds=1))
    tries = mine.tries if isinstance(error, NotYet) else mine.tries + 1
    lost = {"prepared": _left(mine.prepared, error)} if isinstance(error, Unprepared) else {}
    job.put_off(again_at, status=waits_as, tries=tries, error=_told(error), **_NOT_SENT, **lost)
    _roll_up(job)


def _left(prepared: Mapping[str, Any], error: Unprepared) -> dict[str, Any]:
    both = {**prepared, **error.kept}
    return {name: kept for name, kept in both.items() if kept is not None}


def _go_on(job: Job, error: Unfinished, waits_as: DeliveryStatus) -> None:
    """Given back to whoever comes next, at once; how long that may go on is the post's own limit."""
    recording.failed(job, error)
    job.put_off(job.tools.now(), status=waits_as, error=None, **_NOT_SENT)


def _wait(job: Job, error: RetryLater) -> timedelta:
    """As long as the platform asks, and longer where that did not help; else ever longer."""
    backoff = min(_FIRST_RETRY_SECONDS * 2**job.delivery.tries, _LONGEST_RETRY_SECONDS)
    asked = error.retry_after
    if asked is None:
        return timedelta(seconds=backoff)
    is_repeated = job.delivery.tries >= _PATIENCE_WITH_RETRY_AFTER and not isinstance(error, NotYet)
    return timedelta(seconds=max(asked, backoff) if is_repeated else max(asked, 1.0))


def _unknown(job: Job, error: ProviderError) -> None:
    """Look when the platform has had its time to make a late write visible; until then nobody sends."""
    recording.failed(job, error)
    look_at = max(job.delivery.look_at or job.tools.now(), job.tools.now())
    job.put_off(look_at, error=_told(error))
    _roll_up(job)


def _wait_for_platform(job: Job, error: Processing, waits_as: DeliveryStatus) -> None:
    """Not ready to be published yet: ask again, a bounded number of times."""
    recording.failed(job, error)
    if _waited_too_long(job):
        name = job.provider.spec.name
        told = {"code": "processing_timeout", "message": f"{name} did not finish its work on this post in time."}
        _end(job, told)
        return
    job.put_off(job.tools.now() + _poll_after(job, error), status=waits_as, **_polled(job, error))


def _waited_too_long(job: Job) -> bool:
    spec, mine = job.provider.spec, job.delivery
    since = mine.polling_since or job.tools.now()
    return mine.polls >= spec.max_polls or job.tools.now() - since > timedelta(seconds=spec.max_poll_seconds)


def _poll_after(job: Job, error: Processing) -> timedelta:
    """As the platform asks, but for the last time when its patience ends."""
    spec, now = job.provider.spec, job.tools.now()
    ends_at = (job.delivery.polling_since or now) + timedelta(seconds=spec.max_poll_seconds + 1)
    asked = timedelta(seconds=max(error.retry_after or spec.poll_seconds, 1))
    return min(asked, max(ends_at - now, timedelta(seconds=1)))


def _polled(job: Job, error: Processing) -> dict[str, Any]:
    mine = job.delivery
    since = mine.polling_since or job.tools.now()
    return {"polls": mine.polls + 1, "polling_since": since, "prepared": {**mine.prepared, **error.kept}}


_TOO_LATE_FOR_THE_REST = {"code": "too_late", "message": "The rest could not go out in time; what is live stays."}


def _end(job: Job, told: dict[str, Any]) -> None:
    status = DeliveryStatus.PARTIAL if job.delivery.live else DeliveryStatus.ERROR
    _finish(job, status, told, **_NOT_SENT)


def _finish(job: Job, status: DeliveryStatus, told: dict[str, Any] | None, **changes: Any) -> None:
    job.write(status=status, error=told, completed_at=job.tools.now(), **changes)
    _roll_up(job)


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

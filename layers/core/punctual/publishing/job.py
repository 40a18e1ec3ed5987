"""What the steps of publishing share: their tools, and the job of one claimed delivery."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from punctual import ids
from punctual.attempts import Attempt, Attempts, StepName
from punctual.buckets import Buckets
from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.deliveries import Deliveries, Delivery
from punctual.due import GRACE, clock_before
from punctual.media.shelf import Shelf
from punctual.media.wanting import ATTACHED, Attached
from punctual.messages import MAX_DELAY_SECONDS, Queue, Step, WokenBy
from punctual.parts import FollowUp
from punctual.patience import patiently
from punctual.pauses import Pauses
from punctual.posts import Posts
from punctual.providers import Providers
from punctual.providers.base import Grant, Outgoing, Provider
from punctual.providers.media import Attachment
from punctual.providers.outcomes import ProviderError, Unfinished
from punctual.refreshing import Fresh, Refreshing
from punctual.states import DeliveryStatus

LEASE = timedelta(seconds=75)
"""Of a claim: longer than the invocation's 60 s, shorter than the queue's visibility of 90 s."""
_LAST_SECOND = timedelta(seconds=1)
_SPARE = timedelta(seconds=4)
"""For the writes around a step of `prepare`."""
LONGEST_SLEEP = 2.5
"""What is longer waits in the queue."""
_WAKES_BEFORE = 1.0

Answer = TypeVar("Answer")


class Meter(Protocol):
    """Counts what a person who runs the stack should be able to see."""

    def __call__(self, name: str, provider: str, value: float = 1) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """`deadline` is when this process will be stopped; `id` is what the logs call it."""

    deadline: datetime
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Tools:
    posts: Posts
    deliveries: Deliveries
    attempts: Attempts
    channels: Channels
    pauses: Pauses
    buckets: Buckets
    refreshing: Refreshing
    providers: Providers
    shelf: Shelf
    queue: Queue
    now: Now
    sleep: Callable[[float], None]
    meter: Meter


class ChannelGone(ProviderError):
    """The channel was deleted."""

    def __init__(self) -> None:
        super().__init__("The channel was deleted before this post was due.", code="channel_deleted")


@dataclass(kw_only=True)
class Job:
    """One claimed delivery. `delivery` is as last written; `is_resend` says that an earlier send is unresolved."""

    tools: Tools
    delivery: Delivery
    attempt: Attempt
    deadline: datetime
    is_resend: bool
    provider: Provider
    channel: Channel = field(init=False)
    media: tuple[Attachment, ...] = ()
    """Of the part in hand, once they were loaded: whoever only asks the platform does without."""
    fresh: Fresh | None = None
    """The grant that this job acts with."""
    is_orphaned: bool = False
    """Whether its channel was found to be deleted."""
    limited_until: datetime | None = None
    """What the platform said about its limits while this job was at it."""

    def load(self) -> None:
        """The channel. Raises ChannelGone."""
        channel = self.tools.channels.get(self.delivery.workspace_id, self.delivery.channel_id)
        if channel is None:
            self.is_orphaned = True
            raise ChannelGone()
        self.channel = channel

    def refresh(self, until: datetime) -> Grant:
        """The channel's grant, good past `until`. Raises Reconnect or RetryLater."""
        self.fresh = self.tools.refreshing.fresh(self.channel, until)
        return self.fresh.grant

    def renew(self) -> Grant:
        """For a grant that was refused although it had not expired. Raises as `refresh` does."""
        self.fresh = self.tools.refreshing.renew(self.channel, self.fresh)
        return self.fresh.grant

    def bury_grant(self, error: ProviderError) -> None:
        """The platform called the grant dead that this job acted with."""
        if self.fresh:
            self.tools.refreshing.bury(self.fresh, error.code)

    def load_media(self) -> None:
        """What the part in hand carries. Raises Processing while a file is being made fit, or Rejected."""
        self.media = self.tools.shelf.attachments(self.delivery.workspace_id, self.attached)

    def prepare(self, grant: Grant) -> None:
        """What the provider has to do before the part in hand can be published. Raises ProviderError."""
        self.provider.prepare(self.outgoing(), grant, Keeping(self))

    def patiently(self, what: Callable[[], Answer]) -> Answer:
        """As long as this worker has, for what may be done twice."""
        until = self.ends_at() - _LAST_SECOND
        return patiently(what, until=until, now=self.tools.now, sleep=self.tools.sleep)

    def write(self, **changes: Any) -> Delivery:
        """Raises Fenced."""
        self.delivery = self.patiently(lambda: self.tools.deliveries.write(self.delivery, **changes))
        return self.delivery

    def put_off(self, until: datetime, **changes: Any) -> None:
        """Give the delivery back, to be taken up again at `until`: a message for then, and a clock behind it."""
        now = self.tools.now()
        self.write(leased_until=None, act_at=until, next_at=clock_before(until, now), **changes)
        wait = (until - now).total_seconds()
        if wait <= MAX_DELAY_SECONDS:
            self.nudge("retry", max(0.0, wait))

    def note_limit(self, until: datetime) -> None:
        """Only kept in mind: a write here could spoil the call that is being answered."""
        self.limited_until = max(until, self.limited_until or until)

    def outgoing(self, taken: frozenset[str] = frozenset()) -> Outgoing:
        delivery, follow_up = self.delivery, self.follow_up
        live = [each.published() for each in delivery.live]
        is_comment = follow_up is not None and follow_up.kind == "comment"
        return Outgoing(
            delivery_id=delivery.id,
            key=key_of(delivery),
            text=follow_up.text if follow_up else delivery.text,
            settings=self.provider.spec.settings.model_validate(delivery.settings),
            due_at=delivery.part_at,
            account=self.channel.account,
            media=self.media,
            prepared=delivery.prepared,
            first_sent_at=delivery.first_sent_at,
            kind=follow_up.kind if follow_up else "post",
            part=delivery.part,
            root=live[0] if live else None,
            parent=(live[0] if is_comment else live[-1]) if live else None,
            taken=taken,
        )

    def fingerprint(self) -> str:
        """Of everything that makes the call what it is."""
        post = self.outgoing()
        parent = post.parent.platform_id if post.parent else None
        whole = [post.key, post.text, post.settings.model_dump(mode="json"), dict(post.prepared), parent]
        whole += [ATTACHED.item(each) for each in self.attached]
        return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()[:32]

    def ends_at(self) -> datetime:
        """When this worker must have stopped: the invocation's end or the lease's, whichever is sooner."""
        lease = self.delivery.leased_until
        return min(self.deadline, lease) if lease else self.deadline

    def nudge(self, woken_by: WokenBy, delay_seconds: float) -> None:
        self.tools.queue.send(step_of(self.delivery, woken_by), int(delay_seconds))

    def resendable_until(self) -> datetime | None:
        """Up to when the very same may be sent once more under its idempotency key, while it is still wanted."""
        mine = self.delivery
        if self.is_orphaned or mine.is_restored or mine.first_sent_at is None:
            return None
        seconds = self.provider.key_window_seconds(self.outgoing()) - self.provider.spec.call_seconds
        return min(mine.latest_at, mine.first_sent_at + timedelta(seconds=seconds))

    @property
    def follow_up(self) -> FollowUp | None:
        """The part in hand; None for the post itself."""
        mine = self.delivery
        return mine.follow_ups[mine.part - 1] if mine.part else None

    @property
    def attached(self) -> tuple[Attached, ...]:
        """The media of the part in hand."""
        return self.follow_up.attached if self.follow_up else self.delivery.attached

    @property
    def waiting_status(self) -> DeliveryStatus:
        """What a delivery is while it waits for its next try."""
        return DeliveryStatus.PUBLISHING if self.delivery.live else DeliveryStatus.READY


class Keeping:
    """`Keep`, for one job."""

    def __init__(self, job: Job):
        self._job = job

    def __call__(self, **results: Any) -> None:
        self._job.write(prepared={**self._job.delivery.prepared, **results})

    def yield_if_late(self, seconds: float | None = None) -> None:
        call = timedelta(seconds=seconds or self._job.provider.spec.call_seconds)
        if self._job.tools.now() + call + _SPARE > self._job.ends_at():
            raise Unfinished()


def key_of(delivery: Delivery) -> str:
    """The same in every attempt at this part and revision."""
    return f"{delivery.id}.{delivery.part}.{delivery.rev}"


def step_of(delivery: Delivery, woken_by: WokenBy) -> Step:
    return Step(
        workspace_id=delivery.workspace_id,
        post_id=delivery.post_id,
        delivery_id=delivery.id,
        rev=delivery.rev,
        woken_by=woken_by,
    )


def hold(tools: Tools, seen: Delivery, at: datetime) -> bool:
    """Whether it is too early: then a message comes a second before its time, with a clock behind it."""
    left = (at - tools.now()).total_seconds()
    if left <= LONGEST_SLEEP:
        return False
    tools.queue.send(step_of(seen, seen.woken_by or "retry"), int(left - _WAKES_BEFORE))
    tools.deliveries.write(seen, next_at=at + GRACE)
    return True


def claim(tools: Tools, seen: Delivery, step: StepName, invocation: Invocation, **changes: Any) -> Job:
    """The job of this delivery, its attempt recorded. Raises Fenced if someone else has it."""
    provider = tools.providers.get(seen.provider)
    attempt_id = ids.new("att")
    lease = tools.now() + LEASE
    until = invocation.deadline - _LAST_SECOND

    def claimed() -> Delivery:
        return tools.deliveries.claim(seen, attempt_id, lease, **changes)

    held = patiently(claimed, until=until, now=tools.now, sleep=tools.sleep)
    attempt = tools.attempts.begin(attempt_id, held, step, invocation.id)
    job = Job(
        tools=tools,
        delivery=held,
        attempt=attempt,
        deadline=invocation.deadline,
        is_resend=held.sending_at is not None,
        provider=provider,
    )
    job.provider = provider.noting(job.note_limit)
    return job

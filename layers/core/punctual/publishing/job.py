"""What the steps of publishing share: their tools, and the job of one claimed delivery."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from punctual import ids
from punctual.attempts import Attempt, Attempts, StepName
from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.deliveries import Deliveries, Delivery
from punctual.messages import Queue, Step, WokenBy
from punctual.posts import Posts
from punctual.providers import Providers
from punctual.providers.base import Outgoing, Provider
from punctual.providers.outcomes import ProviderError
from punctual.refreshing import Refreshing

LEASE = timedelta(seconds=75)
"""Of a claim: longer than the invocation's 60 s, shorter than the queue's visibility of 90 s."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    posts: Posts
    deliveries: Deliveries
    attempts: Attempts
    channels: Channels
    refreshing: Refreshing
    providers: Providers
    queue: Queue
    now: Now
    sleep: Callable[[float], None]


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
    channel: Channel = field(init=False)
    provider: Provider = field(init=False)
    grant_version: int = 0

    def load(self) -> None:
        """Channel and provider. Raises ChannelGone."""
        channel = self.tools.channels.get(self.delivery.workspace_id, self.delivery.channel_id)
        if channel is None:
            raise ChannelGone()
        self.channel = channel
        self.grant_version = channel.grant_version
        self.provider = self.tools.providers.get(channel.provider)

    def write(self, **changes: Any) -> Delivery:
        """Raises Fenced."""
        self.delivery = self.tools.deliveries.write(self.delivery, **changes)
        return self.delivery

    def outgoing(self) -> Outgoing:
        delivery = self.delivery
        return Outgoing(
            delivery_id=delivery.id,
            key=f"{delivery.id}.{delivery.rev}",
            text=delivery.text,
            settings=self.provider.spec.settings.model_validate(delivery.settings),
            due_at=delivery.due_at,
            account=self.channel.account,
            prepared=delivery.prepared,
            first_sent_at=delivery.first_sent_at,
        )

    def ends_at(self) -> datetime:
        """When this worker must have stopped: the invocation's end or the lease's, whichever is sooner."""
        lease = self.delivery.leased_until
        return min(self.deadline, lease) if lease else self.deadline

    def nudge(self, woken_by: WokenBy, delay_seconds: float) -> None:
        delivery = self.delivery
        message = Step(post_id=delivery.post_id, delivery_id=delivery.id, rev=delivery.rev, woken_by=woken_by)
        self.tools.queue.send(message, int(delay_seconds))


def claim(tools: Tools, seen: Delivery, step: StepName, deadline: datetime, **changes: Any) -> Job:
    """The job of this delivery, its attempt recorded. Raises Fenced if someone else has it."""
    attempt_id = ids.new("att")
    held = tools.deliveries.claim(seen, attempt_id, tools.now() + LEASE, **changes)
    attempt = tools.attempts.begin(attempt_id, held, step)
    return Job(tools=tools, delivery=held, attempt=attempt, deadline=deadline, is_resend=seen.sending_at is not None)

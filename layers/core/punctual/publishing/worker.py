"""What a message makes happen: the step that the delivery's stored state asks for."""

import logging
from datetime import datetime

from punctual.deliveries import Delivery, Fenced
from punctual.messages import Step, Wake
from punctual.publishing import looking, preparing, sending, settling
from punctual.publishing.job import Tools, claim
from punctual.states import TERMINAL, DeliveryStatus

log = logging.getLogger(__name__)


class Publishing:
    def __init__(self, tools: Tools):
        self._tools = tools

    def handle(self, message: Wake | Step, deadline: datetime) -> None:
        """Do what is due; `deadline` is when this process will be stopped. Raises only what a redelivery may mend."""
        if isinstance(message, Wake):
            self._wake(message)
            return
        try:
            self._advance(message, deadline)
        except Fenced:
            log.info("claimed, edited or cancelled by someone else", extra={"delivery_id": message.delivery_id})

    def _wake(self, wake: Wake) -> None:
        """One message a delivery; a stale firing finds a newer `rev` and does nothing."""
        post = self._tools.posts.get(wake.post_id)
        if post is None or post.rev != wake.rev or post.next_at is None:
            log.info("stale wake", extra={"post_id": wake.post_id, "rev": wake.rev})
            return
        waiting = [d for d in self._tools.deliveries.of_post(wake.post_id) if d.status not in TERMINAL]
        steps = [Step(post_id=d.post_id, delivery_id=d.id, rev=d.rev, woken_by=wake.woken_by) for d in waiting]
        self._tools.queue.send_all(steps)

    def _advance(self, step: Step, deadline: datetime) -> None:
        seen = self._tools.deliveries.get(step.post_id, step.delivery_id)
        if seen is None or seen.rev != step.rev or seen.is_terminal or seen.leased(self._tools.now()):
            return
        if seen.sending_at:
            looking.run(self._tools, seen, deadline)
        elif seen.status is DeliveryStatus.SCHEDULED:
            preparing.run(self._tools, seen, step.woken_by, deadline)
        elif seen.status is DeliveryStatus.HELD:
            self._release(seen, step, deadline)
        else:
            sending.run(self._tools, seen, deadline)

    def _release(self, seen: Delivery, step: Step, deadline: datetime) -> None:
        """Of a held delivery: once its channel has a newer grant, or it is too late to be wanted."""
        channel = self._tools.channels.get(seen.workspace_id, seen.channel_id)
        renewed = channel and channel.status == "active" and channel.grant_version > (seen.held_version or 0)
        if channel is None or renewed:
            preparing.run(self._tools, seen, step.woken_by, deadline)
        elif self._tools.now() > seen.latest_at:
            settling.missed(claim(self._tools, seen, "prepare", deadline))

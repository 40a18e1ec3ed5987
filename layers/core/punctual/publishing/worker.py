"""What a message makes happen: the step that the delivery's stored state asks for."""

import logging
from datetime import UTC, datetime

from punctual.deliveries import Delivery, Fenced
from punctual.messages import Ended, Message, Step, Wake, WokenBy
from punctual.publishing import looking, preparing, sending, settling
from punctual.publishing.job import Invocation, Tools, claim, hold, step_of
from punctual.states import DeliveryStatus

log = logging.getLogger(__name__)

_EPOCH = datetime.fromtimestamp(0, UTC)


class Publishing:
    def __init__(self, tools: Tools):
        self._tools = tools

    def handle(self, message: Message, invocation: Invocation) -> None:
        """Do what is due. Raises only what a redelivery may mend."""
        if isinstance(message, Wake):
            self._wake(message)
            return
        if isinstance(message, Ended):
            self._tools.attempts.end(message)
        try:
            self._advance(message, invocation)
        except Fenced:
            log.info("claimed, edited or cancelled by someone else", extra={"delivery_id": message.delivery_id})

    def _wake(self, wake: Wake) -> None:
        """One message a delivery; a stale firing finds a newer `rev` and does nothing."""
        post = self._tools.posts.get(wake.post_id)
        if post is None or post.rev != wake.rev or post.next_at is None:
            log.info("stale wake", extra={"post_id": wake.post_id, "rev": wake.rev})
            return
        waiting = [each for each in self._tools.deliveries.of_post(wake.post_id) if each.goes_out]
        self._tools.queue.send_all([step_of(delivery, wake.woken_by) for delivery in waiting])

    def _advance(self, message: Step | Ended, invocation: Invocation) -> None:
        tools = self._tools
        woken_by = message.woken_by if isinstance(message, Step) else "retry"
        seen = tools.deliveries.get(message.post_id, message.delivery_id)
        if seen is None or seen.rev != message.rev or not seen.goes_out or seen.leased(tools.now()):
            return
        standing = tools.pauses.of(seen.workspace_id)
        if standing.is_paused:
            log.info("paused", extra={"delivery_id": seen.id})
        elif standing.doubts(seen):
            looking.doubt(tools, seen, invocation)
        elif not hold(tools, seen, _time_for(seen)):
            self._go_on(seen, woken_by, invocation)

    def _go_on(self, seen: Delivery, woken_by: WokenBy, invocation: Invocation) -> None:
        if seen.act_at and seen.act_at > seen.part_at:
            self._tools.sleep(max(0.0, (seen.act_at - self._tools.now()).total_seconds()))
        if seen.sending_at:
            looking.run(self._tools, seen, invocation)
        elif seen.status is DeliveryStatus.HELD:
            self._release(seen, woken_by, invocation)
        elif seen.status is DeliveryStatus.SCHEDULED:
            preparing.run(self._tools, seen, woken_by, invocation)
        else:
            sending.run(self._tools, seen, invocation)

    def _release(self, seen: Delivery, woken_by: WokenBy, invocation: Invocation) -> None:
        """Of a held delivery: once its channel has a newer grant, or it is too late to be wanted."""
        channel = self._tools.channels.get(seen.workspace_id, seen.channel_id)
        renewed = channel and channel.status == "active" and channel.grant_id != seen.held_grant
        if channel is None or renewed:
            preparing.run(self._tools, seen, woken_by, invocation)
        elif self._tools.now() > seen.latest_at:
            settling.missed(claim(self._tools, seen, "prepare", invocation))


def _time_for(seen: Delivery) -> datetime:
    """When there is something to do for the delivery as it stands; earlier messages wait."""
    if seen.sending_at:
        return seen.look_at or seen.sending_at
    earliest = seen.act_at or _EPOCH
    is_prepared = seen.status not in (DeliveryStatus.SCHEDULED, DeliveryStatus.HELD)
    return max(seen.part_at, earliest) if is_prepared else earliest

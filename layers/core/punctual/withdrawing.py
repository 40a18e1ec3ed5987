"""Taking a published delivery down again, on its platform. Its state stays what it was: it went out."""

from dataclasses import replace
from datetime import datetime

from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.deliveries import Deliveries, Delivery, Fenced
from punctual.parts import LivePart
from punctual.platform_calls import PlatformCalls
from punctual.posts import Posts
from punctual.problems import Conflict, NotFound
from punctual.states import DeliveryStatus

_WENT_OUT = frozenset({DeliveryStatus.COMPLETED, DeliveryStatus.PARTIAL})


class Withdrawing:
    def __init__(
        self, *, posts: Posts, deliveries: Deliveries, channels: Channels, platform_calls: PlatformCalls, now: Now
    ):
        self._posts = posts
        self._deliveries = deliveries
        self._channels = channels
        self._platform_calls = platform_calls
        self._now = now

    def withdraw(self, workspace_id: str, post_id: str, delivery_id: str, until: datetime) -> Delivery:
        """Every part that is live, the last one first, each noted before the next; no other is begun after `until`.

        What is noted is not asked for again; what was deleted and not noted, the platform says is gone. Raises Problem.
        """
        delivery, channel = self._agreed(workspace_id, post_id, delivery_id)
        for place in reversed(range(len(delivery.live))):
            part = delivery.live[place]
            if part.deleted_at:
                continue
            if self._now() > until:
                break
            self._delete(channel, part)
            delivery = self._note(delivery, place)
        return delivery

    def _agreed(self, workspace_id: str, post_id: str, delivery_id: str) -> tuple[Delivery, Channel]:
        post = self._posts.get(post_id)
        found = self._deliveries.get(post_id, delivery_id) if post and post.workspace_id == workspace_id else None
        if found is None:
            raise NotFound("not_found", "The workspace has no such delivery.")
        if found.status not in _WENT_OUT or not found.live:
            raise Conflict("not_published", f"It is {found.status}: nothing of it is known to be live.")
        channel = self._channels.get(workspace_id, found.channel_id)
        if channel is None:
            raise Conflict("channel_gone", "The channel was disconnected; delete the post on the platform.")
        spec = self._platform_calls.provider(channel).spec
        if not spec.can_delete or not all(part.platform_id for part in found.live):
            raise Conflict("deletion_unsupported", f"Punctual cannot delete it on {spec.name}; do it there.")
        return found, channel

    def _delete(self, channel: Channel, part: LivePart) -> None:
        published = part.published()
        self._platform_calls.make(channel, lambda provider, grant: provider.delete(published, grant, channel.account))

    def _note(self, delivery: Delivery, place: int) -> Delivery:
        gone = replace(delivery.live[place], deleted_at=self._now())
        live = (*delivery.live[:place], gone, *delivery.live[place + 1 :])
        try:
            return self._deliveries.write(delivery, live=live)
        except Fenced as error:
            detail = "The delivery was changed at the same moment. Look at it and try again."
            raise Conflict("changed_meanwhile", detail) from error

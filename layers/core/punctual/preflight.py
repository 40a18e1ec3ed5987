"""The look ahead: an hour before a post is due, what can be known to keep it from going out, while it can be mended.

It reads what the work table says, of channels too: no grant is opened, and no platform is asked. What it finds is a
fact on the post's row: `at_risk` appears or changes (`post.at_risk`), and goes when the post is changed, goes out, or a
later look finds nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.deliveries import Deliveries, Delivery
from punctual.media.library import Library, Media
from punctual.media.renditions import Rendition, Renditions
from punctual.media.wanting import Attached
from punctual.pauses import Pauses
from punctual.posts import AtRisk, Post, Posts, last_clock
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Provider
from punctual.quotas import Before, usage
from punctual.risks import Risk, of_channel, of_media, of_quota, of_version

AGAIN = timedelta(minutes=10)
"""What is at risk is looked at again, until its time."""
MOST_LOOKS = 100
"""Of one round: deliveries that are due must not wait for posts that are not."""


class Preflight:
    def __init__(
        self,
        *,
        posts: Posts,
        deliveries: Deliveries,
        channels: Channels,
        pauses: Pauses,
        providers: Providers,
        library: Library,
        renditions: Renditions,
        now: Now,
    ):
        self.posts = posts
        self.deliveries = deliveries
        self.channels = channels
        self.pauses = pauses
        self.providers = providers
        self.library = library
        self.renditions = renditions
        self.now = now

    def round(self) -> "Round":
        return Round(self)


class Round:
    """One run's looks. Posts of one hour share channels: each is read once."""

    def __init__(self, preflight: Preflight):
        self._with = preflight
        self._channels: dict[str, Channel | None] = {}
        self._paused: dict[str, bool] = {}
        self._left = MOST_LOOKS

    @property
    def is_over(self) -> bool:
        return self._left <= 0

    def look(self, post: Post, due_at: datetime) -> bool:
        """Whether what was found is stored; someone may have written the post meanwhile."""
        self._left -= 1
        found = tuple(self._found(post))
        now = self._with.now()
        is_soon = now + AGAIN >= due_at
        return self._with.posts.looked(post, found, now + AGAIN if found and not is_soon else last_clock(due_at, now))

    def _found(self, post: Post) -> Iterator[AtRisk]:
        deliveries = [each for each in self._with.deliveries.of_post(post.id) if each.goes_out]
        files = self._files(post.workspace_id, deliveries)
        for delivery in deliveries:
            for risk in (*self._risks(delivery), *of_media(_attached(delivery), *files)):
                yield AtRisk(
                    delivery_id=delivery.id, channel_id=delivery.channel_id, code=risk.code, message=risk.message
                )

    def _files(
        self, workspace_id: str, deliveries: Sequence[Delivery]
    ) -> tuple[Mapping[str, Media], Mapping[tuple[str, str], Rendition]]:
        """Of all of a post's deliveries, read once; a post of texts asks nothing."""
        every = [each for delivery in deliveries for each in _attached(delivery)]
        if not every:
            return {}, {}
        media_ids = [media_id for each in every for media_id in each.media_ids]
        made = self._with.renditions.get_all(workspace_id, [key for each in every for key in each.renditions])
        return self._with.library.get_all(workspace_id, media_ids), made

    def _risks(self, delivery: Delivery) -> Iterator[Risk]:
        if self._is_paused(delivery.workspace_id):
            yield Risk(code="paused", message="Publishing is paused; nothing goes out until it is resumed.")
        channel = self._channel(delivery)
        if channel is None:
            yield Risk(code="deleted", message="The channel was deleted.")
            return
        last = delivery.due_at + timedelta(seconds=sum(each.delay_seconds for each in delivery.follow_ups))
        yield from of_channel(channel, delivery.due_at, last)
        provider = self._provider(channel)
        if provider is None:
            return
        yield from of_version(provider, last)
        before = Before(channel_id=channel.id, post_id=delivery.post_id, due_at=delivery.due_at)
        for cap in provider.caps(channel.account):
            yield from of_quota(usage(self._with.deliveries, cap, before, delivery.due_at))

    def _provider(self, channel: Channel) -> Provider | None:
        try:
            return self._with.providers.get(channel.provider)
        except UnknownProvider:
            return None

    def _channel(self, delivery: Delivery) -> Channel | None:
        if delivery.channel_id not in self._channels:
            found = self._with.channels.get(delivery.workspace_id, delivery.channel_id)
            self._channels[delivery.channel_id] = found
        return self._channels[delivery.channel_id]

    def _is_paused(self, workspace_id: str) -> bool:
        if workspace_id not in self._paused:
            self._paused[workspace_id] = self._with.pauses.of(workspace_id).is_paused
        return self._paused[workspace_id]


def _attached(delivery: Delivery) -> Sequence[Attached]:
    """Of all its parts."""
    return [*delivery.attached, *(each for part in delivery.follow_ups for each in part.attached)]

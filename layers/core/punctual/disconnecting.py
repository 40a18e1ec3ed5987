"""Ending a channel: its grant at the platform and here, and what becomes of the posts that still name it.

The channel is marked first, so that nothing more is begun on it, and deleted last; whatever breaks off in between is
gone on with by asking again.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.deliveries import Deliveries
from punctual.grants.grants import Grants, StoredGrant
from punctual.posts import Posts
from punctual.problems import Conflict
from punctual.providers import Providers, UnknownProvider
from punctual.providers.outcomes import ProviderError
from punctual.tables import ConditionFailed, transact

log = logging.getLogger(__name__)

PostsPolicy: TypeAlias = Literal["cancel", "hold"]
"""What becomes of posts that wait: they are cancelled, and the channel is deleted; or they and the channel stay, until
the same account is connected again."""

_CANCELLED = {"code": "channel_deleted", "message": "Its channel was disconnected before this post was due."}


@dataclass(frozen=True, kw_only=True)
class Disconnected:
    """`revoked`: the platform confirmed the end of the grant. `waiting`: deliveries that still name the channel."""

    deleted: bool
    revoked: bool
    cancelled: int = 0
    waiting: int = 0


class Disconnecting:
    """`client` is the DynamoDB client that the stores use."""

    def __init__(
        self,
        *,
        client: Any,
        channels: Channels,
        grants: Grants,
        providers: Providers,
        deliveries: Deliveries,
        posts: Posts,
        now: Now,
    ):
        self._client = client
        self._channels = channels
        self._grants = grants
        self._providers = providers
        self._deliveries = deliveries
        self._posts = posts
        self._now = now

    def disconnect(self, channel: Channel, policy: PostsPolicy, until: datetime) -> Disconnected:
        """Cancels no delivery after `until`: then the channel stays, disconnected, and asking again goes on.

        Raises Conflict where the account is being connected again at the same moment.
        """
        if not self._channels.disconnect(channel):
            raise _connected_again()
        revoked = self._end_grant(channel)
        if policy == "hold":
            return Disconnected(deleted=False, revoked=revoked, waiting=self._waiting(channel))
        cancelled, is_done = self._cancel(channel.id, until)
        waiting = self._waiting(channel)
        if is_done and not self._channels.delete(channel):
            raise _connected_again()
        return Disconnected(deleted=is_done, revoked=revoked, cancelled=cancelled, waiting=waiting)

    def _waiting(self, channel: Channel) -> int:
        """As the index has it, a moment old."""
        return sum(1 for _ in self._deliveries.unfinished_on(channel.id))

    def _end_grant(self, channel: Channel) -> bool:
        """At the platform only if no other channel shares it: theirs would end with it."""
        stored = self._grants.get(channel.grant_id) if channel.grant_id else None
        if stored is None:
            return False
        revoked = stored.channel_ids == (channel.id,) and not stored.dead and self._revoke(stored)
        self._grants.leave(stored.id, channel.id)
        return revoked

    def _revoke(self, stored: StoredGrant) -> bool:
        try:
            provider = self._providers.get(stored.provider)
            if provider.spec.revoking_ends_login and not self._grants.is_last_of_login(stored):
                return False
            provider.revoke(*self._grants.open(stored))
        except (ProviderError, UnknownProvider) as error:
            code = error.code if isinstance(error, ProviderError) else "unknown_provider"
            log.warning("not revoked", extra={"grant_id": stored.id, "code": code})
            return False
        return True

    def _cancel(self, channel_id: str, until: datetime) -> tuple[int, bool]:
        """How many, and whether all were seen to. What is being sent or looked for ends by itself."""
        cancelled = 0
        for row in self._deliveries.unfinished_on(channel_id):
            if self._now() >= until:
                return cancelled, False
            post_id, delivery_id = row["pk"], row["sk"].removeprefix("delivery#")
            if self._stop(post_id, delivery_id):
                cancelled += 1
                self._posts.roll_up(post_id)
        return cancelled, True

    def _stop(self, post_id: str, delivery_id: str) -> bool:
        """Whether it was still open; what is live of it stays."""
        while True:
            seen = self._deliveries.get(post_id, delivery_id)
            if seen is None or not seen.goes_out or not seen.is_open:
                return False
            changes = {"status": seen.stops_as, "prepared": {}, "error": _CANCELLED}
            try:
                transact(self._client, [self._deliveries.revising(seen, None, **changes)])
            except ConditionFailed:
                continue
            return True


def _connected_again() -> Conflict:
    return Conflict("changed_meanwhile", "The channel was connected again at the same moment. Look at it once more.")

"""Forgetting a channel, and its grant with the last channel that needs it."""

import logging

from punctual.channels import Channel, Channels
from punctual.connecting.registrations import Registrations, UnknownProviderProblem
from punctual.grants import Grants
from punctual.providers.outcomes import ProviderError

log = logging.getLogger(__name__)


class Disconnecting:
    def __init__(self, channels: Channels, grants: Grants, registrations: Registrations):
        self._channels = channels
        self._grants = grants
        self._registrations = registrations

    def disconnect(self, channel: Channel) -> bool:
        """Whether the platform confirmed the end of the grant; it is asked where no other channel needs it."""
        stored = self._grants.get(channel.grant_id) if channel.grant_id else None
        revoked = False
        if stored and stored.channel_ids == (channel.id,):
            try:
                self._registrations.provider(channel.provider).revoke(*self._grants.open(stored))
                revoked = True
            except (ProviderError, UnknownProviderProblem) as error:
                log.warning("not revoked", extra={"channel_id": channel.id, "code": error.code})
        self._channels.delete(channel)
        if stored:
            self._grants.leave(stored.id, channel.id)
        return revoked

"""What a person's consent or credentials gave, made into channels and the grants that they share."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from punctual.channels import Channel, Channels
from punctual.grants.facts import GrantFacts
from punctual.grants.grants import Grants
from punctual.grants.life import end_of
from punctual.problems import Conflict
from punctual.providers.base import App, Grant, Login, Provider

_Made: TypeAlias = dict[str, tuple[str, GrantFacts]]


class Logins:
    def __init__(self, channels: Channels, grants: Grants):
        self._channels = channels
        self._grants = grants

    def store(self, workspace_id: str, provider: Provider, login: Login, app: App | None) -> list[Channel]:
        """Its accounts as active channels. Raises Conflict.

        A grant that no channel names any more is forgotten, not revoked: on some platforms that would end the new
        one too."""
        name = provider.spec.id
        claimed = [(account, self._channels.claim(workspace_id, name, account)) for account in login.accounts]
        given = [(login.grant_of(account), channel) for account, channel in claimed]
        made = self._new_grants(provider, login, given, app)
        stored = []
        for account, channel in claimed:
            grant_id, facts = made[channel.id]
            activated = self._channels.activate(channel, account, grant_id, facts)
            if activated is None or activated.channel.grant_id != grant_id:
                self._grants.leave(grant_id, channel.id)
            if activated is None:
                continue
            if activated.replaced:
                self._grants.leave(activated.replaced, channel.id)
            stored.append(activated.channel)
        if len(stored) < len(claimed):  # raised once the others have their grant, which would count on them else
            raise Conflict("changed_meanwhile", "The channel was deleted at the same moment. Connect it again.")
        return stored

    def _new_grants(
        self, provider: Provider, login: Login, given: Sequence[tuple[Grant, Channel]], app: App | None
    ) -> _Made:
        """One for each set of tokens, by the ids of the channels that they are for."""
        made: _Made = {}
        for grant in (login.grant, *login.grants.values()):
            channels = [channel for own, channel in given if own is grant]
            if channels:
                kept = self._with_refresh_token(grant, channels[0], app)
                ids = [channel.id for channel in channels]
                grant_id = self._grants.create(channels[0].workspace_id, provider, ids, kept, app, login.id)
                made |= dict.fromkeys(ids, (grant_id, GrantFacts(grant_ends_at=end_of(kept, provider))))
        return made

    def _with_refresh_token(self, grant: Grant, channel: Channel, app: App | None) -> Grant:
        """Some platforms send one at the first consent only: then the channel's earlier one goes on, while it lasts."""
        stored = self._grants.get(channel.grant_id) if channel.grant_id else None
        if grant.refresh_token or stored is None or stored.dead or stored.life.renew_at is None:
            return grant
        before, its_app = self._grants.open(stored)
        is_same_app = (its_app and its_app.client_id) == (app and app.client_id)
        if not is_same_app:
            return grant
        until = grant.renewable_until or before.renewable_until
        return replace(grant, refresh_token=before.refresh_token, renewable_until=until)

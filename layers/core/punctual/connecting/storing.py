"""Which channels a login is for: the accounts that were chosen, and others of it that wait for a grant that works."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from punctual.acting import acting_for
from punctual.channels import Channel, Channels
from punctual.connecting.connect_links import ConnectLinks
from punctual.connecting.connections import Connection, Outcome
from punctual.connecting.logins import Logins
from punctual.connecting.registrations import Registrations
from punctual.problems import Problem
from punctual.providers.base import App, Login


@dataclass(frozen=True, kw_only=True)
class By:
    """Whose channels they become. `external_id`: the customer's own name for whoever connects."""

    workspace_id: str
    provider: str
    external_id: str | None = None


class Storing:
    def __init__(self, registrations: Registrations, channels: Channels, logins: Logins, links: ConnectLinks):
        self._registrations = registrations
        self._channels = channels
        self._logins = logins
        self._links = links

    def connect(self, found: Connection, login: Login, app: App | None, account_ids: Collection[str]) -> Outcome:
        """Raises Conflict."""
        with acting_for(found.acted):
            return self._connect(found, login, app, account_ids)

    def _connect(self, found: Connection, login: Login, app: App | None, account_ids: Collection[str]) -> Outcome:
        by = By(workspace_id=found.workspace_id, provider=found.provider, external_id=found.external_id)
        if found.link_id is None:
            stored = self.store(by, login, app, account_ids)
        elif (used := self.store_by_link(found.link_id, found.id, by, login, app, account_ids)) is not None:
            stored = used
        else:
            return Outcome(code="link_used", message="This link was used already; nothing was connected.")
        return Outcome(channel_ids=tuple(channel.id for channel in stored))

    def store_by_link(
        self,
        link_id: str,
        connection_id: str,
        by: By,
        login: Login,
        app: App | None,
        account_ids: Collection[str],
    ) -> list[Channel] | None:
        """None: the link was used, revoked or ended, and nothing is stored.

        What the person gave in vain is not revoked: with it, many a platform would end what won."""
        if not self._links.take(link_id, connection_id):
            return None
        try:
            stored = self.store(by, login, app, account_ids)
        except (Problem, ClientError, BotoCoreError):
            self._links.give_back(link_id, connection_id)
            raise
        self._links.settle(link_id, connection_id, tuple(channel.id for channel in stored))
        return stored

    def store(self, by: By, login: Login, app: App | None, account_ids: Collection[str]) -> list[Channel]:
        """The channels of these accounts.

        Channels that share their old grant with one of them, or that must be reconnected, get the new grant too where
        the login holds their account: one consent heals all that one login had connected.
        """
        given = [account for account in login.accounts if account.id in account_ids]
        if len(given) < len(login.accounts):
            known = self._channels.of_accounts(by.workspace_id, by.provider, [account.id for account in login.accounts])
            shared = {known[account.id].grant_id for account in given if account.id in known} - {None}
            given = [
                account
                for account in login.accounts
                if account.id in account_ids or _is_healed(known.get(account.id), shared)
            ]
        provider = self._registrations.provider(by.provider)
        stored = self._logins.store(by.workspace_id, provider, replace(login, accounts=tuple(given)), app)
        wanted = [channel for channel in stored if channel.account.id in account_ids]
        return [self._named(channel, by.external_id) for channel in wanted]

    def _named(self, channel: Channel, external_id: str | None) -> Channel:
        if external_id is None or channel.external_id == external_id:
            return channel
        return self._channels.name(channel, external_id) or channel


def _is_healed(channel: Channel | None, shared: Collection[str | None]) -> bool:
    if channel is None or channel.status == "disconnected":
        return False
    return channel.status == "reconnect_required" or channel.grant_id in shared

"""Connecting by credentials, where a platform has no OAuth or offers both."""

from collections.abc import Mapping
from typing import Any

from punctual import ids
from punctual.acting import acting_for
from punctual.channels import Channel, Channels
from punctual.connecting.asked import fields
from punctual.connecting.connect_links import ConnectLink
from punctual.connecting.finishing import OTHER_ACCOUNT
from punctual.connecting.registrations import Registrations, unavailable
from punctual.connecting.starting import reconnected
from punctual.connecting.storing import By, Storing
from punctual.problems import BadRequest, Conflict, Fault, Invalid
from punctual.providers.base import Login
from punctual.providers.outcomes import OutcomeUnknown, Reconnect, Rejected, RetryLater


class SigningIn:
    def __init__(self, channels: Channels, registrations: Registrations, storing: Storing):
        self._channels = channels
        self._registrations = registrations
        self._storing = storing

    def login(
        self, workspace_id: str, provider_id: str, credentials: Mapping[str, Any], channel_id: str | None = None
    ) -> list[Channel]:
        """They are used once and never stored. `channel_id`: the channel that shall be connected again, and no other.

        Raises Problem."""
        login, account_ids = self._login(workspace_id, provider_id, credentials, channel_id)
        return self._storing.store(By(workspace_id=workspace_id, provider=provider_id), login, None, account_ids)

    def login_by_link(self, link: ConnectLink, provider_id: str, credentials: Mapping[str, Any]) -> list[Channel]:
        """Raises Problem."""
        login, account_ids = self._login(link.workspace_id, provider_id, credentials, link.channel_id)
        by = By(workspace_id=link.workspace_id, provider=provider_id, external_id=link.external_id)
        with acting_for(link.acted):
            stored = self._storing.store_by_link(link.id, ids.new("con"), by, login, None, account_ids)
        if stored is None:
            raise Conflict("link_used", "This link was used already; nothing was connected.")
        return stored

    def _login(
        self, workspace_id: str, provider_id: str, credentials: Mapping[str, Any], channel_id: str | None
    ) -> tuple[Login, set[str]]:
        provider = self._registrations.provider(provider_id)
        channel = reconnected(self._channels, workspace_id, provider_id, channel_id) if channel_id else None
        if "credentials" not in provider.spec.connect:
            raise BadRequest("wrong_connection", f"{provider.spec.name} is connected by OAuth: use its start call.")
        given = fields(provider.spec.credentials, credentials, (), prefix="/credentials")
        try:
            login = provider.login(given)
        except (Rejected, Reconnect) as error:
            raise Invalid([Fault(param="/credentials", rule=error.code, message=error.sentence)]) from error
        except (RetryLater, OutcomeUnknown) as error:
            raise unavailable(error) from error
        account_ids = {account.id for account in login.accounts}
        if channel and channel.account.id not in account_ids:
            raise Conflict("other_account", OTHER_ACCOUNT)
        return login, {channel.account.id} if channel else account_ids

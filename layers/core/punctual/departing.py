"""People who leave: a platform says that someone removed our app, or wants gone what we hold of them.

A notice is believed for the grants whose own app it is signed for: a workspace that brings its own app knows that one's
secret, and must not end anybody else's grants with it.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta

from punctual.apps.deployment import DeploymentApps
from punctual.channels import Channels
from punctual.connecting import known_provider
from punctual.departures import Departure, Departures, code_of
from punctual.grants.grants import Grants, StoredGrant
from punctual.grants.login_rows import grant_ids
from punctual.problems import BadRequest, Forbidden, NotFound
from punctual.providers import Providers
from punctual.providers.notices import SendsNotices
from punctual.refreshing import Refreshing
from punctual.tables import Table

log = logging.getLogger(__name__)

_SKEW = timedelta(seconds=30)
"""A consent so long after a notice may still be what it is about: clocks differ. What is later is a new one."""
_ROUNDS = 5


class Departing:
    """`table` is the grants'."""

    def __init__(
        self,
        *,
        table: Table,
        grants: Grants,
        channels: Channels,
        refreshing: Refreshing,
        departures: Departures,
        apps: DeploymentApps,
        providers: Providers,
    ):
        self._table = table
        self._grants = grants
        self._channels = channels
        self._refreshing = refreshing
        self._departures = departures
        self._apps = apps
        self._providers = providers

    def deauthorize(self, provider_id: str, form: Mapping[str, str]) -> None:
        """The grants are dead, and their channels must be connected again. Raises Problem where nothing was done."""
        for stored in self._believed(provider_id, form):
            self._end(stored.id)
        log.info("deauthorized", extra={"provider": provider_id})

    def delete_data(self, provider_id: str, form: Mapping[str, str]) -> str:
        """Forget the grants and the accounts that they were for. The code of its departure; raises as above."""
        code = code_of(provider_id, form)
        before = self._departures.get(provider_id, code)
        if before and before.done_at:
            return code
        believed = self._believed(provider_id, form)
        self._departures.begin(provider_id, code)
        for stored in believed:
            self._forget(stored)
        self._departures.finish(code)
        log.info("data deleted", extra={"provider": provider_id})
        return code

    def departure(self, provider_id: str, code: str) -> Departure:
        """Raises NotFound."""
        found = self._departures.get(provider_id, code)
        if found is None:
            raise NotFound("not_found", "There is no such deletion, or it was long ago.")
        return found

    def _believed(self, provider_id: str, form: Mapping[str, str]) -> list[StoredGrant]:
        """The grants that the notice is about and may end. Raises Problem."""
        provider = known_provider(self._providers, provider_id)
        notice = provider.notice(form) if isinstance(provider, SendsNotices) else None
        if notice is None or not isinstance(provider, SendsNotices):
            raise BadRequest("notice_unreadable", f"This is no notice of {provider.spec.name}'s.")
        found = [self._grants.get(each) for each in grant_ids(self._table, provider.spec.login, notice.login_id)]
        signed = [stored for stored in found if stored and self._is_signed(provider, form, stored)]
        if not signed and not self._is_signed_for_stack(provider, form):
            raise Forbidden("notice_unsigned", "This is not signed for an app that is known here.")
        return [stored for stored in signed if stored.created_at <= notice.at + _SKEW]

    def _is_signed(self, provider: SendsNotices, form: Mapping[str, str], stored: StoredGrant) -> bool:
        _, app = self._grants.open(stored)
        return app is not None and provider.is_signed(form, app)

    def _is_signed_for_stack(self, provider: SendsNotices, form: Mapping[str, str]) -> bool:
        """Then it is about somebody of whom nothing is held any more."""
        app = self._apps.find(provider)
        return app is not None and provider.is_signed(form, app)

    def _end(self, grant_id: str) -> None:
        """Also where it is refreshed at this moment: what the platform gave meanwhile is dead as well."""
        for _ in range(_ROUNDS):
            stored = self._grants.get(grant_id)
            if stored is None or stored.dead:
                return
            self._refreshing.end(stored)

    def _forget(self, stored: StoredGrant) -> None:
        """Channels first: while there is a grant, doing it again finds them."""
        for channel_id in stored.channel_ids:
            channel = self._channels.get(stored.workspace_id, channel_id)
            if channel and channel.grant_id == stored.id and self._channels.disconnect(channel):
                self._channels.delete(channel)
        self._grants.forget(stored.id)

"""Connect links: made by a program with a key, used by somebody without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.connecting.connect_links import ConnectLink, ConnectLinks
from punctual.connecting.finishing import back
from punctual.connecting.registrations import Registrations
from punctual.connecting.signing_in import SigningIn
from punctual.connecting.starting import Started, Starting, Wanted, unregistered
from punctual.problems import Conflict, Fault, Invalid, NotFound
from punctual.workspaces import Workspaces


@dataclass(frozen=True, kw_only=True)
class Invited:
    """What somebody who opened a link may connect, and whose workspace it is."""

    link: ConnectLink
    workspace_name: str


class Linking:
    def __init__(
        self,
        workspaces: Workspaces,
        channels: Channels,
        links: ConnectLinks,
        registrations: Registrations,
        starting: Starting,
        signing_in: SigningIn,
        now: Now,
    ):
        self._workspaces = workspaces
        self._channels = channels
        self._links = links
        self._registrations = registrations
        self._starting = starting
        self._signing_in = signing_in
        self._now = now

    def create(
        self,
        workspace_id: str,
        *,
        providers: Sequence[str] | None,
        return_url: str | None,
        lifetime: timedelta,
        external_id: str | None,
        channel_id: str | None,
    ) -> tuple[ConnectLink, str]:
        """With its token. Without `providers`: all that can be connected. Raises Invalid, NotFound."""
        known = self._registrations.known()
        wrong = [
            Fault(param=f"/providers/{place}", rule="provider.exists", message="There is no provider of that name.")
            for place, name in enumerate(providers or ())
            if name not in known
        ]
        wrong += unregistered(self._workspaces, workspace_id, return_url)
        if channel_id is not None:
            providers = self._of_channel(workspace_id, channel_id, providers, wrong)
        if wrong:
            raise Invalid(wrong)
        return self._links.create(
            lifetime,
            workspace_id=workspace_id,
            providers=tuple(providers or self._registrations.connectable(workspace_id)),
            return_url=return_url,
            external_id=external_id,
            channel_id=channel_id,
        )

    def get(self, workspace_id: str, link_id: str) -> ConnectLink:
        """Raises NotFound."""
        found = self._links.get(workspace_id, link_id)
        if found is None:
            raise NotFound("not_found", "The workspace has no such connect link.")
        return found

    def revoke(self, workspace_id: str, link_id: str) -> ConnectLink:
        """Raises NotFound."""
        self._links.revoke(self.get(workspace_id, link_id))
        return self.get(workspace_id, link_id)

    def opened(self, token: str) -> Invited:
        """Raises NotFound, Conflict."""
        link = self._links.of_token(token)
        status = link.status(self._now()) if link else "expired"
        if link is None or status in ("expired", "revoked"):
            raise NotFound("link_unknown", "This link is not known, or has expired. Ask whoever sent it for a new one.")
        if status == "used":
            raise link_used()
        workspace = self._workspaces.get(link.workspace_id)
        return Invited(link=link, workspace_name=workspace.name if workspace else "")

    def start(self, token: str, provider_id: str, given: Mapping[str, Any], own_url: str) -> Started:
        """By OAuth, as the program that made the link would. Raises Problem."""
        link = self._for(token, provider_id)
        wanted = Wanted(
            fields=given,
            return_url=link.return_url,
            channel_id=link.channel_id,
            external_id=link.external_id,
            link_id=link.id,
            acted=link.acted,
        )
        return self._starting.start(link.workspace_id, provider_id, wanted, own_url)

    def sign_in(self, token: str, provider_id: str, given: Mapping[str, Any]) -> tuple[list[Channel], str | None]:
        """By credentials: the channels, and where the person goes on. Raises Problem."""
        link = self._for(token, provider_id)
        channels = self._signing_in.login_by_link(link, provider_id, given)
        result = {"channel_id": ",".join(channel.id for channel in channels)}
        return channels, back(link.return_url, provider_id, result)

    def _for(self, token: str, provider_id: str) -> ConnectLink:
        link = self.opened(token).link
        if provider_id not in link.providers:
            raise NotFound("link_unknown", "This link is not for that platform.")
        if not self._links.try_once(link):
            raise NotFound("link_unknown", "This link was tried too often. Ask whoever sent it for a new one.")
        return link

    def _of_channel(
        self, workspace_id: str, channel_id: str, providers: Sequence[str] | None, wrong: list[Fault]
    ) -> Sequence[str]:
        channel = self._channels.get(workspace_id, channel_id)
        if channel is None:
            raise NotFound("not_found", "The workspace has no such channel.")
        if providers and list(providers) != [channel.provider]:
            message = "A link for one channel is for its provider alone."
            wrong.append(Fault(param="/providers", rule="channel.provider", message=message))
        return [channel.provider]


def link_used() -> Conflict:
    return Conflict("link_used", "This link was used already. Ask whoever sent it for a new one, if you need another.")

"""How a connection begins: what a program asks for, and the browser that is sent on."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from punctual import acting
from punctual.channels import Channel, Channels
from punctual.connecting.asked import fields
from punctual.connecting.connection_secrets import ConnectionSecrets
from punctual.connecting.connections import Connection, Connections, WhereToChoose, state_of
from punctual.connecting.registrations import Registrations, callback_url, unavailable
from punctual.problems import BadRequest, Fault, Invalid, NotFound
from punctual.providers.base import Beginning, Consent, Provider
from punctual.providers.outcomes import ProviderError, Rejected
from punctual.return_urls import is_registered
from punctual.workspaces import Workspaces

KEPT = "kept"
_LONGEST_ID = 100


@dataclass(frozen=True, kw_only=True)
class Started:
    """`authorization_url` is the authorize page's, with the ticket in it."""

    id: str
    authorization_url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Sending:
    """Where the browser goes from the authorize page, and the secret its cookie must hold when it comes back."""

    url: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for; `fields` are the provider's own."""

    fields: Mapping[str, Any]
    return_url: Any = None
    channel_id: Any = None
    choose: Any = None
    external_id: str | None = None
    link_id: str | None = None
    acted: str | None = None
    """Whose link it is; else the caller's."""


def wanted(body: Mapping[str, Any]) -> Wanted:
    """As the body of `start` has it."""
    own = ("return_url", "channel_id", "choose")
    fields = {name: value for name, value in body.items() if name not in own}
    return Wanted(fields=fields, **{name: body.get(name) for name in own})


class Starting:
    def __init__(
        self,
        workspaces: Workspaces,
        channels: Channels,
        connections: Connections,
        kept: ConnectionSecrets,
        registrations: Registrations,
    ):
        self._workspaces = workspaces
        self._channels = channels
        self._connections = connections
        self._kept = kept
        self._registrations = registrations

    def start(self, workspace_id: str, provider_id: str, asked: Wanted, own_url: str) -> Started:
        """Raises Problem."""
        provider = self._registrations.oauth(provider_id)
        choose = asked.choose or "page"
        wrong = [*unregistered(self._workspaces, workspace_id, asked.return_url), *_unknown_place(choose)]
        connect = fields(provider.spec.connect_fields, asked.fields, wrong)
        if asked.channel_id is not None:
            reconnected(self._channels, workspace_id, provider_id, asked.channel_id)
        beginning = _begun(provider, connect, own_url)
        redirect_uri = provider.redirect_uri(callback_url(provider.own_url(own_url), provider_id), beginning.server)
        self._registrations.app(workspace_id, provider, beginning.server, redirect_uri)
        made, ticket = self._connections.create(
            workspace_id=workspace_id,
            provider=provider_id,
            server=beginning.server,
            redirect_uri=redirect_uri,
            return_url=asked.return_url,
            channel_id=asked.channel_id,
            choose=choose,
            external_id=asked.external_id,
            link_id=asked.link_id,
            has_kept=bool(beginning.kept),
            acted=asked.acted or acting.mark().get(acting.ATTRIBUTE),
        )
        if beginning.kept:
            self._kept.keep(made, KEPT, json.dumps(dict(beginning.kept)).encode())
        url = f"{provider.own_url(own_url)}/v1/oauth/{provider_id}/authorize?{urlencode({'ticket': ticket})}"
        return Started(id=made.id, authorization_url=url, expires_at=made.expires_at)

    def authorize(self, provider_id: str, ticket: str, browser: str | None) -> Sending:
        """`browser` is the secret of the cookie this browser already has, if any: two tabs share one."""
        found = known(self._connections.of_ticket(ticket), provider_id)
        secret = browser or secrets.token_urlsafe(32)
        if not self._connections.bind(found, secret):
            raise used()
        provider = self._registrations.oauth(provider_id)
        consent = Consent(
            app=self._registrations.app(found.workspace_id, provider, found.server, found.redirect_uri),
            redirect_uri=found.redirect_uri,
            state=state_of(ticket),
            code_challenge=create_s256_code_challenge(found.code_verifier.get_secret_value()),
            server=found.server,
            kept=kept_by(self._kept, found),
        )
        try:
            return Sending(url=provider.authorization_url(consent), browser=secret)
        except ProviderError as error:
            raise unavailable(error) from error


def unregistered(workspaces: Workspaces, workspace_id: str, url: Any) -> list[Fault]:
    workspace = workspaces.get(workspace_id) if url is not None else None
    if url is None or (workspace and is_registered(url, workspace.return_urls)):
        return []
    message = "This return URL is not registered for the workspace."
    return [Fault(param="/return_url", rule="return_url.registered", message=message)]


def reconnected(channels: Channels, workspace_id: str, provider_id: str, channel_id: Any) -> Channel:
    """Raises NotFound, Invalid."""
    channel = (
        channels.get(workspace_id, channel_id)
        if isinstance(channel_id, str) and len(channel_id) <= _LONGEST_ID
        else None
    )
    if channel is None:
        raise NotFound("not_found", "The workspace has no such channel.")
    if channel.provider != provider_id:
        message = "This channel is of another provider."
        raise Invalid([Fault(param="/channel_id", rule="channel.provider", message=message)])
    return channel


def _unknown_place(choose: Any) -> list[Fault]:
    if choose in get_args(WhereToChoose):
        return []
    return [Fault(param="/choose", rule="choice", message="It is page or api.")]


def kept_by(kept: ConnectionSecrets, found: Connection) -> Mapping[str, str]:
    """`Beginning.kept` of this connection."""
    sealed = kept.get(found, KEPT) if found.has_kept else None
    given: Mapping[str, str] = json.loads(sealed) if sealed else {}
    return given


def known(found: Connection | None, provider_id: str) -> Connection:
    """Raises BadRequest."""
    if found is None:
        raise BadRequest("state_unknown", "This connection is unknown or older than ten minutes. Start it again.")
    if found.provider != provider_id:
        raise BadRequest("state_of_other_provider", "This connection was begun with another provider. Start it again.")
    return found


def _begun(provider: Provider, connect: Any, own_url: str) -> Beginning:
    try:
        return provider.begin(connect, own_url)
    except Rejected as error:
        raise Invalid([Fault(param="", rule=error.code, message=error.sentence)]) from error
    except ProviderError as error:
        raise unavailable(error) from error


def used() -> BadRequest:
    return BadRequest("state_used", "This connection was already finished. Start it again.")

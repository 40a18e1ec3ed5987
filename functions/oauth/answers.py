"""What programs are answered about connections."""

from datetime import datetime

from typing_extensions import TypedDict

from edge.answers import ChannelAnswer, ChannelId, ConnectionId, LinkId, Time, channel_answer
from punctual.clock import to_text
from punctual.connecting import Watched
from punctual.connecting.connect_links import ConnectLink, LinkStatus
from punctual.connecting.connections import ConnectionStatus


class StartedAnswer(TypedDict):
    id: ConnectionId
    authorization_url: str
    """To be opened in the person's browser within ten minutes; good once."""
    expires_at: Time


class ConnectionErrorAnswer(TypedDict):
    code: str
    message: str


class OfferedAnswer(TypedDict):
    """An account that the login holds."""

    id: str
    handle: str
    name: str
    url: str
    channel_id: ChannelId | None
    """It is connected already; choosing it renews its connection."""


class ConnectionAnswer(TypedDict):
    """One connecting under way, or what it came to."""

    id: ConnectionId
    provider: str
    status: ConnectionStatus
    """`pending`: the person has not come back from the platform yet. `choosing`: the login holds several accounts."""
    error: ConnectionErrorAnswer | None
    """Why it is `failed`."""
    accounts: list[OfferedAnswer]
    """To choose from, while it is `choosing`."""
    channels: list[ChannelAnswer]
    """What it connected, as they are now."""
    created_at: Time
    expires_at: Time
    """Until when the person can go on with it."""


class PublicKeyAnswer(TypedDict):
    """A JWK of RFC 7517, without its private half."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class PublicKeysAnswer(TypedDict):
    keys: list[PublicKeyAnswer]


class ClientMetadataAnswer(TypedDict):
    """By the names of RFC 7591."""

    client_id: str
    """This document's own address."""
    client_name: str
    client_uri: str
    application_type: str
    redirect_uris: list[str]
    response_types: list[str]
    grant_types: list[str]
    scope: str
    dpop_bound_access_tokens: bool
    token_endpoint_auth_method: str
    token_endpoint_auth_signing_alg: str
    jwks: PublicKeysAnswer


def connection_answer(watched: Watched) -> ConnectionAnswer:
    found, outcome = watched.connection, watched.outcome
    failed: ConnectionErrorAnswer | None = None
    if outcome and outcome.code:
        failed = {"code": outcome.code, "message": outcome.message}
    return {
        "id": found.id,
        "provider": found.provider,
        "status": watched.status,
        "error": failed,
        "accounts": [
            {
                "id": each.account.id,
                "handle": each.account.handle,
                "name": each.account.name,
                "url": each.account.url,
                "channel_id": each.channel_id,
            }
            for each in watched.offered
        ],
        "channels": [channel_answer(channel) for channel in watched.channels],
        "created_at": to_text(found.created_at),
        "expires_at": to_text(found.expires_at),
    }


class ConnectLinkAnswer(TypedDict):
    """A page of ours on which somebody without a key connects an account, once."""

    id: LinkId
    status: LinkStatus
    """`used`: by the connection whose channels `channel_ids` are."""
    providers: list[str]
    return_url: str | None
    external_id: str | None
    channel_id: ChannelId | None
    """The channel that shall be connected again, and no other."""
    channel_ids: list[ChannelId]
    """What was connected by it."""
    created_at: Time
    expires_at: Time


class CreatedLinkAnswer(ConnectLinkAnswer):
    url: str
    """To be given to the person. Whoever has it can connect an account to the workspace."""


class ConnectLinkPage(TypedDict):
    data: list[ConnectLinkAnswer]
    next_cursor: str | None


def link_answer(link: ConnectLink, now: datetime) -> ConnectLinkAnswer:
    return {
        "id": link.id,
        "status": link.status(now),
        "providers": list(link.providers),
        "return_url": link.return_url,
        "external_id": link.external_id,
        "channel_id": link.channel_id,
        "channel_ids": list(link.channel_ids),
        "created_at": to_text(link.created_at),
        "expires_at": to_text(link.expires_at),
    }

"""What programs are answered about connections."""

from typing_extensions import TypedDict

from edge.answers import ChannelAnswer, ConnectionId, Time, channel_answer
from punctual.clock import to_text
from punctual.connecting import Watched
from punctual.connections import ConnectionStatus


class StartedAnswer(TypedDict):
    id: ConnectionId
    authorization_url: str
    """To be opened in the person's browser within ten minutes; good once."""
    expires_at: Time


class ConnectionErrorAnswer(TypedDict):
    code: str
    message: str


class ConnectionAnswer(TypedDict):
    """One connecting under way, or what it came to."""

    id: ConnectionId
    provider: str
    status: ConnectionStatus
    """`pending`: the person has not come back from the platform yet."""
    error: ConnectionErrorAnswer | None
    """Why it is `failed`."""
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
        "channels": [channel_answer(channel) for channel in watched.channels],
        "created_at": to_text(found.created_at),
        "expires_at": to_text(found.expires_at),
    }

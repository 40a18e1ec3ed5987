"""What a program can see of a connection that it started."""

from dataclasses import dataclass

from punctual.channels import Channel, Channels
from punctual.clock import Now
from punctual.connecting.choosing import Choosing, Offered
from punctual.connecting.connections import Connection, Connections, ConnectionStatus, Outcome
from punctual.problems import NotFound

_EXPIRED = Outcome(code="connection_expired", message="Nobody finished this connection in time. Start it again.")


@dataclass(frozen=True, kw_only=True)
class Watched:
    connection: Connection
    status: ConnectionStatus
    outcome: Outcome | None
    channels: tuple[Channel, ...] = ()
    offered: tuple[Offered, ...] = ()


class Watching:
    def __init__(self, connections: Connections, channels: Channels, choosing: Choosing, now: Now):
        self._connections = connections
        self._channels = channels
        self._choosing = choosing
        self._now = now

    def watch(self, workspace_id: str, connection_id: str) -> Watched:
        """Raises NotFound, a day after the start too."""
        found = self._connections.get(workspace_id, connection_id)
        if found is None:
            raise NotFound("not_found", "The workspace has no such connection.")
        if found.outcome is None and found.expires_at <= self._now():
            return Watched(connection=found, status="failed", outcome=_EXPIRED)
        ids = found.outcome.channel_ids if found.outcome else ()
        channels = (self._channels.get(workspace_id, channel_id) for channel_id in ids)
        return Watched(
            connection=found,
            status=found.status,
            outcome=found.outcome,
            channels=tuple(channel for channel in channels if channel),
            offered=tuple(self._choosing.offered(found)),
        )

"""Secrets of a connection under way, sealed beside it: what the provider must know again at its callback.

One data key, and as many items as it takes, an item holding 400 KB; each is sealed by itself, as resealing wants it.
"""

import zlib

from punctual.clock import Now
from punctual.connecting.connections import TO_CHOOSE, Connection
from punctual.sealing import Context, Sealed, Vault
from punctual.tables import Item, Table

_PIECE_BYTES = 350_000
_KEPT_FOR = TO_CHOOSE


class ConnectionSecrets:
    def __init__(self, table: Table, vault: Vault, now: Now):
        self._table = table
        self._vault = vault
        self._now = now

    def keep(self, connection: Connection, name: str, value: bytes) -> None:
        """For a quarter of an hour: a consent takes less, and so must a choice."""
        packed = zlib.compress(value)
        pieces = [packed[start : start + _PIECE_BYTES] for start in range(0, len(packed), _PIECE_BYTES)]
        sealer = self._vault.sealer(_context(connection))
        about = {
            "workspace_id": connection.workspace_id,
            "expires_epoch": int((self._now() + _KEPT_FOR).timestamp()),
            "pieces": len(pieces),
        }
        for number, piece in reversed(list(enumerate(pieces))):
            self._table.put({**_key(connection, name, number), **about, **sealer.seal(piece).attributes()})

    def get(self, connection: Connection, name: str) -> bytes | None:
        first = self._table.get(_key(connection, name, 0))
        if first is None or int(first["expires_epoch"]) <= self._now().timestamp():
            return None
        others = [self._table.get(_key(connection, name, number)) for number in range(1, int(first["pieces"]))]
        pieces = [Sealed.of(piece) for piece in (first, *others) if piece]
        return zlib.decompress(b"".join(self._vault.open(piece, _context(connection)) for piece in pieces))

    def forget(self, connection: Connection, name: str) -> None:
        first = self._table.get(_key(connection, name, 0))
        for number in range(int(first["pieces"]) if first else 0):
            self._table.delete(_key(connection, name, number))


def _context(connection: Connection) -> Context:
    return {"workspace": connection.workspace_id, "connection": connection.id}


def _key(connection: Connection, name: str, number: int) -> Item:
    return {"pk": connection.id, "sk": f"{name}#{number:03}"}

"""Connections under way: one item each, good once and for ten minutes, and told of for a day.

    pending   the person is on the way to the platform or there
    choosing  back, with a login that holds several accounts, for fifteen minutes
    connected, failed

The ticket `con_….SECRET` opens the authorize page; the state `con_….HASH`, derived from it one way, goes to
the platform and comes back. The item holds the hash of the state: neither it nor a logged state opens anything.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from boto3.dynamodb.conditions import Attr, ConditionBase
from pydantic import SecretStr

from punctual import ids
from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored, StoredSecret
from punctual.tables import Change, ConditionFailed, Table

LIFETIME = timedelta(minutes=10)
TO_CHOOSE = timedelta(minutes=15)
CHOICE_LEASE = timedelta(seconds=60)
"""Longer than any function that connects what was chosen may run."""
REMEMBERED = timedelta(days=1)

ConnectionStatus: TypeAlias = Literal["pending", "choosing", "connected", "failed"]
WhereToChoose: TypeAlias = Literal["page", "api"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a connection came to: its channels, or the code and the sentence of what went wrong."""

    channel_ids: tuple[str, ...] = ()
    code: str | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Connection:
    id: str
    workspace_id: str
    provider: str
    server: str
    redirect_uri: str
    code_verifier: StoredSecret
    secret_hash: str
    created_at: Moment
    expires_at: Moment
    status: ConnectionStatus = "pending"
    return_url: str | None = None
    channel_id: str | None = None
    """The channel that shall be connected again, and no other."""
    choose: WhereToChoose = "page"
    external_id: str | None = None
    """Goes to the channels."""
    link_id: str | None = None
    """The connect link that began it."""
    acted: str | None = None
    """Whose request began it, or made its link: `punctual.acting`."""
    browser: str | None = None
    """Hash of the cookie of the browser that last opened the authorize page."""
    has_kept: bool = False
    """Whether `Beginning.kept` is sealed beside it."""
    code: str | None = None
    """Hash of the code it was consumed with; of an empty one for a callback that carried an error."""
    chosen: tuple[str, ...] | None = None
    """Ids of the accounts that are being connected, or were, out of several."""
    outcome: Outcome | None = None


_STORED = Stored(Connection)
_ID = re.compile(r"con_[0-9A-Z]{26}")
_OUTCOME = Stored(Outcome)


class Connections:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(self, **about: Any) -> tuple[Connection, str]:
        """With its ticket. `about`: workspace_id, provider, server, redirect_uri, return_url, channel_id, …"""
        now = self._now()
        connection_id = ids.new("con")
        ticket = f"{connection_id}.{secrets.token_urlsafe(32)}"
        made = Connection(
            id=connection_id,
            code_verifier=SecretStr(secrets.token_urlsafe(48)),
            secret_hash=digest(state_of(ticket)),
            created_at=now,
            expires_at=now + LIFETIME,
            **about,
        )
        self._table.put({**key(connection_id), **_STORED.item(made), "expires_epoch": _epoch(made)})
        return made, ticket

    def get(self, workspace_id: str, connection_id: str) -> Connection | None:
        """Also one that has ended or expired, for a day: DynamoDB's own expiry may take days."""
        found = self._read(connection_id)
        is_theirs = found is not None and found.workspace_id == workspace_id
        return found if found and is_theirs and found.created_at + REMEMBERED > self._now() else None

    def of_ticket(self, ticket: str) -> Connection | None:
        return self.of_state(state_of(ticket))

    def of_state(self, state: str) -> Connection | None:
        """None too when it has expired."""
        connection_id, _, secret = state.partition(".")
        found = self._read(connection_id) if secret else None
        if found is None or not hmac.compare_digest(found.secret_hash, digest(state)):
            return None
        return found if found.expires_at > self._now() else None

    def bind(self, connection: Connection, browser: str) -> bool:
        """Tie the connection to this browser; whether it was still unused."""
        return self._change(connection, {"browser": digest(browser)}, Attr("code").not_exists())

    def consume(self, connection: Connection, code: str) -> bool:
        """Whether this callback is the first; of two at once, one is."""
        changed = {"code": digest(code), "consumed_at": to_text(self._now())}
        return self._change(connection, changed, Attr("code").not_exists())

    def offer(self, connection: Connection) -> Connection:
        """The login is kept, and the person chooses."""
        until = self._now() + TO_CHOOSE
        changed: dict[str, Any] = {"status": "choosing", "expires_at": to_text(until)}
        self._change(connection, changed, Attr("status").eq("pending"))
        return replace(connection, status="choosing", expires_at=until)

    def choose(self, connection: Connection, account_ids: Sequence[str]) -> bool:
        """Whether the caller is to connect them now: nobody has chosen, or whoever did must have died of it."""
        now = self._now()
        again = Attr("chosen").eq(list(account_ids)) & Attr("chosen_until").lt(to_text(now))
        changed = {"chosen": list(account_ids), "chosen_until": to_text(now + CHOICE_LEASE)}
        return self._change(connection, changed, Attr("status").eq("choosing") & (Attr("chosen").not_exists() | again))

    def reopen(self, connection: Connection, account_ids: Sequence[str]) -> None:
        """What was chosen could not be connected, and another choice may be."""
        changed = {"chosen": None, "chosen_until": None}
        self._change(connection, changed, Attr("chosen").eq(list(account_ids)) & Attr("status").eq("choosing"))

    def settle(self, connection: Connection, outcome: Outcome) -> None:
        status: ConnectionStatus = "failed" if outcome.code else "connected"
        self._change(connection, {"status": status, "outcome": _OUTCOME.item(outcome)}, Attr("pk").exists())

    def _read(self, connection_id: str) -> Connection | None:
        item = self._table.get(key(connection_id)) if _ID.fullmatch(connection_id) else None
        return _STORED.read(item) if item else None

    def _change(self, connection: Connection, changed: dict[str, Any], condition: ConditionBase) -> bool:
        try:
            self._table.update(key(connection.id), Change(set=changed), condition & Attr("pk").exists())
        except ConditionFailed:
            return False
        return True


def state_of(ticket: str) -> str:
    connection_id, _, secret = ticket.partition(".")
    return f"{connection_id}.{digest(f'state:{secret}')}"


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def key(connection_id: str) -> dict[str, str]:
    return {"pk": connection_id, "sk": "connection"}


def _epoch(made: Connection) -> int:
    return int((made.created_at + REMEMBERED).timestamp())

"""Connections under way: one item each, found by the hash of its state, good once and for ten minutes.

The ticket opens the authorize page; the state, derived from it one way, goes to the provider and comes back. Only
the state's hash is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Table

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class OAuthState:
    workspace_id: str
    provider: str
    server: str
    redirect_uri: str
    code_verifier: str = field(repr=False)
    expires_at: Moment
    return_url: str | None = None
    browser: str | None = None
    """Hash of the cookie of the browser that last opened the authorize page."""
    code: str | None = None
    """Hash of the code it was consumed with; empty for a callback that carried an error."""
    outcome: dict[str, Any] | None = None
    """What the callback came to: {"channel_ids": […]} or {"error": code, "message": sentence}."""


_STORED = Stored(OAuthState)


class OAuthStates:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def create(self, ticket: str, **about: Any) -> OAuthState:
        """`about`: workspace_id, provider, server, redirect_uri, return_url."""
        expires_at = self._now() + LIFETIME
        state = OAuthState(code_verifier=secrets.token_urlsafe(48), expires_at=expires_at, **about)
        item = _STORED.item(state)
        self._table.put({**_key(state_of(ticket)), **item, "expires_epoch": int(expires_at.timestamp())})
        return state

    def find(self, state: str) -> OAuthState | None:
        """None too when it has expired: DynamoDB's own expiry may take days."""
        item = self._table.get(_key(state))
        found = _STORED.read(item) if item else None
        return found if found and found.expires_at > self._now() else None

    def bind(self, state: str, browser: str) -> bool:
        """Tie the connection to this browser; whether it was still unused."""
        return self._change(state, {"browser": digest(browser)}, Attr("code").not_exists())

    def consume(self, state: str, code: str) -> bool:
        """Whether this callback is the first; of two at once, one is."""
        return self._change(
            state, {"code": digest(code), "consumed_at": to_text(self._now())}, Attr("code").not_exists()
        )

    def settle(self, state: str, outcome: dict[str, Any]) -> None:
        self._change(state, {"outcome": outcome}, Attr("pk").exists())

    def _change(self, state: str, changed: dict[str, Any], condition: ConditionBase) -> bool:
        try:
            self._table.update(_key(state), Change(set=changed), condition & Attr("pk").exists())
        except ConditionFailed:
            return False
        return True


def new_ticket() -> str:
    return secrets.token_urlsafe(32)


def state_of(ticket: str) -> str:
    return digest(f"state:{ticket}")


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(state: str) -> dict[str, str]:
    return {"pk": f"state#{digest(state)}", "sk": "state"}

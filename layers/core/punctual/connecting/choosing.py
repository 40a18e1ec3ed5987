"""Choosing accounts, where a login holds several: on a page of ours or through the API, with the same outcome, once."""

from collections.abc import Sequence
from dataclasses import dataclass

from punctual.channels import Channels
from punctual.connecting.connections import Connection, Connections, Outcome
from punctual.connecting.kept_logins import KeptLogin, KeptLogins
from punctual.connecting.storing import Storing
from punctual.problems import Conflict, Fault, Invalid, NotFound, Problem
from punctual.providers.base import Account


@dataclass(frozen=True, kw_only=True)
class Offered:
    """`channel_id`: it is connected already."""

    account: Account
    channel_id: str | None


class Choosing:
    def __init__(self, channels: Channels, connections: Connections, logins: KeptLogins, storing: Storing):
        self._channels = channels
        self._connections = connections
        self._logins = logins
        self._storing = storing

    def offered(self, found: Connection) -> list[Offered]:
        """None once a choice is made."""
        kept = self._logins.get(found) if found.status == "choosing" else None
        accounts = kept.login.accounts if kept else ()
        known = self._channels.of_accounts(found.workspace_id, found.provider, [each.id for each in accounts])
        ids = {account_id: channel.id for account_id, channel in known.items()}
        return [Offered(account=account, channel_id=ids.get(account.id)) for account in accounts]

    def choose(self, workspace_id: str, connection_id: str, account_ids: Sequence[str]) -> None:
        """Raises NotFound, Conflict, Invalid."""
        found = self._connections.get(workspace_id, connection_id)
        if found is None:
            raise NotFound("not_found", "The workspace has no such connection.")
        self.connect(found, account_ids)

    def connect(self, found: Connection, account_ids: Sequence[str]) -> Outcome:
        """The same choice again is answered as before. Raises Conflict, Invalid."""
        wanted = sorted(set(account_ids))
        if found.outcome:
            return _before(found, found.outcome, wanted)
        kept = self._kept(found)
        _refuse_unknown(kept, account_ids)
        if not self._connections.choose(found, wanted):
            return self._again(found, wanted)
        try:
            outcome = self._storing.connect(found, kept.login, kept.app, wanted)
        except Problem:
            self._connections.reopen(found, wanted)
            raise
        self._connections.settle(found, outcome)
        self._logins.forget(found)
        return outcome

    def _kept(self, found: Connection) -> KeptLogin:
        kept = self._logins.get(found) if found.status == "choosing" else None
        if kept is None:
            raise _nothing_to_choose()
        return kept

    def _again(self, found: Connection, wanted: Sequence[str]) -> Outcome:
        current = self._connections.get(found.workspace_id, found.id)
        if current is None:
            raise _nothing_to_choose()
        if current.outcome:
            return _before(current, current.outcome, wanted)
        if list(current.chosen or ()) == list(wanted):
            raise Conflict("choice_in_progress", "These accounts are being connected.")
        raise _chosen()


def _before(found: Connection, outcome: Outcome, wanted: Sequence[str]) -> Outcome:
    if not found.chosen:
        raise _nothing_to_choose()
    if list(found.chosen) != list(wanted):
        raise _chosen()
    return outcome


def _refuse_unknown(kept: KeptLogin, account_ids: Sequence[str]) -> None:
    held = {account.id for account in kept.login.accounts}
    message = "The login holds no such account; see accounts of the connection."
    wrong = [
        Fault(param=f"/account_ids/{place}", rule="account.held", message=message)
        for place, account_id in enumerate(account_ids)
        if account_id not in held
    ]
    if wrong:
        raise Invalid(wrong)


def _nothing_to_choose() -> Conflict:
    return Conflict("not_choosing", "This connection has no accounts to choose from, or no longer.")


def _chosen() -> Conflict:
    return Conflict("already_chosen", "Other accounts were chosen already.")

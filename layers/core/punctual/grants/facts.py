"""What a channel's row says of its grant, so that those who may not read grants know what is coming.

The grant is the truth; the row repeats it. Every change of it is a fact that the table's stream shows, old and new:

fact                       change of a channel's row
channel.token_expiring     `token_expiring_since` appears
channel.disconnected       `status` leaves `active`; `status_reason` says why
channel.reconnected        `status` becomes `active`, and the row had a `grant_id` before (else it is a new channel)

An item that is written as it was makes no record in the stream, so telling a row twice tells nobody twice.
"""

from dataclasses import dataclass

from punctual.clock import Moment
from punctual.stored import Stored
from punctual.tables import Item


@dataclass(frozen=True, kw_only=True)
class GrantFacts:
    grant_ends_at: Moment | None = None
    """When a person must have reconnected; None: we can keep it alive."""
    token_expiring_since: Moment | None = None
    missing_scopes: tuple[str, ...] = ()
    refresh_failing_since: Moment | None = None
    """Told when it failed several times in a row, and only then how long the tokens at hand will do."""
    grant_expires_at: Moment | None = None


NO_FACTS = GrantFacts()
_STORED = Stored(GrantFacts)
_NONE = dict.fromkeys(GrantFacts.__dataclass_fields__)


def as_attributes(facts: GrantFacts) -> Item:
    """All of them; None where there is none, so that an update takes away what was."""
    found = _STORED.item(facts)
    return {**_NONE, **found, "missing_scopes": found.get("missing_scopes") or None}

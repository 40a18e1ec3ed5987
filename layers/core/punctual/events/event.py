"""An event: a fact that happened, with its number in its workspace's feed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Any

from ulid import ULID

from punctual.acting import Actor
from punctual.clock import Moment

_PREFIX = "evt_"
_TIME_BYTES, _RANDOM_BYTES, _NUMBER_BYTES = 6, 5, 5


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is to be told, before it has a number."""

    type: str
    timestamp: Moment
    """When it happened, as the stream has it: to the second."""
    data: Mapping[str, Any]
    actor: Actor | None = None
    """Whose request it was; None: Punctual's own doing, or a platform's."""


@dataclass(frozen=True, kw_only=True)
class Event(Draft):
    id: str
    workspace_id: str
    sequence: int
    """1, 2, 3 …: in this workspace no number is left out."""
    appended_at: Moment = field(compare=False)
    previous_at: Moment | None = field(default=None, compare=False)
    """When the event before it was appended; None: it is the first there ever was."""


def new_id(sequence: int, at: datetime) -> str:
    """A ULID whose last five bytes are the event's number, so that an id finds its event without an index."""
    milliseconds = int(at.timestamp() * 1000).to_bytes(_TIME_BYTES)
    made = ULID.from_bytes(milliseconds + token_bytes(_RANDOM_BYTES) + sequence.to_bytes(_NUMBER_BYTES))
    return f"{_PREFIX}{made}"


def sequence_of(event_id: str) -> int | None:
    """None for what is no event's id."""
    if not event_id.startswith(_PREFIX):
        return None
    try:
        made = ULID.from_str(event_id.removeprefix(_PREFIX))
    except ValueError:
        return None
    return int.from_bytes(made.bytes[-_NUMBER_BYTES:]) if f"{_PREFIX}{made}" == event_id else None

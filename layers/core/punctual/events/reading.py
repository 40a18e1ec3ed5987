"""Those of a feed's events that somebody wants to see, page by page, by the last event that was looked at: a reader
with a filter goes on where it was, and meets no event twice, also where none fits for long.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from punctual.events.event import Event
from punctual.events.feed import Feed, Reading

READ_AT_ONCE = 200
TOLD_WITHIN = timedelta(hours=25)
"""A table's stream has a record for a day; what is told later is read from the table, and is of that time.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""
_SKEW = timedelta(minutes=1)
"""Far more than between the clocks that say when something happened and when it was appended."""
_ENVELOPE_BYTES = 400


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an event must be; None: whatever."""

    types: Collection[str] | None = None
    """Names of types, or `post.*` for all of a kind."""
    post_id: str | None = None
    channel_id: str | None = None
    actor: str | None = None
    """The id of a key, or of a person."""
    is_by_somebody: bool = False
    """Only what somebody did: what has an actor."""
    since: datetime | None = None
    until: datetime | None = None
    """That time itself is not in it."""

    def takes(self, event: Event) -> bool:
        return all(
            (
                self.types is None or is_of(event.type, self.types),
                self.post_id in (None, event.data.get("post_id")),
                self.channel_id in (None, event.data.get("channel_id"), *event.data.get("channel_ids", ())),
                self.actor is None or (event.actor is not None and event.actor.key_id == self.actor),
                not self.is_by_somebody or event.actor is not None,
                self.since is None or event.timestamp >= self.since,
                self.until is None or event.timestamp < self.until,
            )
        )

    def takes_none_from(self, event: Event) -> bool:
        """Whether this event, and all that were appended after it, are of a time after `until`."""
        return self.until is not None and event.appended_at >= self.until + TOLD_WITHIN


@dataclass(frozen=True, kw_only=True)
class Most:
    """Of one page: events, reads of the feed, bytes as JSON."""

    events: int
    reads: int = 5
    bytes: int = 3_400_000


@dataclass(frozen=True, kw_only=True)
class EventPage:
    events: list[Event] = field(default_factory=list)
    last: str | None = None
    """The last event that was looked at, or the one that was asked for, where none came after it."""
    has_more: bool = False
    """Whether there was more to look at, at that moment."""


def is_of(event_type: str, types: Collection[str]) -> bool:
    return event_type in types or f"{event_type.partition('.')[0]}.*" in types


def page(feed: Feed, workspace_id: str, after: str | None, wanted: Wanted, most: Most) -> EventPage:
    """Without `after`, from the oldest that is kept, or of `since`. Raises Expired."""
    found: list[Event] = []
    last, size = after, 0
    at_once = min(most.events, READ_AT_ONCE) if wanted == Wanted() else READ_AT_ONCE
    for _ in range(most.reads):
        reading = _read(feed, workspace_id, last, wanted, at_once)
        for event in reading.events:
            if wanted.takes_none_from(event):
                return EventPage(events=found, last=last)
            if wanted.takes(event):
                size += _ENVELOPE_BYTES + len(json.dumps(dict(event.data)))
                if len(found) == most.events or (found and size > most.bytes):
                    return EventPage(events=found, last=last, has_more=True)
                found.append(event)
            last = event.id
        if reading.is_last or len(found) == most.events:
            return EventPage(events=found, last=last, has_more=not reading.is_last)
    return EventPage(events=found, last=last, has_more=True)


def _read(feed: Feed, workspace_id: str, last: str | None, wanted: Wanted, at_once: int) -> Reading:
    if last or wanted.since is None:
        return feed.read(workspace_id, last, at_once)
    first = feed.first_since(workspace_id, wanted.since - _SKEW)
    return feed.read_on(workspace_id, first - 1, at_once)

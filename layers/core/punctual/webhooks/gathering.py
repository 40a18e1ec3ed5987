"""What a lane is to send next: events it has not come to, sends to be tried again, and what was asked for once more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from punctual.clock import Now
from punctual.events.event import Event
from punctual.events.feed import KEPT, Expired, Feed
from punctual.tables import Item
from punctual.webhooks.endpoints import Webhook
from punctual.webhooks.lanes import Lane, Skipped
from punctual.webhooks.resending import Range, Resends
from punctual.webhooks.sends import Retry, Send, Sends

READ_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Job:
    event: Event
    send: Send
    before: Send
    """As it is stored, if it is."""


@dataclass
class Batch:
    """One round's: `operations` are written with its outcomes, and the lane's position then."""

    position: int
    skipped: Skipped | None = None
    jobs: list[Job] = field(default_factory=list)
    operations: list[Item] = field(default_factory=list)
    given_up: set[int] = field(default_factory=set)
    """Sends that this round writes already: one that is made of them waits for the next."""

    def has(self, sequence: int) -> bool:
        return any(job.event.sequence == sequence for job in self.jobs)


class Gathering:
    def __init__(self, *, feed: Feed, sends: Sends, resends: Resends, now: Now):
        self._feed = feed
        self._sends = sends
        self._resends = resends
        self._now = now

    def batch(self, webhook: Webhook, lane: Lane, most: int, turn: int) -> Batch:
        """Each kind of work has its turn at being first; the others get the room that it leaves."""
        batch = Batch(position=lane.position, skipped=lane.skipped)
        kinds: Sequence[Callable[[Webhook, Lane, Batch, int], None]] = (self._new, self._again, self._asked)
        for place in range(len(kinds)):
            room = most - len(batch.jobs)
            if room > 0:
                kinds[(place + turn) % len(kinds)](webhook, lane, batch, room)
        return batch

    def is_behind(self, lane: Lane) -> bool:
        """Whether there is something to do now."""
        if self._feed.head(lane.workspace_id).sequence != lane.position:
            return True
        first = self.next_retry(lane)
        return (first is not None and first <= self._now()) or bool(self._resends.waiting(lane.webhook_id))

    def next_retry(self, lane: Lane) -> datetime | None:
        first = self._sends.retries(lane.webhook_id, 1)
        return first[0].at if first else None

    def _new(self, webhook: Webhook, lane: Lane, batch: Batch, room: int) -> None:
        try:
            events = self._feed.read_on(webhook.workspace_id, lane.position, READ_AT_ONCE).events
        except Expired:
            self._skip(lane, batch)
            return
        for event in events:
            if webhook.wants(event) and not batch.has(event.sequence):
                if room == 0 or event.sequence in batch.given_up:
                    return
                room -= 1
                send = self._sends.of(event, webhook.id)
                batch.jobs.append(Job(event=event, send=send, before=send))
            batch.position = event.sequence

    def _skip(self, lane: Lane, batch: Batch) -> None:
        """To the oldest event that is kept; or back to the last one, of a feed that was restored."""
        head = self._feed.head(lane.workspace_id).sequence
        if lane.position > head:
            batch.position = head
            return
        now = self._now()
        oldest = self._feed.first_since(lane.workspace_id, now - KEPT)
        batch.position = max(oldest - 1, lane.position + 1)
        batch.skipped = Skipped(first=lane.position + 1, last=batch.position, at=now)

    def _again(self, webhook: Webhook, lane: Lane, batch: Batch, room: int) -> None:
        now, waiting = self._now(), self._sends.retries(webhook.id, room)
        due = [each for each in waiting if each.at <= now or each.begun_at < lane.begun_at]
        rows = self._sends.get_all(webhook.id, [each.sequence for each in due])
        for retry in due:
            send = rows.get(retry.sequence)
            if send is None or send.next_try_at != retry.at or batch.has(retry.sequence):
                batch.operations += [] if batch.has(retry.sequence) else [self._sends.dropping(webhook.id, retry)]
                continue
            event = self._feed.get(webhook.workspace_id, send.event_id)
            if event is None or retry.begun_at < lane.begun_at:
                self._give_up(send, retry, batch)
            else:
                batch.jobs.append(Job(event=event, send=send, before=send))

    def _give_up(self, send: Send, retry: Retry, batch: Batch) -> None:
        given_up = replace(send, state="failed", next_try_at=None)
        batch.given_up.add(send.sequence)
        batch.operations += self._sends.writing(send, given_up, retry.begun_at)

    def _asked(self, webhook: Webhook, lane: Lane, batch: Batch, room: int) -> None:
        waiting = self._resends.waiting(webhook.id)
        if waiting:
            self._walk(webhook, waiting[0], batch, room)

    def _walk(self, webhook: Webhook, asked: Range, batch: Batch, room: int) -> None:
        events, up_to = self._of_range(webhook, asked)
        rows = self._sends.get_all(webhook.id, [event.sequence for event in events])
        for event in events:
            row = rows.get(event.sequence)
            if batch.has(event.sequence) or not _is_asked(webhook, asked, event, row):
                continue
            if room == 0 or event.sequence in batch.given_up:
                up_to = event.sequence - 1
                break
            room -= 1
            before = row or self._sends.of(event, webhook.id)
            batch.jobs.append(Job(event=event, send=replace(before, failures=0), before=before))
        if up_to >= asked.first:
            batch.operations.append(self._resends.walked(asked, up_to))

    def _of_range(self, webhook: Webhook, asked: Range) -> tuple[list[Event], int]:
        """Its next events, and up to which number there are no others."""
        try:
            found = self._feed.read_on(webhook.workspace_id, asked.first - 1, READ_AT_ONCE).events
        except Expired:
            oldest = self._feed.first_since(webhook.workspace_id, self._now() - KEPT)
            return [], max(oldest - 1, asked.first)
        events = [each for each in found if each.sequence <= asked.last]
        return events, events[-1].sequence if events else asked.last


def _is_asked(webhook: Webhook, asked: Range, event: Event, row: Send | None) -> bool:
    if asked.only_failed:
        return row is not None and row.state != "delivered"
    return asked.is_asked_by_name or webhook.wants(event)

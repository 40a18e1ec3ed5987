"""How late the platforms' calls started, and how long they took: ours and theirs apart, by day and provider.

A delivery counts with its first part, on the UTC day for which it was due, once that part is live. What started within
`PROMISE` of its time counts always. What started later counts as ours too, unless something else kept it: a person
tried it again, publishing was paused, the stack was restored, or an attempt of its own says that the grant was dead,
that the platform asked to wait, was at work or out of order. Those are `excluded` from `dispatch`, and only from that.
`missed` never went out at all: without them, giving up would look punctual.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from punctual.attempts import Attempts
from punctual.channels import Channels
from punctual.deliveries import Deliveries
from punctual.pauses import Pauses
from punctual.states import DeliveryStatus
from punctual.tables import Item

PROMISE = timedelta(seconds=2)
_SHORTEST = timedelta(milliseconds=1)
_MOST_ASKED = 400
"""Late deliveries whose attempts are read for one report; beyond them lateness counts as ours."""
_NOT_OURS = frozenset(
    {"reconnect", "unauthorized", "retry_later", "not_yet", "processing", "outcome_unknown", "paused"}
)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Exact percentiles by nearest rank; None where there is nothing to rank."""

    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    worst_ms: int | None


@dataclass(kw_only=True)
class Day:
    """One provider's deliveries that were due on one UTC day."""

    day: str
    provider: str
    dispatched: list[int] = field(default_factory=list)
    took: list[int] = field(default_factory=list)
    excluded: int = 0
    missed: int = 0


@dataclass(frozen=True, kw_only=True)
class _Sent:
    """A row of the index, of a delivery whose first part is live."""

    post_id: str
    delivery_id: str
    due_at: datetime
    lateness: timedelta
    was_retried: bool


class Timeliness:
    def __init__(self, *, channels: Channels, deliveries: Deliveries, attempts: Attempts, pauses: Pauses):
        self._channels = channels
        self._deliveries = deliveries
        self._attempts = attempts
        self._pauses = pauses

    def report(self, workspace_id: str, since: datetime, until: datetime, provider: str | None) -> list[Day]:
        """Of what was due from `since` and before `until`, on the channels that the workspace has now."""
        causes = _Causes(self._attempts, self._pauses.spans(workspace_id, since))
        days: dict[tuple[str, str], Day] = {}
        for row in self._rows(workspace_id, since, until, provider):
            due_at = datetime.fromisoformat(row["channel_order"].partition("#")[0])
            key = (due_at.date().isoformat(), row["provider"])
            _count(days.setdefault(key, Day(day=key[0], provider=key[1])), row, due_at, causes)
        return [days[key] for key in sorted(days) if _says_something(days[key])]

    def _rows(self, workspace_id: str, since: datetime, until: datetime, provider: str | None) -> Iterator[Item]:
        for channel in self._channels.of_workspace(workspace_id):
            if provider in (None, channel.provider):
                yield from self._deliveries.sent_on(channel.id, since, until - _SHORTEST)


class _Causes:
    """What else than us may have kept a delivery."""

    def __init__(self, attempts: Attempts, pauses: Sequence[Span]):
        self._attempts = attempts
        self._pauses = pauses
        self._asked = 0

    def excuse(self, sent: _Sent) -> bool:
        if sent.lateness <= PROMISE:
            return False
        started_at = sent.due_at + sent.lateness
        if sent.was_retried or any(begun <= started_at and sent.due_at <= ended for begun, ended in self._pauses):
            return True
        self._asked += 1
        return self._asked <= _MOST_ASKED and self._was_kept(sent, started_at)

    def _was_kept(self, sent: _Sent, started_at: datetime) -> bool:
        return any(
            each.outcome in _NOT_OURS and each.part == 0 and each.started_at < started_at
            for each in self._attempts.of(sent.post_id, sent.delivery_id)
        )


def spread(values: Sequence[int]) -> Spread:
    ranked = sorted(values)

    def rank(percent: int) -> int | None:
        return ranked[ceil(percent * len(ranked) / 100) - 1] if ranked else None

    return Spread(p50_ms=rank(50), p95_ms=rank(95), p99_ms=rank(99), worst_ms=rank(100))


def _count(day: Day, row: Item, due_at: datetime, causes: _Causes) -> None:
    if row["status"] == DeliveryStatus.MISSED:
        day.missed += 1
    if row.get("lateness_ms") is None:
        return
    sent = _Sent(
        post_id=row["pk"],
        delivery_id=row["sk"].removeprefix("delivery#"),
        due_at=due_at,
        lateness=timedelta(milliseconds=row["lateness_ms"]),
        was_retried=bool(row.get("retried_at")),
    )
    if causes.excuse(sent):
        day.excluded += 1
    else:
        day.dispatched.append(row["lateness_ms"])
    if row.get("platform_ms") is not None:
        day.took.append(row["platform_ms"])


def _says_something(day: Day) -> bool:
    return bool(day.dispatched or day.took or day.excluded or day.missed)

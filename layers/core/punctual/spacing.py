"""How near to one another the posts of a channel are: a warning below its own gap, a refusal far below anything sane.

Read from an index, so posts written at the same moment may not see each other: neither protects a promise.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from punctual.channels import Channel
from punctual.deliveries import Deliveries
from punctual.problems import Fault
from punctual.states import DeliveryStatus
from punctual.tables import Item

MAX_IN_ONE_SECOND = 10
"""Posts of one channel at one second go out one after the other."""
_GONE = frozenset({DeliveryStatus.DRAFT, DeliveryStatus.CANCELLED, DeliveryStatus.ERROR, DeliveryStatus.MISSED})
_SECOND = timedelta(seconds=1)


class Spacing:
    def __init__(self, deliveries: Deliveries):
        self._deliveries = deliveries

    def check(self, channel: Channel, post_id: str, due_at: datetime, pointer: str) -> tuple[list[Fault], list[Fault]]:
        """Faults and warnings of a post that is due on this channel."""
        gap = max(timedelta(seconds=channel.min_gap_seconds), _SECOND)
        rows = self._deliveries.sent_on(channel.id, due_at - gap, due_at + gap)
        others = [row for row in rows if row["pk"] != post_id and row["status"] not in _GONE]
        return _too_many(others, due_at, pointer), _too_near(others, channel, due_at, pointer)


def _too_many(others: Sequence[Item], due_at: datetime, pointer: str) -> list[Fault]:
    second = due_at.replace(microsecond=0)
    if sum(_due(row).replace(microsecond=0) == second for row in others) < MAX_IN_ONE_SECOND:
        return []
    message = f"This channel has {MAX_IN_ONE_SECOND} posts at this second already. Give it another time."
    return [Fault(param=pointer, rule="channel.max_in_one_second", message=message)]


def _too_near(others: Sequence[Item], channel: Channel, due_at: datetime, pointer: str) -> list[Fault]:
    gap = timedelta(seconds=channel.min_gap_seconds)
    near = [row for row in others if abs(_due(row) - due_at) < gap]
    if not near:
        return []
    closest = min(near, key=lambda row: abs(_due(row) - due_at))
    apart = round(abs(_due(closest) - due_at).total_seconds())
    message = (
        f"{closest['pk']} is due on this channel {apart} s away; its posts should be {channel.min_gap_seconds} s apart."
    )
    return [Fault(param=pointer, rule="channel.min_gap", message=message)]


def _due(row: Item) -> datetime:
    return datetime.fromisoformat(str(row["channel_order"]).partition("#")[0])

"""The sweep: every minute, whatever is overdue is woken again; lost schedules and messages cost no more than that."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from punctual.clock import Now
from punctual.due import SHARDS, SWEEP, Overdue, move, overdue
from punctual.messages import Queue, Step
from punctual.posts import Posts
from punctual.tables import Table

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One run of the sweeper, counted."""

    woken: int = 0
    rolled_up: int = 0
    moved: int = 0
    """Found, but someone else had moved their clock already."""
    failed: int = 0
    """Met a fault of ours or of AWS; they are tried again in a minute, and logged as errors."""

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(**{name: count + getattr(other, name) for name, count in vars(self).items()})


class Sweeping:
    def __init__(self, table: Table, posts: Posts, queue: Queue, now: Now):
        self._table = table
        self._posts = posts
        self._queue = queue
        self._now = now

    def sweep(self, limit: int, shards: Iterable[int] = range(SHARDS)) -> Swept:
        """At most `limit` items a shard; what is left is still overdue at the next run."""
        counts = dict.fromkeys(("woken", "rolled_up", "moved", "failed"), 0)
        for shard in shards:
            for item in overdue(self._table, shard, self._now(), limit):
                counts[self._try(item)] += 1
        if counts["woken"]:
            log.info("overdue deliveries woken", extra=counts)
        return Swept(**counts)

    def _try(self, item: Overdue) -> str:
        try:
            return self._wake(item)
        except Exception as fault:  # noqa: BLE001 - the outermost loop: one item's fault must not stop the others
            log.error("not woken", extra={"item": item.sk, "post_id": item.pk, "fault": type(fault).__name__})
            return "failed"

    def _wake(self, item: Overdue) -> str:
        now = self._now()
        if not move(self._table, item, now + SWEEP):
            return "moved"
        if not item.is_delivery:
            self._posts.roll_up(item.pk)
            return "rolled_up"
        delivery_id = item.sk.removeprefix("delivery#")
        delay = int((item.act_at - now).total_seconds()) - 1 if item.act_at else 0
        step = Step(
            workspace_id=item.workspace_id, post_id=item.pk, delivery_id=delivery_id, rev=item.rev, woken_by="sweep"
        )
        self._queue.send(step, delay)
        return "woken"

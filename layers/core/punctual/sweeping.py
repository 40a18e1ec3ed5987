"""The sweep: every minute, whatever is overdue is woken again; lost schedules and messages cost no more than that.

Posts that are due in an hour have their look ahead here, after all deliveries that are overdue.
"""

import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass

from punctual.clock import Now
from punctual.due import SHARDS, SWEEP, Overdue, move, overdue
from punctual.messages import MediaMessage, Queue, Step
from punctual.posts import Posts
from punctual.preflight import Preflight, Round
from punctual.states import PostStatus
from punctual.tables import Table

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """One run of the sweeper, counted."""

    woken: int = 0
    media: int = 0
    """That have something to be done."""
    rolled_up: int = 0
    looked: int = 0
    """Posts, an hour before their time."""
    moved: int = 0
    """Found, but someone else had moved their clock already."""
    failed: int = 0
    """Met a fault of ours or of AWS; they are tried again in a minute, and logged as errors."""

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(**{name: count + getattr(other, name) for name, count in vars(self).items()})


class Sweeping:
    """`media` is the queue of media that have something to be done."""

    def __init__(self, table: Table, posts: Posts, queue: Queue, media: Queue, preflight: Preflight, now: Now):
        self._table = table
        self._posts = posts
        self._queue = queue
        self._media = media
        self._preflight = preflight
        self._now = now

    def sweep(self, limit: int, shards: Iterable[int] = range(SHARDS)) -> Swept:
        """At most `limit` items a shard; what is left is still overdue at the next run."""
        counts = dict.fromkeys(("woken", "media", "rolled_up", "looked", "moved", "failed"), 0)
        for shard in shards:
            looks = self._preflight.round()
            for item in overdue(self._table, shard, self._now(), limit):
                counts[self._try(item, looks)] += 1
        if counts["woken"]:
            log.info("overdue deliveries woken", extra=counts)
        return Swept(**counts)

    def _try(self, item: Overdue, looks: Round) -> str:
        try:
            if media_id := item.media_id:
                return self._tend(item, media_id)
            return self._wake(item) if item.is_delivery else self._see_to(item, looks)
        except Exception as fault:  # noqa: BLE001 - the outermost loop: one item's fault must not stop the others
            log.error("not woken", extra={"item": item.sk, "post_id": item.pk, "fault": type(fault).__name__})
            return "failed"

    def _see_to(self, item: Overdue, looks: Round) -> str:
        """A post: a look ahead while it is not due. Of more than one run can take, the rest comes minutes later."""
        post, now = self._posts.get(item.pk), self._now()
        if post and post.due_at and now < post.due_at and post.status is PostStatus.SCHEDULED:
            if not looks.is_over:
                return "looked" if looks.look(post, post.due_at) else "moved"
            move(self._table, item, now + SWEEP * random.randint(2, 10))  # noqa: S311 - spreads load
            return "moved"
        if not move(self._table, item, now + SWEEP):
            return "moved"
        self._posts.roll_up(item.pk)
        return "rolled_up"

    def _tend(self, item: Overdue, media_id: str) -> str:
        if not move(self._table, item, self._now() + SWEEP):
            return "moved"
        self._media.send(MediaMessage(workspace_id=item.workspace_id, media_id=media_id))
        return "media"

    def _wake(self, item: Overdue) -> str:
        now = self._now()
        if not move(self._table, item, now + SWEEP):
            return "moved"
        delivery_id = item.sk.removeprefix("delivery#")
        delay = int((item.act_at - now).total_seconds()) - 1 if item.act_at else 0
        step = Step(
            workspace_id=item.workspace_id, post_id=item.pk, delivery_id=delivery_id, rev=item.rev, woken_by="sweep"
        )
        self._queue.send(step, delay)
        return "woken"

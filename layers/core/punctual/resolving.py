"""What a person decides about a delivery: another try, or what became of a post that the platform never confirmed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from punctual.clock import Now
from punctual.deliveries import Deliveries, Delivery
from punctual.due import GRACE
from punctual.messages import Queue, Step
from punctual.parts import LivePart
from punctual.posts import Post, Posts
from punctual.problems import Conflict, NotFound
from punctual.states import DeliveryStatus
from punctual.tables import ConditionFailed, transact

Outcome: TypeAlias = Literal["published", "not_published"]

RETRIABLE = frozenset({DeliveryStatus.ERROR, DeliveryStatus.MISSED, DeliveryStatus.PARTIAL})
_NOT_RETRIABLE = {
    DeliveryStatus.UNCONFIRMED: ("outcome_unknown", "It may be live. Look at the account, then resolve it first."),
    DeliveryStatus.COMPLETED: ("already_published", "It went out; there is nothing to try again."),
    DeliveryStatus.CANCELLED: ("cancelled", "It was cancelled. Duplicate the post to send it after all."),
    DeliveryStatus.DRAFT: ("is_draft", "It is a draft. Give the post a time, or publish it."),
    DeliveryStatus.HELD: ("reconnect_required", "Reconnect its channel; it then goes out by itself."),
}
_ROUNDS = 5
_SETTLES = timedelta(seconds=82)
"""Of a call since its mark: longer than any platform may take to make a late write visible."""
_CLEARED: dict[str, Any] = dict.fromkeys(
    ("sending_at", "first_sent_at", "first_sent_by", "fingerprint", "look_at", "polling_since", "held_grant", "after")
) | {"polls": 0, "tries": 0, "looks": 0, "prepared": {}, "is_restored": False}


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """`platform_id` and `url` are of the post that the person found on the platform; both may be unknown."""

    outcome: Outcome
    platform_id: str | None = None
    url: str | None = None


class Resolving:
    """`client` is the DynamoDB client that the stores use."""

    def __init__(self, *, client: Any, posts: Posts, deliveries: Deliveries, queue: Queue, now: Now):
        self._client = client
        self._posts = posts
        self._deliveries = deliveries
        self._queue = queue
        self._now = now

    def retry(self, workspace_id: str, post_id: str, delivery_id: str) -> None:
        """At once, and with the post's whole `max_delay_seconds` again. What is live is not sent again."""
        for _ in range(_ROUNDS):
            post, seen = self._get(workspace_id, post_id, delivery_id)
            if seen.status not in RETRIABLE:
                raise Conflict(*_NOT_RETRIABLE.get(seen.status, ("in_progress", f"It is {seen.status} already.")))
            if any(part.deleted_at for part in seen.live):
                raise Conflict(
                    "withdrawn", "What the rest would answer was deleted on the platform. Duplicate the post."
                )
            now = self._now()
            status = DeliveryStatus.PUBLISHING if seen.live else DeliveryStatus.SCHEDULED
            part_due_at = now if seen.live else None
            changes = {**_CLEARED, "status": status, "part_due_at": part_due_at, "retried_at": now, "error": None}
            if self._won(post, seen, now + GRACE, {**changes, "completed_at": None}):
                self._wake(seen)
                self._posts.roll_up(post_id)
                return
        raise _busy()

    def resolve(self, workspace_id: str, post_id: str, delivery_id: str, found: Resolution) -> None:
        """Of an UNCONFIRMED delivery only."""
        for _ in range(_ROUNDS):
            post, seen = self._get(workspace_id, post_id, delivery_id)
            if seen.status is not DeliveryStatus.UNCONFIRMED:
                raise Conflict("not_unconfirmed", f"It is {seen.status}; only an unconfirmed delivery is resolved.")
            if found.outcome == "not_published" and _may_land(seen, self._now()):
                raise Conflict("in_progress", "It is being looked for or sent again. Look again in two minutes.")
            changes = self._published(seen, found) if found.outcome == "published" else self._not_published(seen)
            goes_on = changes["status"] is DeliveryStatus.PUBLISHING
            if self._won(post, seen, self._now() + GRACE if goes_on else None, {**_CLEARED, **changes}):
                if goes_on:
                    self._wake(seen)
                self._posts.roll_up(post_id)
                return
        raise _busy()

    def _published(self, seen: Delivery, found: Resolution) -> dict[str, Any]:
        """A thread goes on where the platform's id is known, since that is what its next part answers."""
        now = self._now()
        part = LivePart(platform_id=found.platform_id or "", url=found.url or "", live_at=now)
        changes: dict[str, Any] = {"live": (*seen.live, part), "error": None, "is_restored": seen.is_restored}
        if not seen.live:
            changes |= {"platform_id": found.platform_id, "url": found.url, "started_at": seen.first_sent_at}
        if seen.part == len(seen.follow_ups):
            return {**changes, "status": DeliveryStatus.COMPLETED, "completed_at": now}
        if found.platform_id:
            return {**changes, "status": DeliveryStatus.PUBLISHING, "part_due_at": now, "retried_at": now}
        told = {"code": "part_unknown", "message": "The rest was not sent: the id of the part before it is not known."}
        return {**changes, "status": DeliveryStatus.PARTIAL, "completed_at": now, "error": told}

    def _not_published(self, seen: Delivery) -> dict[str, Any]:
        told = {"code": "not_published", "message": "It did not go out, as a person found. Retry it to send it now."}
        status = DeliveryStatus.PARTIAL if seen.live else DeliveryStatus.ERROR
        return {"status": status, "completed_at": self._now(), "error": told}

    def _get(self, workspace_id: str, post_id: str, delivery_id: str) -> tuple[Post, Delivery]:
        post = self._posts.get(post_id)
        seen = self._deliveries.get(post_id, delivery_id) if post and post.workspace_id == workspace_id else None
        if post is None or seen is None:
            raise NotFound("not_found", "The workspace has no such delivery.")
        return post, seen

    def _won(self, post: Post, seen: Delivery, next_at: Any, changes: dict[str, Any]) -> bool:
        operations = [self._posts.reopening(post), self._deliveries.revising(seen, next_at, **changes)]
        try:
            transact(self._client, operations)
        except ConditionFailed:
            return False
        return True

    def _wake(self, seen: Delivery) -> None:
        """Lost, it costs a minute: the delivery's clock is set."""
        self._queue.send(
            Step(
                workspace_id=seen.workspace_id,
                post_id=seen.post_id,
                delivery_id=seen.id,
                rev=seen.rev,
                woken_by="direct",
            )
        )


def _may_land(seen: Delivery, now: datetime) -> bool:
    """A look may send again; whoever looked at the account before that knows nothing of it."""
    return seen.leased(now) or (seen.sending_at is not None and now < seen.sending_at + _SETTLES)


def _busy() -> Conflict:
    return Conflict("changed_meanwhile", "The delivery was changed at the same moment. Look at it and try again.")

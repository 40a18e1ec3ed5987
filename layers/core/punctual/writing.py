"""Writing posts: create, edit, publish now, cancel, delete. Each is one transaction; the schedule follows it.

Edit and cancel race with the publisher: they change every delivery on condition that it is as they read it. Where
that fails they read again, and either win whole or answer `already_publishing`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from punctual import ids
from punctual.clock import Now
from punctual.composing import Composed, Composing, Content
from punctual.deliveries import Deliveries, Delivery
from punctual.drafts import NewPost, PartDraft, PostChange, TargetDraft
from punctual.messages import Wake
from punctual.parts import FollowUp
from punctual.posts import Post, Posts, Target, first_clock
from punctual.problems import Conflict, Fault, Invalid, NotFound
from punctual.scheduling import Scheduling
from punctual.sizes import too_large
from punctual.states import DeliveryStatus, PostStatus, roll_up
from punctual.tables import ConditionFailed, Item, transact

_ROUNDS = 5
_AFRESH: dict[str, Any] = dict.fromkeys(
    ("held_version", "woken_by", "error", "after", "polling_since", "part_due_at", "retried_at")
) | {"prepared": {}, "tries": 0, "polls": 0}


@dataclass(frozen=True, kw_only=True)
class Written:
    """A post with its deliveries, as stored."""

    post: Post
    deliveries: list[Delivery]


class Writing:
    """`client` is the DynamoDB client that the stores use."""

    def __init__(
        self,
        *,
        client: Any,
        posts: Posts,
        deliveries: Deliveries,
        composing: Composing,
        scheduling: Scheduling,
        now: Now,
    ):
        self._client = client
        self._posts = posts
        self._deliveries = deliveries
        self._composing = composing
        self._scheduling = scheduling
        self._now = now

    def get(self, workspace_id: str, post_id: str) -> Written:
        """Its status computed from the deliveries: the stored one may lag by a moment."""
        post = self._posts.get(post_id)
        if post is None or post.workspace_id != workspace_id:
            raise NotFound("not_found", "The workspace has no such post.")
        deliveries = self._deliveries.of_post(post_id)
        if deliveries:
            post = replace(post, status=roll_up([delivery.status for delivery in deliveries]))
        return Written(post=post, deliveries=deliveries)

    def create(self, workspace_id: str, draft: NewPost) -> Written:
        now = self._now()
        due_at = now if draft.schedule else draft.scheduled_at
        post = Post(
            id=ids.new("post"),
            workspace_id=workspace_id,
            status=PostStatus.DRAFT,
            text=draft.text or "",
            thread=_thread(draft.thread),
            first_comment=_comment(draft.first_comment),
            targets=_targets(draft.targets),
            created_at=now,
            updated_at=now,
            due_at=due_at,
            timezone=str(draft.timezone),
            max_delay_seconds=draft.max_delay_seconds,
        )
        parts = self._checked(post, is_now=bool(draft.schedule))
        if due_at is None:
            transact(self._client, [self._posts.putting(post)])
            return Written(post=post, deliveries=[])
        post = replace(post, status=PostStatus.SCHEDULED, next_at=first_clock(due_at, now))
        deliveries = [self._delivery(post, due_at, part, _lead(parts)) for part in parts]
        puts = [self._deliveries.putting(delivery) for delivery in deliveries]
        transact(self._client, [self._posts.putting(post), *puts])
        self._arm(post, due_at, parts)
        return Written(post=post, deliveries=deliveries)

    def edit(self, workspace_id: str, post_id: str, change: PostChange) -> Written:
        given = change.given()
        if "targets" in given:
            given["targets"] = _targets(given["targets"] or ())
        if "thread" in given:
            given["thread"] = _thread(given["thread"] or ())
        if "first_comment" in given:
            given["first_comment"] = _comment(given["first_comment"])
        if "timezone" in given:
            given["timezone"] = str(given["timezone"] or "UTC")
        if "scheduled_at" in given:
            given["due_at"] = given.pop("scheduled_at")
        defaults = {"text": "", "max_delay_seconds": 3600}
        changed = {name: defaults.get(name) if value is None else value for name, value in given.items()}
        return self._rewritten(workspace_id, post_id, lambda _: changed)

    def publish(self, workspace_id: str, post_id: str) -> Written:
        """At once, whatever its time was."""
        return self._rewritten(workspace_id, post_id, lambda _: {"due_at": self._now()}, is_now=True)

    def cancel(self, workspace_id: str, post_id: str) -> Written:
        """Of what nobody can see yet; what is already live stays, and of a thread the rest is stopped."""
        for _ in range(_ROUNDS):
            seen = self.get(workspace_id, post_id)
            _refuse_while_sending(seen)
            open_ones = [delivery for delivery in seen.deliveries if delivery.is_open]
            if not open_ones:
                raise Conflict("not_cancellable", f"The post is {seen.post.status}: there is nothing to cancel.")
            rev = seen.post.rev + 1
            left = [delivery for delivery in seen.deliveries if not delivery.is_open]
            status = roll_up([*(each.status for each in left), *(_stopped(each) for each in open_ones)])
            next_at = seen.post.next_at if any(each.next_at for each in left) else None
            post = self._next(seen.post, status=status, rev=rev, next_at=next_at)
            gone = [
                self._deliveries.revising(each, None, status=_stopped(each), rev=rev, prepared={}) for each in open_ones
            ]
            if self._won([self._posts.replacing(seen.post, post), *gone]):
                self._scheduling.disarm(post_id, seen.post.rev)
                return self.get(workspace_id, post_id)
        raise _busy()

    def delete(self, workspace_id: str, post_id: str) -> None:
        seen = self.get(workspace_id, post_id)
        if seen.post.status not in (PostStatus.DRAFT, PostStatus.CANCELLED):
            detail = f"The post is {seen.post.status}; only drafts and cancelled posts are deleted. Cancel it first."
            raise Conflict("not_deletable", detail)
        removed = [self._deliveries.removing(delivery) for delivery in seen.deliveries]
        if not self._won([self._posts.removing(seen.post), *removed]):
            raise Conflict("changed_meanwhile", "The post was changed at the same moment. Look at it and try again.")

    def _rewritten(
        self, workspace_id: str, post_id: str, change: Callable[[Post], dict[str, Any]], *, is_now: bool = False
    ) -> Written:
        for _ in range(_ROUNDS):
            seen = self.get(workspace_id, post_id)
            _refuse_while_sending(seen)
            if not all(delivery.is_open and not delivery.live for delivery in seen.deliveries):
                raise Conflict("not_editable", f"The post is {seen.post.status}; it cannot be changed any more.")
            post = self._next(seen.post, rev=seen.post.rev + 1, **change(seen.post))
            parts = self._checked(post, is_now=is_now)
            post, operations = self._revision(seen, post, parts)
            if self._won([self._posts.replacing(seen.post, post), *operations]):
                if post.due_at:
                    self._arm(post, post.due_at, parts)
                self._scheduling.disarm(post_id, seen.post.rev)
                return self.get(workspace_id, post_id)
        raise _busy()

    def _revision(self, seen: Written, post: Post, parts: list[Composed]) -> tuple[Post, list[Item]]:
        """The post and its deliveries' operations, from what they were to what they shall be."""
        before = {delivery.channel_id: delivery for delivery in seen.deliveries}
        if post.due_at is None:
            removed = [self._deliveries.removing(delivery) for delivery in seen.deliveries]
            return replace(post, status=PostStatus.DRAFT, next_at=None), removed
        due_at = post.due_at
        post = replace(post, status=PostStatus.SCHEDULED, next_at=first_clock(due_at, self._now()))
        operations = []
        for part in parts:
            old = before.pop(part.channel.id, None)
            fresh = self._delivery(post, due_at, part, _lead(parts))
            if old is None:
                operations.append(self._deliveries.putting(fresh))
                continue
            operations.append(
                self._deliveries.revising(
                    old,
                    fresh.next_at,
                    status=DeliveryStatus.SCHEDULED,
                    rev=post.rev,
                    due_at=due_at,
                    max_delay_seconds=post.max_delay_seconds,
                    text=part.text,
                    settings=part.settings,
                    follow_ups=post.follow_ups,
                    **_AFRESH,
                )
            )
        return post, [*operations, *(self._deliveries.removing(old) for old in before.values())]

    def _checked(self, post: Post, *, is_now: bool) -> list[Composed]:
        content = Content(text=post.text or None, follow_ups=post.follow_ups)
        parts, wrong = self._composing.compose(post.workspace_id, content, post.targets)
        if post.due_at and not post.targets:
            message = "A post that shall go out needs at least one target."
            wrong.append(Fault(param="/targets", rule="targets.required", message=message))
        if post.due_at and not is_now and post.due_at <= self._now():
            message = 'This time has passed. Give a later one, or schedule: "now".'
            wrong.append(Fault(param="/scheduled_at", rule="scheduled_at.future", message=message))
        wrong += too_large(post, parts)
        if wrong:
            raise Invalid(wrong)
        return parts

    def _delivery(self, post: Post, due_at: datetime, part: Composed, lead_seconds: int) -> Delivery:
        return Delivery(
            id=ids.new("dlv"),
            post_id=post.id,
            workspace_id=post.workspace_id,
            channel_id=part.channel.id,
            provider=part.channel.provider,
            status=DeliveryStatus.SCHEDULED,
            rev=post.rev,
            due_at=due_at,
            max_delay_seconds=post.max_delay_seconds,
            text=part.text,
            settings=part.settings,
            follow_ups=post.follow_ups,
            next_at=self._scheduling.first_clock(due_at, lead_seconds),
        )

    def _arm(self, post: Post, due_at: datetime, parts: list[Composed]) -> None:
        wake = Wake(workspace_id=post.workspace_id, post_id=post.id, rev=post.rev, woken_by="schedule")
        self._scheduling.arm(wake, due_at, _lead(parts))

    def _next(self, post: Post, **changes: Any) -> Post:
        return replace(post, version=post.version + 1, updated_at=self._now(), **changes)

    def _won(self, operations: list[Item]) -> bool:
        try:
            transact(self._client, operations)
        except ConditionFailed:
            return False
        return True


def _targets(drafts: tuple[TargetDraft, ...]) -> tuple[Target, ...]:
    return tuple(Target(channel_id=d.channel_id, text=d.text, settings=d.settings) for d in drafts)


def _thread(drafts: tuple[PartDraft, ...]) -> tuple[FollowUp, ...]:
    return tuple(FollowUp(kind="thread", text=d.text, delay_seconds=d.delay_seconds) for d in drafts)


def _comment(draft: PartDraft | None) -> FollowUp | None:
    return FollowUp(kind="comment", text=draft.text, delay_seconds=draft.delay_seconds) if draft else None


def _lead(parts: list[Composed]) -> int:
    return max((part.lead_seconds for part in parts), default=0)


def _stopped(delivery: Delivery) -> DeliveryStatus:
    return DeliveryStatus.PARTIAL if delivery.live else DeliveryStatus.CANCELLED


def _refuse_while_sending(seen: Written) -> None:
    """A call is being made, or its outcome is being looked for."""
    if any(each.status is DeliveryStatus.PUBLISHING and each.sending_at for each in seen.deliveries):
        raise _busy()


def _busy() -> Conflict:
    return Conflict("already_publishing", "The post is being published right now. Look at it again in a moment.")

"""Writing posts: create, edit, publish now, cancel, delete. Each is one transaction; the schedule follows it.

Edit and cancel race with the publisher: they change every delivery on condition that it is as they read it. Where
that fails they read again, and either win whole or answer `already_publishing`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from punctual import drafted
from punctual.attaching import media_ids_of, unfit
from punctual.clock import Now
from punctual.deliveries import Deliveries, Delivery
from punctual.drafts import NewPost, PostChange, PostCopy
from punctual.duplicates import DuplicatePost, Duplicates
from punctual.idempotency import Taken
from punctual.media.asking import Asking
from punctual.media.uses import Uses
from punctual.messages import Wake
from punctual.planning import Plan, Planning
from punctual.posts import Post, Posts, first_clock
from punctual.problems import Conflict, Fault, Invalid, NotFound, PreconditionFailed
from punctual.scheduling import Scheduling
from punctual.states import DeliveryStatus, PostStatus, roll_up
from punctual.tables import MAX_OPERATIONS, ConditionFailed, Item, transact

_ROUNDS = 5
_AFRESH: dict[str, Any] = dict.fromkeys(
    ("held_grant", "woken_by", "error", "after", "polling_since", "part_due_at", "retried_at")
) | {"prepared": {}, "tries": 0, "polls": 0}

Revs: TypeAlias = frozenset[int] | None
"""Which of the post's revisions a request is about; None: whatever it is now."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A post with its deliveries, as stored. `warnings` are of what was just written."""

    post: Post
    deliveries: list[Delivery]
    warnings: Sequence[Fault] = ()


Recording: TypeAlias = Callable[[Written], Item]
"""An operation to be made in the transaction that creates; where it fails, `Taken`."""


class Writing:
    """`client` is the DynamoDB client that the stores use."""

    def __init__(
        self,
        *,
        client: Any,
        posts: Posts,
        deliveries: Deliveries,
        duplicates: Duplicates,
        planning: Planning,
        scheduling: Scheduling,
        asking: Asking,
        uses: Uses,
        now: Now,
    ):
        self._client = client
        self._posts = posts
        self._deliveries = deliveries
        self._duplicates = duplicates
        self._planning = planning
        self._scheduling = scheduling
        self._asking = asking
        self._uses = uses
        self._now = now

    def get(self, workspace_id: str, post_id: str, revs: Revs = None) -> Written:
        """Its status computed from the deliveries: the stored one may lag by a moment."""
        post = self._posts.get(post_id)
        if post is None or post.workspace_id != workspace_id:
            raise NotFound("not_found", "The workspace has no such post.")
        if revs is not None and post.rev not in revs:
            detail = f"The post was changed meanwhile: it is at revision {post.rev}. Look at it and try again."
            raise PreconditionFailed("version_mismatch", detail)
        deliveries = self._deliveries.of_post(post_id)
        if deliveries:
            post = replace(post, status=roll_up([delivery.status for delivery in deliveries]))
        return Written(post=post, deliveries=deliveries)

    def create(
        self, workspace_id: str, draft: NewPost, recording: Recording | None = None, post_id: str | None = None
    ) -> Written:
        """`post_id` where the caller has made one. Raises Invalid, DuplicatePost, Taken."""
        post = drafted.as_post(workspace_id, draft, self._now(), post_id)
        return self._created(post, is_now=bool(draft.schedule), recording=recording)

    def duplicate(
        self, workspace_id: str, post_id: str, given: PostCopy, recording: Recording | None = None
    ) -> Written:
        """Raises as `create`, and NotFound."""
        post = drafted.copy(self.get(workspace_id, post_id).post, given, self._now())
        return self._created(post, is_now=bool(given.schedule), recording=recording)

    def edit(self, workspace_id: str, post_id: str, change: PostChange, revs: Revs = None) -> Written:
        given = drafted.changes(change)
        return self._rewritten(workspace_id, post_id, revs, lambda _: given)

    def publish(self, workspace_id: str, post_id: str, revs: Revs = None) -> Written:
        """At once, whatever its time was."""
        return self._rewritten(workspace_id, post_id, revs, lambda _: {"due_at": self._now()}, is_now=True)

    def cancel(self, workspace_id: str, post_id: str, revs: Revs = None) -> Written:
        """Of what nobody can see yet; what is already live stays, and of a thread the rest is stopped."""
        for _ in range(_ROUNDS):
            seen = self.get(workspace_id, post_id, revs)
            _refuse_while_sending(seen)
            open_ones = [each for each in seen.deliveries if each.is_open and each.goes_out]
            if not open_ones:
                raise Conflict("not_cancellable", f"The post is {seen.post.status}: there is nothing to cancel.")
            rev = seen.post.rev + 1
            left = [delivery for delivery in seen.deliveries if delivery not in open_ones]
            status = roll_up([*(each.status for each in left), *(each.stops_as for each in open_ones)])
            next_at = seen.post.next_at if any(each.next_at for each in left) else None
            post = self._next(seen.post, status=status, rev=rev, next_at=next_at)
            gone = [
                self._deliveries.revising(each, None, status=each.stops_as, rev=rev, prepared={}) for each in open_ones
            ]
            if self._won([*self._posts.replacing(seen.post, post), *gone]):
                self._scheduling.disarm(post_id, seen.post.rev)
                return self.get(workspace_id, post_id)
        raise _busy()

    def delete(self, workspace_id: str, post_id: str, revs: Revs = None) -> None:
        seen = self.get(workspace_id, post_id, revs)
        if seen.post.status not in (PostStatus.DRAFT, PostStatus.CANCELLED):
            detail = f"The post is {seen.post.status}; only drafts and cancelled posts are deleted. Cancel it first."
            raise Conflict("not_deletable", detail)
        removed = [self._deliveries.removing(delivery) for delivery in seen.deliveries]
        removed += self._using(seen.post, None)
        if not self._won([*self._posts.removing(seen.post), *removed]):
            raise Conflict("changed_meanwhile", "The post was changed at the same moment. Look at it and try again.")

    def _created(self, post: Post, *, is_now: bool, recording: Recording | None) -> Written:
        plan = self._planning.agreed(post, is_now=is_now)
        post = replace(self._timed(post), providers=plan.providers)
        written = Written(post=post, deliveries=self._planning.deliveries(post, plan), warnings=_warnings(post, plan))
        self._have_made(post, plan)
        record = [recording(written)] if recording else []
        puts = [*self._posts.putting(post), *map(self._deliveries.putting, written.deliveries)]
        puts += self._using(None, post)
        for _ in range(_ROUNDS):
            try:
                transact(self._client, [*record, *puts, *self._guards(post, written.deliveries)])
            except ConditionFailed as error:
                if record and 0 in error.failed:
                    raise Taken() from error
                continue
            self._arm(post, plan)
            return written
        raise _contended()

    def _rewritten(
        self,
        workspace_id: str,
        post_id: str,
        revs: Revs,
        change: Callable[[Post], dict[str, Any]],
        *,
        is_now: bool = False,
    ) -> Written:
        for _ in range(_ROUNDS):
            seen = self.get(workspace_id, post_id, revs)
            _refuse_while_sending(seen)
            if not all(delivery.is_open and not delivery.live for delivery in seen.deliveries):
                raise Conflict("not_editable", f"The post is {seen.post.status}; it cannot be changed any more.")
            post = self._timed(self._next(seen.post, rev=seen.post.rev + 1, **change(seen.post)))
            plan = self._planning.agreed(post, is_now=is_now)
            post = replace(post, providers=plan.providers)
            self._have_made(post, plan)
            fresh = self._planning.deliveries(post, plan, seen.deliveries)
            operations = [
                *self._posts.replacing(seen.post, post),
                *self._revision(seen.deliveries, fresh),
                *self._using(seen.post, post),
                *self._guards(post, fresh),
            ]
            if len(operations) > MAX_OPERATIONS:
                raise Invalid([_TOO_MANY_AT_ONCE])
            if self._won(operations):
                self._arm(post, plan)
                self._scheduling.disarm(post_id, seen.post.rev)
                return replace(self.get(workspace_id, post_id), warnings=_warnings(post, plan))
        raise _busy()

    def _revision(self, seen: Sequence[Delivery], fresh: Sequence[Delivery]) -> list[Item]:
        """What turns the deliveries that were into those that shall be; a channel's keeps its id."""
        before = {delivery.channel_id: delivery for delivery in seen}
        operations = []
        for each in fresh:
            old = before.pop(each.channel_id, None)
            if old is None:
                operations.append(self._deliveries.putting(each))
                continue
            operations.append(
                self._deliveries.revising(
                    old,
                    each.next_at,
                    status=each.status,
                    rev=each.rev,
                    due_at=each.due_at,
                    max_delay_seconds=each.max_delay_seconds,
                    text=each.text,
                    settings=each.settings,
                    stands_for_provider=each.stands_for_provider,
                    follow_ups=each.follow_ups,
                    attached=each.attached or None,
                    **_AFRESH,
                )
            )
        return [*operations, *(self._deliveries.removing(old) for old in before.values())]

    def _using(self, before: Post | None, after: Post | None) -> Sequence[Item]:
        """What tells of the post which media need it no more, and which do now."""
        old, new = (media_ids_of(post) if post else () for post in (before, after))
        post = before or after
        return self._uses.changing(post.workspace_id, post.id, old, new) if post else ()

    def _have_made(self, post: Post, plan: Plan) -> None:
        """What the platforms are to get, while there is time; before the post is stored, since without it the post
        could not go out. Raises Invalid where one was tried before and did not work out."""
        if not post.due_at:
            return
        made = self._asking.ask(post.workspace_id, plan.renditions)
        if wrong := list(unfit(post, made)):
            raise Invalid(wrong)

    def _guards(self, post: Post, deliveries: Sequence[Delivery]) -> list[Item]:
        """Raises DuplicatePost."""
        if not post.due_at:
            return []
        guards, repeated = self._duplicates.guarding(deliveries, allowed=post.allow_duplicate)
        if repeated:
            raise DuplicatePost(repeated)
        return guards

    def _timed(self, post: Post) -> Post:
        """With the state and the clock that go with its time."""
        if post.due_at is None:
            return replace(post, status=PostStatus.DRAFT, next_at=None)
        next_at = first_clock(post.id, post.due_at, self._now())
        return replace(post, status=PostStatus.SCHEDULED, next_at=next_at)

    def _arm(self, post: Post, plan: Plan) -> None:
        if post.due_at:
            wake = Wake(workspace_id=post.workspace_id, post_id=post.id, rev=post.rev, woken_by="schedule")
            self._scheduling.arm(wake, post.due_at, plan.lead_seconds)

    def _next(self, post: Post, **changes: Any) -> Post:
        """What was found of the post as it was says nothing of the post as it shall be."""
        forgotten: dict[str, Any] = {"at_risk": (), "at_risk_since": None}
        return replace(post, version=post.version + 1, updated_at=self._now(), **forgotten, **changes)

    def _won(self, operations: list[Item]) -> bool:
        try:
            transact(self._client, operations)
        except ConditionFailed:
            return False
        return True


_TOO_MANY_AT_ONCE = Fault(
    param="/targets",
    rule="targets.too_many_changed",
    message="This changes too many targets, labels and media at once. Do it in two steps: fewer targets first.",
)


def _warnings(post: Post, plan: Plan) -> Sequence[Fault]:
    """Of a draft also what would keep it from going out."""
    return plan.warnings if post.due_at else (*plan.broken, *plan.warnings)


def _refuse_while_sending(seen: Written) -> None:
    """A call is being made, or its outcome is being looked for."""
    if any(each.status is DeliveryStatus.PUBLISHING and each.sending_at for each in seen.deliveries):
        raise _busy()


def _busy() -> Conflict:
    return Conflict("already_publishing", "The post is being published right now. Look at it again in a moment.")


def _contended() -> Conflict:
    detail = "The same text is being posted on this channel by others at this moment. Try again."
    return Conflict("changed_meanwhile", detail)

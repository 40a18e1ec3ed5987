"""What would be said to a post that is not stored: everything that is wrong with it, and what it would meet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from punctual import drafted
from punctual.attaching import unfit
from punctual.clock import Now, to_text
from punctual.composing import Composed
from punctual.deliveries import Deliveries
from punctual.drafts import Content, Timing, Trial, is_timed
from punctual.duplicates import Duplicate, Duplicates
from punctual.measuring import Measured, measured
from punctual.media.asking import Asking
from punctual.planning import Plan, Planning
from punctual.posts import Post
from punctual.problems import Fault
from punctual.quotas import Before, Usage, usage
from punctual.validation import faults


@dataclass(frozen=True, kw_only=True)
class Target:
    """What one channel would get. `quota` is what the account has used by then."""

    composed: Composed
    parts: Sequence[Measured]
    quota: Sequence[Usage]
    limited_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`post` is None where its form is too broken to be read."""

    errors: Sequence[Fault]
    warnings: Sequence[Fault] = ()
    duplicates: Sequence[Duplicate] = ()
    post: Post | None = None
    is_timed: bool = False
    targets: Sequence[Target] = ()


class Validating:
    def __init__(self, *, planning: Planning, duplicates: Duplicates, deliveries: Deliveries, asking: Asking, now: Now):
        self._planning = planning
        self._asking = asking
        self._duplicates = duplicates
        self._deliveries = deliveries
        self._now = now

    def validate(self, workspace_id: str, given: Mapping[str, Any]) -> Findings:
        readable, wrong = _readable(given)
        try:
            draft = Trial.model_validate(readable)
        except ValidationError as error:
            return Findings(errors=list(dict.fromkeys([*wrong, *faults(error)])))
        post = drafted.as_post(workspace_id, draft, self._now())
        plan = self._planning.plan(post, is_now=bool(draft.schedule))
        repeated = self._repeated(post, plan)
        targets = [self._target(post, part) for part in plan.parts]
        wanting = (*plan.broken, *unfit(post, self._asking.known(workspace_id, plan.renditions)))
        broken = wanting if post.due_at else ()
        harmless = () if post.due_at else wanting
        return Findings(
            errors=[*wrong, *plan.faults, *broken, *_repeats(plan, repeated)],
            warnings=[
                *harmless,
                *plan.warnings,
                *(fault for each in targets for fault in _waits(each, post.due_at or self._now())),
            ],
            duplicates=repeated,
            post=post,
            is_timed=is_timed(readable),
            targets=targets,
        )

    def _repeated(self, post: Post, plan: Plan) -> Sequence[Duplicate]:
        if not post.due_at:
            return ()
        wanted = self._planning.deliveries(post, plan)
        return self._duplicates.guarding(wanted, allowed=post.allow_duplicate)[1]

    def _target(self, post: Post, composed: Composed) -> Target:
        now, channel = self._now(), composed.channel
        at = post.due_at or now
        before = Before(channel_id=channel.id, post_id=post.id, due_at=at)
        caps = composed.provider.caps(channel.account)
        until = channel.limited_until
        return Target(
            composed=composed,
            parts=list(measured(composed)),
            quota=[usage(self._deliveries, cap, before, at) for cap in caps],
            limited_until=until if until and until > now else None,
        )


def _readable(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Without what is at fault outside its content: a label that is too long keeps nobody from looking at the text."""
    try:
        Trial.model_validate(dict(given))
    except ValidationError as error:
        wrong = faults(error)
    else:
        return dict(given), []
    names = {_top(fault.param) for fault in wrong} - Content.model_fields.keys()
    unread = names | (Timing.model_fields.keys() if "" in names else set())
    return {name: value for name, value in given.items() if name not in unread}, wrong


def _top(pointer: str) -> str:
    """The member of the body; empty: the body itself."""
    return "".join(pointer.split("/")[1:2]).replace("~1", "/").replace("~0", "~")


def _repeats(plan: Plan, repeated: Sequence[Duplicate]) -> Iterator[Fault]:
    places = {part.channel.id: part.place for part in plan.parts}
    for each in repeated:
        pointer = f"/targets/{places[each.channel_id]}/text"
        message = (
            f"{each.earlier.post_id} says the same on this channel within 24 hours. "
            "Change the text, or send allow_duplicate: true."
        )
        yield Fault(param=pointer, rule="duplicate_post", message=message)


def _waits(target: Target, at: datetime) -> Iterator[Fault]:
    """What is known of limits beside what keeps it back at its time, of which the plan warns."""
    name = target.composed.provider.spec.name
    pointer = f"/targets/{target.composed.place}/channel_id"
    if target.limited_until and target.limited_until <= at:
        message = f"{name} takes no more from this account until {to_text(target.limited_until)}."
        yield Fault(param=pointer, rule="channel.limited", message=message)
    for each in target.quota:
        if each.free_at:
            message = (
                f"{name} takes {each.cap.posts} posts in {each.cap.seconds} s, and they are made or planned: "
                f"this one would wait until {to_text(each.free_at)}."
            )
            yield Fault(param=pointer, rule="channel.quota_used", message=message)

"""From a post to the deliveries it asks for, with everything that is wrong with it, and everything to be warned of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from punctual import ids
from punctual.attaching import media_ids_of
from punctual.clock import Now
from punctual.composing import Composed, Composing
from punctual.deliveries import Delivery
from punctual.media.recipes import Recipe
from punctual.posts import Post
from punctual.problems import Fault, Invalid
from punctual.risks import of_channel, of_version
from punctual.scheduling import Scheduling
from punctual.sizes import too_large
from punctual.spacing import Spacing
from punctual.states import DeliveryStatus
from punctual.tables import MAX_OPERATIONS


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`faults` keep it from being stored, `broken` only from going out: a draft may have them."""

    parts: tuple[Composed, ...] = ()
    faults: tuple[Fault, ...] = ()
    broken: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    @property
    def lead_seconds(self) -> int:
        return max((part.lead_seconds for part in self.parts), default=0)

    @property
    def renditions(self) -> Iterator[tuple[str, Recipe]]:
        """What is to be made of media, some of it more than once."""
        return (each for part in self.parts for files in part.carried for file in files for each in file.recipes())

    @property
    def providers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.channel.provider for part in self.parts))


def at_risk(part: Composed, at: datetime, pointer: str) -> Iterator[Fault]:
    """What is known already to keep a post of that time back."""
    for risk in (*of_channel(part.channel, at), *of_version(part.provider, at)):
        yield Fault(param=pointer, rule=f"channel.{risk.code}", message=risk.message)


def _too_many(post: Post) -> Iterator[Fault]:
    """Post, labels, deliveries with their guards, and a row that each media is used: one transaction."""
    media = len(media_ids_of(post))
    left = MAX_OPERATIONS - 2 - len(post.labels) - 2 * len(post.targets)
    if media > left:
        message = f"With so many targets and labels, a post can name {max(left, 0)} media; this one names {media}."
        yield Fault(param="/media", rule="media.too_many", message=message)


class Planning:
    def __init__(self, composing: Composing, spacing: Spacing, scheduling: Scheduling, now: Now):
        self._composing = composing
        self._spacing = spacing
        self._scheduling = scheduling
        self._now = now

    def plan(self, post: Post, *, is_now: bool) -> Plan:
        parts, faults = self._composing.compose(post)
        broken = [fault for part in parts for fault in part.faults]
        warnings: list[Fault] = []
        faults += [*too_large(post, parts), *_too_many(post)]
        for part in parts:
            pointer = f"/targets/{part.place}/channel_id"
            warnings += part.warnings
            warnings += at_risk(part, post.due_at or self._now(), pointer)
        if post.due_at:
            faults += self._time_faults(post, post.due_at, is_now=is_now)
            for part in parts:
                pointer = f"/targets/{part.place}/channel_id"
                too_many, too_near = self._spacing.check(part.channel, post.id, post.due_at, pointer)
                faults += too_many
                warnings += too_near
        once = dict.fromkeys(broken)  # targets share their post's thread, and so its faults
        warned = dict.fromkeys(warnings)
        return Plan(parts=tuple(parts), faults=tuple(faults), broken=tuple(once), warnings=tuple(warned))

    def agreed(self, post: Post, *, is_now: bool) -> Plan:
        """A plan that can be stored. A draft may break every rule but those of form. Raises Invalid."""
        plan = self.plan(post, is_now=is_now)
        wrong = [*plan.faults, *(plan.broken if post.due_at else ())]
        if wrong:
            raise Invalid(wrong)
        return plan

    def deliveries(self, post: Post, plan: Plan, before: Sequence[Delivery] = ()) -> list[Delivery]:
        """As they would be stored if they were new; a channel that had one before keeps its id."""
        known = {each.channel_id: each.id for each in before}
        providers = [part.channel.provider for part in plan.parts]
        found = []
        for place, part in enumerate(plan.parts):
            fresh = self._delivery(post, part, known.get(part.channel.id) or ids.new("dlv"), plan.lead_seconds)
            found.append(replace(fresh, stands_for_provider=providers.index(part.channel.provider) == place))
        return found

    def _delivery(self, post: Post, part: Composed, delivery_id: str, lead_seconds: int) -> Delivery:
        due_at = post.due_at
        return Delivery(
            id=delivery_id,
            post_id=post.id,
            workspace_id=post.workspace_id,
            channel_id=part.channel.id,
            provider=part.channel.provider,
            status=DeliveryStatus.SCHEDULED if due_at else DeliveryStatus.DRAFT,
            rev=post.rev,
            due_at=due_at or post.created_at,
            max_delay_seconds=post.max_delay_seconds,
            text=part.text,
            settings=part.settings,
            attached=part.attached(0),
            follow_ups=tuple(
                replace(each, media=(), attached=part.attached(place))
                for place, each in enumerate(part.follow_ups, start=1)
            ),
            next_at=self._scheduling.first_clock(due_at, lead_seconds) if due_at else None,
        )

    def _time_faults(self, post: Post, due_at: datetime, *, is_now: bool) -> Iterator[Fault]:
        if not post.targets:
            message = "A post that shall go out needs at least one target."
            yield Fault(param="/targets", rule="targets.required", message=message)
        if not is_now and due_at <= self._now():
            message = 'This time has passed. Give a later one, or schedule: "now".'
            yield Fault(param="/scheduled_at", rule="scheduled_at.future", message=message)

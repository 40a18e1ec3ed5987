"""From what a client wrote to what each channel would get, with every rule that it breaks.

The closest text, thread, first comment, media and settings win: the target's, then its provider's override, then the
post's.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from punctual.attaching import Attaching, Carried, Fitted, missing, needed
from punctual.channels import Channel, Channels
from punctual.media.library import Media
from punctual.media.wanting import Attached, Wanted
from punctual.messages import MAX_DELAY_SECONDS
from punctual.parts import FollowUp
from punctual.posts import Post, Target, Variation
from punctual.problems import Fault
from punctual.providers import Providers, UnknownProvider
from punctual.providers.base import Provider
from punctual.validation import faults

_NOTHING = Variation()
_BYTES_A_SECOND = 4_000_000
"""What is reckoned with when media are taken to a platform; docs/decisions.md says why."""


@dataclass(frozen=True, kw_only=True)
class Composed:
    """What one channel would get. With `faults` it cannot go out; `settings` are then as they were given."""

    place: int
    """Of its target in the post."""
    channel: Channel
    provider: Provider
    text: str = field(repr=False)
    media: tuple[Wanted, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    """As they were written; `carried` has what their media become."""
    carried: tuple[tuple[Carried, ...], ...] = ()
    """By part, the post itself first."""
    settings: dict[str, Any] = field(default_factory=dict, repr=False)
    checked: Any = field(default=None, repr=False)
    """The settings as the provider's model; where they are not valid, its usual ones, or None if it has none."""
    lead_seconds: int = 0
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()

    def attached(self, part: int) -> tuple[Attached, ...]:
        return tuple(each.attached() for each in self.carried[part]) if self.carried else ()


class Composing:
    def __init__(self, channels: Channels, providers: Providers, attaching: Attaching):
        self._channels = channels
        self._providers = providers
        self._attaching = attaching

    def compose(self, post: Post) -> tuple[list[Composed], list[Fault]]:
        """What each target would get, in their order; and the faults of targets that are none."""
        parts: list[Composed] = []
        media = self._attaching.found(post)
        wrong = [*self._unknown_overrides(post.overrides), *missing(post, media)]
        seen: set[str] = set()
        for place, target in enumerate(post.targets):
            pointer = f"/targets/{place}/channel_id"
            if target.channel_id in seen:
                wrong.append(Fault(param=pointer, rule="target.unique", message="This channel is named twice."))
                continue
            seen.add(target.channel_id)
            found = self._part(post, place, target, media)
            if isinstance(found, Fault):
                wrong.append(found)
            else:
                parts.append(found)
        return parts, wrong

    def _part(self, post: Post, place: int, target: Target, media: Mapping[str, Media]) -> Composed | Fault:
        pointer = f"/targets/{place}/channel_id"
        channel = self._channels.get(post.workspace_id, target.channel_id)
        if channel is None:
            return Fault(param=pointer, rule="channel.exists", message="The workspace has no such channel.")
        try:
            provider = self._providers.get(channel.provider)
        except UnknownProvider:
            message = "This channel's provider is not available any more."
            return Fault(param=pointer, rule="provider.available", message=message)
        return self._checked(_closest(post, place, target, channel, provider), post, media)

    def _checked(self, part: Composed, post: Post, media: Mapping[str, Media]) -> Composed:
        """With every rule of its platform that it breaks, each named where the client wrote what breaks it."""
        where = _Where(part, post)
        found: list[Fault] = []
        settings = None
        try:
            settings = part.provider.spec.settings.model_validate(part.settings)
        except ValidationError as error:
            found += [replace(each, param=where.setting(each.param)) for each in faults(error)]
        if not part.text and not part.media:
            message = "Neither the post nor this target has a text, or media."
            found.append(Fault(param=f"/targets/{part.place}/text", rule="text.required", message=message))
        found += _thread_faults(part, where)
        checkable = settings if settings is not None else usual_settings(part.provider)
        fitted: list[Fitted] = []
        if checkable is not None:
            found += _broken(part, where, checkable, is_settled=settings is not None)
            fitted = list(self._fitted(part, where, checkable, media))
            found += [fault for each in fitted for fault in each.faults]
        warnings = tuple(warning for each in fitted for warning in each.warnings)
        part = replace(part, checked=checkable, warnings=warnings, carried=tuple(each.carried for each in fitted))
        if found or settings is None:
            return replace(part, faults=tuple(found))
        kept = settings.model_dump(mode="json", exclude_unset=True)
        return replace(part, settings=kept, lead_seconds=_lead_seconds(part, settings))

    def _fitted(self, part: Composed, where: "_Where", settings: Any, media: Mapping[str, Media]) -> Iterator[Fitted]:
        """By part, the post itself first."""
        provider = part.provider
        rules = provider.media_rules(settings, part.channel.account)
        first = self._attaching.fitted(part.media, media, provider, rules, where.media)
        lacking = needed(part.media, provider, rules, f"/targets/{part.place}/media")
        yield replace(first, faults=(*first.faults, *lacking))
        for place, each in enumerate(part.follow_ups):
            rules = provider.media_rules(settings, part.channel.account, each.kind)
            yield self._attaching.fitted(each.media, media, provider, rules, f"{where.follow_up(place)}/media")

    def _unknown_overrides(self, overrides: Mapping[str, Variation]) -> Sequence[Fault]:
        known = set(self._providers.ids())
        message = "There is no such provider; GET /v1/providers lists them."
        return [
            Fault(param=f"/overrides/{name}", rule="provider.exists", message=message)
            for name in overrides
            if name not in known
        ]


def _closest(post: Post, place: int, target: Target, channel: Channel, provider: Provider) -> Composed:
    override = post.overrides.get(channel.provider, _NOTHING)
    nearest_first = (target, override)
    text = next((each.text for each in nearest_first if each.text is not None), post.text)
    thread = next((each.thread for each in nearest_first if each.thread is not None), post.thread)
    media = next((each.media for each in nearest_first if each.media is not None), post.media)
    comment = post.first_comment
    for each in reversed(nearest_first):
        if each.first_comment or each.drops_first_comment:
            comment = each.first_comment
    return Composed(
        place=place,
        channel=channel,
        provider=provider,
        text=text,
        media=media,
        follow_ups=(*thread, comment) if comment else thread,
        settings={**override.settings, **target.settings},
    )


def _lead_seconds(part: Composed, settings: Any) -> int:
    """What the platform needs, and the time that the post's own media take to get there and be made playable."""
    carried = part.carried[0] if part.carried else ()
    seconds = part.provider.lead_seconds(part.text, settings)
    seconds += math.ceil(sum(each.bytes for each in carried) / _BYTES_A_SECOND)
    if any(each.judgement and each.judgement.kind == "video" for each in carried):
        seconds += part.provider.media_rules(settings, part.channel.account).video_seconds
    return min(seconds, MAX_DELAY_SECONDS)


def usual_settings(provider: Provider) -> Any:
    """Settings to check the texts with where those given are wrong; None where the platform has no usual ones."""
    try:
        return provider.spec.settings.model_validate({})
    except ValidationError:
        return None


def _broken(part: Composed, where: "_Where", settings: Any, *, is_settled: bool) -> list[Fault]:
    found = []
    account = part.channel.account
    if part.text or part.media:
        for each in part.provider.check(part.text, settings, account):
            if each.field != "text":
                pointer = where.setting("/" + each.field.removeprefix("settings/"))
                found += [Fault(param=pointer, rule=each.rule, message=each.message)] if is_settled else []
            elif not _is_media_alone(part.text, part.media):
                found.append(Fault(param=where.text, rule=each.rule, message=each.message))
    for place, follow_up in enumerate(part.follow_ups):
        if _is_media_alone(follow_up.text, follow_up.media):
            continue
        for each in part.provider.check(follow_up.text, settings, account, follow_up.kind):
            if each.field == "text":
                param = f"{where.follow_up(place)}/text"
                found.append(Fault(param=param, rule=each.rule, message=each.message))
    return found


def _is_media_alone(text: str, media: Sequence[Wanted]) -> bool:
    """No rule of texts is for what has none."""
    return bool(media) and not text.strip()


def _thread_faults(part: Composed, where: "_Where") -> list[Fault]:
    spec, found = part.provider.spec, []
    replies = [each for each in part.follow_ups if each.kind == "thread"]
    if len(replies) >= spec.max_parts and replies:
        message = f"{spec.name} takes threads of at most {spec.max_parts}; this one has {len(replies) + 1} posts."
        message = message if spec.max_parts > 1 else f"{spec.name} has no threads. Give it `thread: []` of its own."
        found.append(Fault(param=where.thread, rule=f"{spec.id}.thread.max_parts", message=message))
    if len(replies) < len(part.follow_ups) and not spec.comments:
        message = f"{spec.name} has no first comments. Give it `first_comment: null` of its own."
        found.append(Fault(param=where.comment, rule=f"{spec.id}.first_comment.unsupported", message=message))
    return found


class _Where:
    """JSON pointers to where a part's content was written: in its target, in its provider's override or in the post."""

    def __init__(self, part: Composed, post: Post):
        target, override = post.targets[part.place], post.overrides.get(part.channel.provider, _NOTHING)
        self._levels = (
            (f"/targets/{part.place}", target),
            (f"/overrides/{part.channel.provider}", override),
        )
        self._part = part
        self.text = f"/targets/{part.place}/text"
        """Also where it is the post's own, which may be too long here and not elsewhere."""
        self.media = f"{self._level(lambda each: each.media is not None) or ''}/media"
        self.thread = f"{self._level(lambda each: each.thread is not None) or ''}/thread"
        has_comment = self._level(lambda each: bool(each.first_comment) or each.drops_first_comment)
        self.comment = f"{has_comment or ''}/first_comment"

    def setting(self, pointer: str) -> str:
        name = pointer.split("/")[1] if pointer else ""
        own = self._level(lambda each: name in each.settings)
        return f"{own or self._levels[0][0]}/settings{pointer}"

    def follow_up(self, place: int) -> str:
        is_comment = self._part.follow_ups[place].kind == "comment"
        return self.comment if is_comment else f"{self.thread}/{place}"

    def _level(self, has: Callable[[Variation], bool]) -> str | None:
        return next((pointer for pointer, level in self._levels if has(level)), None)

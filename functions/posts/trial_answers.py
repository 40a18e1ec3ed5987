"""What looks at posts that are not stored answer."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from typing_extensions import TypedDict

from edge.answers import ChannelId, DuplicateAnswer, FaultAnswer, Time
from posts.media_answers import FitAnswer, fit_answer
from punctual.clock import to_text
from punctual.composing import Composed
from punctual.duplicates import Duplicate
from punctual.measuring import Measured
from punctual.posts import Post
from punctual.previewing import Preview
from punctual.problems import Fault
from punctual.providers.base import PartKind, Shown
from punctual.quotas import Usage
from punctual.splitting import Place, Split
from punctual.validating import Findings, Target


class CostAnswer(TypedDict):
    """What the platform asks the owner of the app for one call; Punctual asks for nothing."""

    usd: str
    """A decimal number."""
    why: str


class LengthAnswer(TypedDict):
    kind: PartKind
    length: int
    """As the platform counts it."""
    max_length: int
    counted_in: str
    media: list[FitAnswer]
    delay_seconds: int
    """After the part before it was live."""
    cost: CostAnswer | None
    """Null: publishing costs nothing on this platform."""


class QuotaAnswer(TypedDict):
    """One of the platform's limits for the account, at the post's time: at most `posts` in any `seconds`."""

    posts: int
    seconds: int
    used: int
    """By what went out through Punctual, or will before this post; the platform may count more."""
    remaining: int
    resets_at: Time | None
    """When the oldest that counts does so no more; null: none is used."""


class ValidatedTarget(TypedDict):
    channel_id: ChannelId
    provider: str
    parts: list[LengthAnswer]
    """The post, the rest of its thread, its first comment. Empty where wrong settings keep them from being counted."""
    quota: list[QuotaAnswer]
    """Of each limit that the platform documents."""
    limited_until: Time | None
    """Until then the platform takes no more from the account, as it told us; null: it told us nothing."""
    lead_seconds: int
    """How long before its time its preparation must start."""
    cost_usd: str | None
    """What the platform asks for all parts; null: nothing."""


class ValidationAnswer(TypedDict):
    """What would be said to this post."""

    valid: bool
    """Whether it would be taken: there are no errors."""
    errors: list[FaultAnswer]
    """Everything that is wrong, faults of form too. Where those are in its content, nothing else is looked at."""
    warnings: list[FaultAnswer]
    """What it would be taken with; of a draft also what would keep it from going out."""
    duplicates: list[DuplicateAnswer]
    """The earlier posts that errors of the rule `duplicate_post` are about."""
    scheduled_at: Time | None
    """When it would go out; null: no time is given."""
    local_time: Time | None
    """The same moment in its timezone."""
    timezone: str | None
    """Null: its form is too broken to be read."""
    targets: list[ValidatedTarget]
    """In the order given, without those that are no channels."""


class EntityAnswer(TypedDict):
    """What readers can click, in Unicode code points of the text as shown."""

    kind: Literal["link", "mention", "hashtag"]
    start: int
    end: int
    url: str | None
    """Null: only the platform knows it."""


class ShownPart(TypedDict):
    """One part as the platform's own site shows it. Mentions are taken to be of accounts that exist."""

    kind: PartKind
    text: str
    entities: list[EntityAnswer]
    folds_at: int | None
    """Where the platform's lists cut it short, in code points; null: they do not, or go by its height on the screen."""
    length: int
    """Of what was written, as the platform counts it."""
    max_length: int
    counted_in: str
    content_warning: str | None
    media: list[FitAnswer]
    delay_seconds: int
    """After the part before it was live."""
    cost: CostAnswer | None


class PreviewedTarget(TypedDict):
    channel_id: ChannelId
    provider: str
    parts: list[ShownPart]
    """In the order in which they go out. Empty where wrong settings keep them from being shown."""


class PreviewAnswer(TypedDict):
    """What readers would see."""

    targets: list[PreviewedTarget]
    errors: list[FaultAnswer]
    """What keeps it from going out like this."""


class SplitPart(TypedDict):
    text: str


class SplitPlace(TypedDict):
    """How long the parts are somewhere."""

    channel_id: ChannelId | None
    """Null: of the provider, as it is without an account."""
    provider: str
    lengths: list[int]
    """Of each part, as the platform counts it."""
    max_length: int
    counted_in: str


class SplitAnswer(TypedDict):
    """A thread: the first part's text is the post's `text`, the others are its `thread`, as they are."""

    parts: list[SplitPart]
    targets: list[SplitPlace]


def validation_answer(found: Findings) -> ValidationAnswer:
    post = found.post
    is_timed = post is not None and found.is_timed
    return {
        "valid": not found.errors,
        "errors": _faults(found.errors),
        "warnings": _faults(found.warnings),
        "duplicates": [_duplicate(each) for each in found.duplicates],
        "scheduled_at": to_text(post.due_at) if post and is_timed and post.due_at else None,
        "local_time": _local_time(post) if post and is_timed else None,
        "timezone": post.timezone if post else None,
        "targets": [_target(each) for each in found.targets],
    }


def preview_answer(previews: Sequence[Preview], broken: Sequence[Fault]) -> PreviewAnswer:
    return {"targets": [_previewed(each) for each in previews], "errors": _faults(broken)}


def split_answer(split: Split) -> SplitAnswer:
    return {
        "parts": [{"text": part} for part in split.parts],
        "targets": [_place(place, split.parts) for place in split.places],
    }


def _faults(faults: Sequence[Fault]) -> list[FaultAnswer]:
    return [{"param": fault.param, "rule": fault.rule, "message": fault.message} for fault in faults]


def _duplicate(each: Duplicate) -> DuplicateAnswer:
    return {
        "channel_id": each.channel_id,
        "post_id": each.earlier.post_id,
        "delivery_id": each.earlier.id,
        "status": each.earlier.status.value,
        "scheduled_at": to_text(each.earlier.due_at),
        "url": each.earlier.url,
    }


def _local_time(post: Post) -> str | None:
    return post.due_at.astimezone(ZoneInfo(post.timezone)).isoformat(timespec="milliseconds") if post.due_at else None


def _target(target: Target) -> ValidatedTarget:
    composed = target.composed
    return {
        "channel_id": composed.channel.id,
        "provider": composed.channel.provider,
        "parts": [_length(each, composed) for each in target.parts],
        "quota": [_quota(each) for each in target.quota],
        "limited_until": to_text(target.limited_until) if target.limited_until else None,
        "lead_seconds": composed.lead_seconds,
        "cost_usd": _usd(sum(costs)) if (costs := [each.cost.micros for each in target.parts if each.cost]) else None,
    }


def _length(each: Measured, composed: Composed) -> LengthAnswer:
    return {
        "kind": each.part.kind,
        "length": each.length,
        "max_length": each.max_length,
        "counted_in": each.counted_in,
        "media": [fit_answer(file, composed.channel.provider) for file in each.carried],
        "delay_seconds": each.part.delay_seconds,
        "cost": {"usd": _usd(each.cost.micros), "why": each.cost.why} if each.cost else None,
    }


def _usd(micros: int) -> str:
    return f"{Decimal(micros).scaleb(-6).normalize():f}"


def _quota(each: Usage) -> QuotaAnswer:
    return {
        "posts": each.cap.posts,
        "seconds": each.cap.seconds,
        "used": each.used,
        "remaining": max(0, each.cap.posts - each.used),
        "resets_at": to_text(each.resets_at) if each.resets_at else None,
    }


def _previewed(preview: Preview) -> PreviewedTarget:
    channel = preview.composed.channel
    parts = [_shown(each, shown, preview.composed) for each, shown in preview.parts]
    return {"channel_id": channel.id, "provider": channel.provider, "parts": parts}


def _shown(each: Measured, shown: Shown, composed: Composed) -> ShownPart:
    return {
        **_length(each, composed),
        "text": shown.text,
        "entities": [
            {"kind": entity.kind, "start": entity.start, "end": entity.end, "url": entity.url}
            for entity in shown.entities
        ],
        "folds_at": shown.folds_at,
        "content_warning": shown.content_warning,
    }


def _place(place: Place, parts: Sequence[str]) -> SplitPlace:
    return {
        "channel_id": place.channel_id,
        "provider": place.provider.spec.id,
        "lengths": [place.length(part) for part in parts],
        "max_length": place.max_length,
        "counted_in": place.provider.spec.counted_in,
    }

"""What clients sent, as posts: a new one, a changed one, a copy."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from punctual import ids
from punctual.drafts import MediaDraft, NewPost, PartDraft, PostChange, PostCopy, TargetDraft, VariationDraft
from punctual.media.wanting import Wanted
from punctual.parts import FollowUp
from punctual.posts import DEFAULT_MAX_DELAY_SECONDS, Post, Target, Variation
from punctual.providers.base import PartKind
from punctual.states import PostStatus

_CLEARED: dict[str, Any] = {
    "text": "",
    "thread": (),
    "media": (),
    "targets": (),
    "overrides": {},
    "timezone": "UTC",
    "max_delay_seconds": DEFAULT_MAX_DELAY_SECONDS,
    "labels": (),
    "metadata": {},
    "allow_duplicate": False,
}


def as_post(workspace_id: str, draft: NewPost, now: datetime, post_id: str | None = None) -> Post:
    """Not stored yet, nor checked beyond its form."""
    return Post(
        id=post_id or ids.new("post"),
        workspace_id=workspace_id,
        status=PostStatus.DRAFT,
        text=draft.text or "",
        thread=_thread(draft.thread),
        first_comment=_comment(draft.first_comment),
        media=_media(draft.media),
        targets=_targets(draft.targets),
        overrides=_overrides(draft.overrides),
        created_at=now,
        updated_at=now,
        due_at=now if draft.schedule else draft.scheduled_at,
        timezone=str(draft.timezone),
        max_delay_seconds=draft.max_delay_seconds,
        labels=draft.labels,
        external_id=draft.external_id,
        metadata=draft.metadata,
        allow_duplicate=draft.allow_duplicate,
    )


def changes(change: PostChange) -> dict[str, Any]:
    """What was given, as the post has it; null is what a new post without it has."""
    given = {name: _CLEARED.get(name) if value is None else value for name, value in change.given().items()}
    found = {name: _CONVERT[name](value) if name in _CONVERT else value for name, value in given.items()}
    if "first_comment" in found:
        found["first_comment"] = _comment(found["first_comment"])
    if "scheduled_at" in found:
        found["due_at"] = found.pop("scheduled_at")
    return found


def copy(post: Post, given: PostCopy, now: datetime) -> Post:
    """The same content for the same channels; the client's own id stays with the first."""
    return replace(
        post,
        id=ids.new("post"),
        status=PostStatus.DRAFT,
        created_at=now,
        updated_at=now,
        due_at=now if given.schedule else given.scheduled_at,
        external_id=None,
        allow_duplicate=given.allow_duplicate,
        rev=1,
        version=1,
        next_at=None,
        expires_epoch=None,
        at_risk=(),
        at_risk_since=None,
    )


def _targets(drafts: Sequence[TargetDraft]) -> tuple[Target, ...]:
    return tuple(Target(channel_id=each.channel_id, **_varied(each)) for each in drafts)


def _overrides(drafts: dict[str, VariationDraft]) -> dict[str, Variation]:
    return {provider: Variation(**_varied(draft)) for provider, draft in drafts.items()}


def _varied(draft: VariationDraft) -> dict[str, Any]:
    return {
        "text": draft.text,
        "thread": None if draft.thread is None else _thread(draft.thread),
        "first_comment": _comment(draft.first_comment),
        "drops_first_comment": draft.drops_first_comment,
        "media": None if draft.media is None else _media(draft.media),
        "settings": draft.settings,
    }


def _thread(drafts: Sequence[PartDraft]) -> tuple[FollowUp, ...]:
    return tuple(_part("thread", each) for each in drafts)


def _comment(draft: PartDraft | None) -> FollowUp | None:
    return _part("comment", draft) if draft else None


def _part(kind: PartKind, draft: PartDraft) -> FollowUp:
    return FollowUp(kind=kind, text=draft.text, delay_seconds=draft.delay_seconds, media=_media(draft.media))


def _media(drafts: Sequence[MediaDraft]) -> tuple[Wanted, ...]:
    return tuple(Wanted(**dict(each)) for each in drafts)


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "targets": _targets,
    "overrides": _overrides,
    "thread": _thread,
    "media": _media,
    "timezone": str,
}

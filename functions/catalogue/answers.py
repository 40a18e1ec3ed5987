"""Providers as the API answers them."""

from typing import Any, Literal

from typing_extensions import TypedDict

from catalogue.connect_answers import ConnectAnswer, connect_answer
from catalogue.media_limits import MediaLimits, media_limits
from edge.answers import KeyId, PersonId, Time, WorkspaceId
from edge.http import Caller
from punctual.clock import to_text
from punctual.providers.base import Provider, Spec
from punctual.providers.terms import PostType, RetrySafety
from punctual.workspaces import Workspace


class TextLimit(TypedDict):
    """Accounts may have their own: `POST /v1/posts/validate` goes by those."""

    max: int
    counted_in: str
    counting: str | None
    """How it counts, in a sentence."""
    url_length: int | None
    """What any link counts; null: as much as it has."""
    max_bytes: int | None
    """Of UTF-8; null: they are not counted."""


class PartsLimit(TypedDict):
    max: int
    """Posts of one thread; 1: there are none."""


class CapAnswer(TypedDict):
    """At most `posts` in any `seconds`, of one account."""

    posts: int
    seconds: int


class RateAnswer(TypedDict):
    """What one server of the platform gets from this Punctual, all accounts together."""

    per_second: float
    burst: int


class LimitsAnswer(TypedDict):
    text: TextLimit
    parts: PartsLimit
    caps: list[CapAnswer]
    """Those that the platform documents, and Punctual keeps to."""
    rate: RateAnswer | None
    media: MediaLimits | None
    """Null: Punctual sends none there."""


class SupportsAnswer(TypedDict):
    """What Punctual does on this platform today; the platform itself may have more."""

    threads: bool
    first_comment: bool
    delete: bool
    edit: bool
    media: bool
    alt_text: bool


class RetrySafetyAnswer(TypedDict):
    """What keeps a post whose answer was missed from going out twice."""

    kind: RetrySafety
    """`key`: one that the platform honours; `chosen_id`: an id of our own; `handle`: one that it can be asked about;
    `search`: it can be looked for, which may not find it; `none`: it is never sent again by itself."""
    window_seconds: int | None
    """How long a key is honoured."""
    sentence: str | None


class ApiVersionAnswer(TypedDict):
    """Of a platform that dates its API."""

    name: str
    """Which one is spoken; the stack's `ApiVersions` may name another."""
    ends_on: str | None
    """The day from which the platform answers to it no more; null: not known."""


class ProviderAnswer(TypedDict):
    """A kind of platform."""

    id: str
    name: str
    docs_url: str
    connect: ConnectAnswer
    limits: LimitsAnswer
    settings: dict[str, Any]
    """JSON Schema of a target's `settings`."""
    post_types: list[PostType]
    """What a post may be here."""
    options: dict[str, str]
    """What `GET /v1/channels/{channel_id}/options/{name}` lists, by name, and what for."""
    api_version: ApiVersionAnswer | None
    supports: SupportsAnswer
    retry_safety: RetrySafetyAnswer
    lead_seconds: int
    """How long before a post's time its preparation starts at least; a post's own content may need more."""
    duplicate_protection: str | None
    """As `retry_safety.sentence`."""


class ProviderPage(TypedDict):
    data: list[ProviderAnswer]
    next_cursor: None


class WorkspaceAnswer(TypedDict):
    id: WorkspaceId
    name: str | None
    paused_at: Time | None
    """Null: publishing goes on."""
    deleting_at: Time | None
    """Null: it stays. Since then it is being deleted, and nothing is published."""


class KeyAnswer(TypedDict):
    id: KeyId
    scopes: list[str]
    expires_at: Time | None
    """Null: it works until it is revoked. 60 s later at most it opens nothing."""


class PersonAnswer(TypedDict):
    """Who came with a token of the deployment's own issuer."""

    id: PersonId
    """The same in every token of theirs; it does not tell who they are."""
    scopes: list[str]
    expires_at: Time
    """Of this token. 90 s later at most it opens nothing."""


class StackAnswer(TypedDict):
    paused: bool


class MeAnswer(TypedDict):
    workspace: WorkspaceAnswer
    key: KeyAnswer | None
    """Null: a person asks."""
    person: PersonAnswer | None
    """Null: a key asks."""
    stack: StackAnswer


class HealthAnswer(TypedDict):
    status: Literal["ok"]
    version: str


def key_answer(caller: Caller) -> KeyAnswer | None:
    if caller.is_person:
        return None
    return {"id": caller.key_id, "scopes": sorted(caller.scopes), "expires_at": caller.expires_at}


def person_answer(caller: Caller) -> PersonAnswer | None:
    if not caller.is_person or caller.expires_at is None:
        return None
    return {"id": caller.key_id, "scopes": sorted(caller.scopes), "expires_at": caller.expires_at}


def workspace_answer(workspace_id: str, workspace: Workspace | None) -> WorkspaceAnswer:
    paused_at = workspace.paused_at if workspace else None
    deleting_at = workspace.deleting_at if workspace else None
    return {
        "id": workspace_id,
        "name": workspace.name if workspace else None,
        "paused_at": to_text(paused_at) if paused_at else None,
        "deleting_at": to_text(deleting_at) if deleting_at else None,
    }


def provider_answer(provider: Provider, own_url: str) -> ProviderAnswer:
    spec = provider.spec
    return {
        "id": spec.id,
        "name": spec.name,
        "docs_url": spec.docs_url,
        "connect": connect_answer(provider, own_url),
        "limits": _limits(spec),
        "settings": spec.settings.model_json_schema(),
        "post_types": list(spec.post_types),
        "options": dict(spec.options),
        "api_version": _api_version(provider),
        "supports": _supports(spec),
        "retry_safety": {
            "kind": spec.retry_safety,
            "window_seconds": spec.key_window_seconds or None,
            "sentence": spec.duplicate_protection or None,
        },
        "lead_seconds": spec.lead_seconds,
        "duplicate_protection": spec.duplicate_protection or None,
    }


def _api_version(provider: Provider) -> ApiVersionAnswer | None:
    if not provider.api_version:
        return None
    ends_on = provider.api_version_ends_on()
    return {"name": provider.api_version, "ends_on": ends_on.isoformat() if ends_on else None}


def _limits(spec: Spec) -> LimitsAnswer:
    rate = spec.rate
    return {
        "text": {
            "max": spec.max_text,
            "counted_in": spec.counted_in,
            "counting": spec.counting or None,
            "url_length": spec.url_length,
            "max_bytes": spec.max_bytes,
        },
        "parts": {"max": spec.max_parts},
        "caps": [{"posts": cap.posts, "seconds": cap.seconds} for cap in spec.caps],
        "rate": {"per_second": rate.per_second, "burst": rate.burst} if rate else None,
        "media": media_limits(spec.media),
    }


def _supports(spec: Spec) -> SupportsAnswer:
    """Editing is not built yet."""
    return {
        "threads": spec.max_parts > 1,
        "first_comment": spec.comments,
        "delete": spec.can_delete,
        "edit": False,
        "media": spec.media.max_items > 0,
        "alt_text": spec.media.max_items > 0 and spec.media.max_alt_text > 0,
    }

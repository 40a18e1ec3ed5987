"""What the posts function answers, as types."""

from typing import Annotated, Any, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from edge.answers import (
    AttemptId,
    ChannelId,
    DeliveryId,
    ExportId,
    FaultAnswer,
    PostId,
    ProblemAnswer,
    Time,
    WorkspaceId,
)
from posts.media_answers import CarriedMediaAnswer, MediaUseAnswer
from punctual.attempts import StepName
from punctual.exports import ExportStatus
from punctual.messages import WokenBy
from punctual.providers.base import PartKind
from punctual.states import DeliveryStatus, PostStatus

Milliseconds: TypeAlias = Annotated[int, Field(ge=0)]


class FollowUpAnswer(TypedDict):
    text: str
    media: list[MediaUseAnswer]
    delay_seconds: int
    """After the part before it was live."""


class VariationAnswer(TypedDict):
    """What differs from the post; null is as the post has it."""

    text: str | None
    thread: list[FollowUpAnswer] | None
    media: list[MediaUseAnswer] | None
    settings: dict[str, Any]
    first_comment: NotRequired[FollowUpAnswer | None]
    """Left out: as the post has it. Null: none."""


class TargetAnswer(VariationAnswer):
    channel_id: ChannelId


class PostSummary(TypedDict):
    """A post as lists show it."""

    id: PostId
    status: PostStatus
    rev: int
    """Raised by every edit; the ETag."""
    text: str | None
    thread: list[FollowUpAnswer]
    first_comment: FollowUpAnswer | None
    media: list[MediaUseAnswer]
    targets: list[TargetAnswer]
    overrides: dict[str, VariationAnswer]
    """By provider; a target's own are closer."""
    scheduled_at: Time | None
    timezone: str
    max_delay_seconds: int
    """Later than this after its time it is not wanted any more, and ends MISSED."""
    labels: list[str]
    external_id: str | None
    metadata: dict[str, str]
    allow_duplicate: bool
    created_at: Time
    updated_at: Time


class PartAnswer(TypedDict):
    kind: PartKind
    text: str
    media: list[CarriedMediaAnswer]
    delay_seconds: int
    platform_id: str | None
    url: str | None
    live_at: Time | None
    """Null: not live."""
    deleted_at: Time | None
    """When it was deleted on the platform, on request."""


class Cause(TypedDict):
    """What went wrong, and what to do about it. Go by `code`: it is never renamed; docs/errors.md has all."""

    code: str
    message: str
    status: NotRequired[int]
    """The platform's HTTP status."""
    platform_code: NotRequired[str]
    retryable: bool
    """Whether another try, with nothing changed, may end better."""
    remediation: str


class DeliveryError(Cause):
    """Why a delivery is not where it should be."""

    cause: NotRequired[Cause]
    """Of what came too late: what had kept it."""


class DeliveryAnswer(TypedDict):
    """One post on one channel."""

    id: DeliveryId
    channel_id: ChannelId
    provider: str
    status: DeliveryStatus
    text: str
    media: list[CarriedMediaAnswer]
    """What the post itself carries there, in order; `parts` have their own."""
    settings: dict[str, Any]
    """As `GET /v1/providers/{provider}` describes them."""
    woken_by: WokenBy | None
    started_at: Time | None
    """When the platform's call began."""
    completed_at: Time | None
    deleted_at: Time | None
    """When all that was live was deleted on the platform, on request; its status stays what it was."""
    lateness_ms: int | None
    """Ours: how long after its time the call began."""
    platform_ms: Milliseconds | None
    """Theirs: how long the call took."""
    platform_id: str | None
    url: str | None
    parts: list[PartAnswer]
    """The post, the rest of its thread, its first comment; those that are live come first."""
    error: DeliveryError | None


class RiskAnswer(TypedDict):
    """What may keep a delivery from going out, and what to do. Go by `code`: it is never renamed."""

    delivery_id: DeliveryId
    channel_id: ChannelId
    code: str
    message: str
    remediation: str


class PostAnswer(PostSummary):
    """What was written, and what became of it."""

    deliveries: list[DeliveryAnswer]
    risks: list[RiskAnswer]
    """Found by the look ahead, about an hour before its time, and looked at again every ten minutes."""
    warnings: list[FaultAnswer]
    """Of what was just written; nothing is refused for them."""


class PostPage(TypedDict):
    data: list[PostSummary]
    next_cursor: str | None
    """Send it as `cursor`; null: there is no more."""


class DeletedPost(TypedDict):
    id: PostId
    deleted: bool


class AttemptAnswer(TypedDict):
    """One try of one step of a delivery."""

    id: AttemptId
    delivery_id: DeliveryId
    step: StepName
    part: int
    started_at: Time
    ended_at: Time | None
    outcome: str | None
    """Null while it runs, and for good where its worker died."""
    code: str | None
    status: int | None
    """The platform's HTTP status."""
    platform_code: str | None
    platform_id: str | None
    request_id: str | None
    """As our logs have it."""


class AttemptPage(TypedDict):
    data: list[AttemptAnswer]
    next_cursor: str | None


class SpreadAnswer(TypedDict):
    """Exact percentiles by nearest rank; null where there is nothing to rank."""

    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    worst_ms: int | None


class DayAnswer(TypedDict):
    """One provider's deliveries that were due on one day, by UTC."""

    day: Annotated[str, Field(json_schema_extra={"format": "date"})]
    provider: str
    count: int
    """Those in `dispatch`."""
    excluded: int
    """Late for a person's, a pause's or the platform's reason."""
    missed: int
    """Never sent."""
    dispatch: SpreadAnswer
    """How late our calls started."""
    platform: SpreadAnswer
    """How long the platform's calls took."""


class TimelinessAnswer(TypedDict):
    data: list[DayAnswer]
    next_cursor: None


class WorkspacePause(TypedDict):
    id: WorkspaceId
    paused_at: Time | None
    """Null: publishing goes on."""


class WorkspaceRemoval(TypedDict):
    id: WorkspaceId
    deleting_at: Time
    """Since when it is being deleted."""


class ExportCounts(TypedDict):
    channels: int
    media: int
    posts: int
    deliveries: int
    attempts: int
    events: int
    unreadable: int
    """Posts that are stored as nothing that can be read; the export has their ids."""


class ExportFileAnswer(TypedDict):
    name: str
    bytes: int
    sha256: str
    url: str
    """Good for an hour at most; ask again for a new one."""


class ExportAnswer(TypedDict):
    id: ExportId
    status: ExportStatus
    created_at: Time
    completed_at: Time | None
    expires_at: Time
    """From then on it is gone."""
    counts: ExportCounts
    """So far, while it is running."""
    files: list[ExportFileAnswer]
    """Once it is completed: JSON Lines, gzipped; docs/exporting.md says what they hold."""


class CreatedAnswer(TypedDict):
    """What became of one post of a batch."""

    status: int
    """As the post would have got alone."""
    post: PostAnswer | None
    problem: ProblemAnswer | None
    replayed: bool


class BatchAnswer(TypedDict):
    data: list[CreatedAnswer]
    """In the order of the request's `posts`."""


class RetriedAnswer(TypedDict):
    post_id: PostId
    delivery_id: DeliveryId
    status: int
    problem: ProblemAnswer | None


class RetriedPage(TypedDict):
    data: list[RetriedAnswer]
    next_cursor: str | None

"""What a client may send about a post, checked for form; what the platforms say of it is `composing`'s."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from punctual.media.wanting import MAX_ALT_TEXT

MAX_TARGETS = 40
"""Post and deliveries change in one transaction of at most 100 items; an edit may remove as many as it adds."""
MAX_TEXT = 65_000
MAX_THREAD = 100
"""Above what any platform takes as one thread; each says its own limit."""
MAX_PART_DELAY_SECONDS = 86_400
MAX_MEDIA = 35
"""Of one list: the most that any platform takes in one post (TikTok)."""
MAX_COVER_MS = 86_400_000
MAX_SETTINGS = 50
MAX_LABELS = 10
MAX_METADATA = 50
MAX_DELAY_SECONDS = 7 * 86_400

LAST_YEAR = 2199
"""EventBridge Scheduler takes no later one."""


def _written_out(given: Any) -> Any:
    """Bare numbers are refused: whether they mean seconds or milliseconds would be a guess."""
    if isinstance(given, str) and "T" in given.upper():
        return given
    message = "give an RFC 3339 time with an offset, such as 2027-01-31T09:00:00+01:00"
    raise PydanticCustomError("time.rfc3339", message)


def _in_utc(given: datetime) -> datetime:
    if not 1970 <= given.year <= LAST_YEAR:
        raise PydanticCustomError("time.range", f"give a time between the years 1970 and {LAST_YEAR}")
    return given.astimezone(UTC)


def _without_repeats(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given))


Time = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Zone = Annotated[ZoneInfo, PlainSerializer(str, return_type=str)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


MediaId = Annotated[str, Field(pattern=r"^med_[0-9A-Z]{26}$")]


class MediaDraft(Strict):
    """A file as one post carries it."""

    id: MediaId
    alt_text: Annotated[str, Field(max_length=MAX_ALT_TEXT)] | None = Field(default=None, repr=False)
    """Omitted is as the media itself has it; empty: none."""
    cover_ms: Annotated[int, Field(strict=True, ge=0, le=MAX_COVER_MS)] | None = None
    """Which frame stands for a video: the one at this time."""
    cover_id: MediaId | None = None
    """The picture that stands for a video."""

    @model_validator(mode="after")
    def _one_cover(self) -> Self:
        if self.cover_ms is not None and self.cover_id is not None:
            raise PydanticCustomError("cover.exactly_one", "give one of cover_ms and cover_id")
        return self


Carried = Annotated[tuple[MediaDraft, ...], Field(max_length=MAX_MEDIA)]


class PartDraft(Strict):
    """A post that answers the one before it, or for a first comment the post itself."""

    media: Carried = ()
    text: Annotated[str, Field(max_length=MAX_TEXT)] = Field(default="", repr=False, validate_default=True)
    """It may be left out where there is media."""
    delay_seconds: Annotated[int, Field(strict=True, ge=0, le=MAX_PART_DELAY_SECONDS)] = 0

    @field_validator("text")
    @classmethod
    def _something(cls, text: str, about: ValidationInfo) -> str:
        if not text and not about.data.get("media"):
            raise PydanticCustomError("text.required", "give a text, or media")
        return text


Thread = Annotated[tuple[PartDraft, ...], Field(max_length=MAX_THREAD)]
Settings = Annotated[dict[str, Any], Field(max_length=MAX_SETTINGS)]


class VariationDraft(Strict):
    """What differs from the post. Omitted is as the post has it; `text: ""`, `thread: []`, `first_comment: null` and
    `media: []` mean none."""

    text: Annotated[str, Field(max_length=MAX_TEXT)] | None = Field(default=None, repr=False)
    thread: Thread | None = None
    first_comment: PartDraft | None = None
    media: Carried | None = None
    """The list as a whole; nothing of it is taken from the post's."""
    settings: Settings = Field(default_factory=dict, repr=False)

    @property
    def drops_first_comment(self) -> bool:
        return "first_comment" in self.model_fields_set and self.first_comment is None


class TargetDraft(VariationDraft):
    channel_id: Annotated[str, Field(min_length=1, max_length=64)]


ProviderId = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,50}$")]
Label = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^\S(.*\S)?$")]
Targets = Annotated[tuple[TargetDraft, ...], Field(max_length=MAX_TARGETS)]
Overrides = Annotated[dict[ProviderId, VariationDraft], Field(max_length=MAX_TARGETS)]
Labels = Annotated[tuple[Label, ...], Field(max_length=MAX_LABELS), AfterValidator(_without_repeats)]
ExternalId = Annotated[str, Field(min_length=1, max_length=255)]
Metadata = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, Field(max_length=500)]],
    Field(max_length=MAX_METADATA),
]
MaxDelay = Annotated[int, Field(strict=True, ge=0, le=MAX_DELAY_SECONDS)]


class Timing(Strict):
    scheduled_at: Time | None = None
    schedule: Literal["now"] | None = None
    draft: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_timing(self) -> Self:
        if [self.scheduled_at, self.schedule, self.draft].count(None) != 2:
            message = 'give exactly one of scheduled_at, schedule: "now" and draft: true'
            raise PydanticCustomError("timing.exactly_one", message)
        return self


class Content(Strict):
    text: Text | None = Field(default=None, repr=False)
    thread: Thread = ()
    first_comment: PartDraft | None = None
    media: Carried = ()
    """Files, in the order in which they are shown."""
    targets: Targets = ()
    overrides: Overrides = Field(default_factory=dict)
    """By provider; what a target has is closer."""


class NewPost(Content, Timing):
    timezone: Zone = ZoneInfo("UTC")
    max_delay_seconds: MaxDelay = 3600
    labels: Labels = ()
    external_id: ExternalId | None = None
    """Yours; need not be unique."""
    metadata: Metadata = Field(default_factory=dict, repr=False)
    """Yours; kept and answered, and otherwise ignored."""
    allow_duplicate: StrictBool = False
    """Whether it may say the same, on the same channel, as another post within 24 hours of it."""


class PostChange(Strict):
    """Omitted is unchanged; null clears. `scheduled_at: null` makes the post a draft again."""

    text: Text | None = Field(default=None, repr=False)
    thread: Thread | None = None
    first_comment: PartDraft | None = None
    media: Carried | None = None
    targets: Targets | None = None
    overrides: Overrides | None = None
    scheduled_at: Time | None = None
    timezone: Zone | None = None
    max_delay_seconds: MaxDelay | None = None
    labels: Labels | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = Field(default=None, repr=False)
    allow_duplicate: StrictBool | None = None

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class PostCopy(Timing):
    """When the copy is due; without any of the three it is a draft."""

    allow_duplicate: StrictBool = False

    @model_validator(mode="before")
    @classmethod
    def _draft_unless_timed(cls, given: Any) -> Any:
        timed = isinstance(given, dict) and {"scheduled_at", "schedule", "draft"} & given.keys()
        return given if timed or not isinstance(given, dict) else {**given, "draft": True}


class Trial(NewPost):
    """A post to be looked at, not stored. Without a time it is looked at as if it were to go out now."""

    @model_validator(mode="before")
    @classmethod
    def _now_unless_timed(cls, given: Any) -> Any:
        return {**given, "schedule": "now"} if isinstance(given, dict) and not is_timed(given) else given


def is_timed(given: Mapping[str, Any]) -> bool:
    return any(given.get(name) is not None for name in Timing.model_fields)

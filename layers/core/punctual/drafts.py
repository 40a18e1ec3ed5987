"""What a client may send about a post, checked for form; what the platforms say of it is `composing`'s."""

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
    model_validator,
)

MAX_TARGETS = 40
"""Post and deliveries change in one transaction of at most 100 items; an edit may remove as many as it adds."""
MAX_TEXT = 65_000
MAX_THREAD = 100
"""Above what any platform takes as one thread; each says its own limit."""
MAX_PART_DELAY_SECONDS = 86_400
MAX_SETTINGS = 50
MAX_DELAY_SECONDS = 7 * 86_400

LAST_YEAR = 2199
"""EventBridge Scheduler takes no later one."""


def _written_out(given: Any) -> Any:
    """Bare numbers are refused: whether they mean seconds or milliseconds would be a guess."""
    if isinstance(given, str) and "T" in given.upper():
        return given
    raise ValueError("give an RFC 3339 time with an offset, such as 2027-01-31T09:00:00+01:00")


def _in_utc(given: datetime) -> datetime:
    if not 1970 <= given.year <= LAST_YEAR:
        raise ValueError(f"give a time between the years 1970 and {LAST_YEAR}")
    return given.astimezone(UTC)


Time = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Zone = Annotated[ZoneInfo, PlainSerializer(str, return_type=str)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class TargetDraft(Strict):
    channel_id: Annotated[str, Field(min_length=1, max_length=64)]
    text: Text | None = Field(default=None, repr=False)
    settings: Annotated[dict[str, Any], Field(max_length=MAX_SETTINGS)] = Field(default_factory=dict, repr=False)


class PartDraft(Strict):
    """A post that answers the one before it, or for a first comment the post itself."""

    text: Text = Field(repr=False)
    delay_seconds: Annotated[int, Field(ge=0, le=MAX_PART_DELAY_SECONDS)] = 0


Thread = Annotated[tuple[PartDraft, ...], Field(max_length=MAX_THREAD)]
Targets = Annotated[tuple[TargetDraft, ...], Field(max_length=MAX_TARGETS)]
MaxDelay = Annotated[int, Field(ge=0, le=MAX_DELAY_SECONDS)]


class NewPost(Strict):
    text: Text | None = Field(default=None, repr=False)
    thread: Thread = ()
    first_comment: PartDraft | None = None
    targets: Targets = ()
    scheduled_at: Time | None = None
    schedule: Literal["now"] | None = None
    draft: Literal[True] | None = None
    timezone: Zone = ZoneInfo("UTC")
    max_delay_seconds: MaxDelay = 3600

    @model_validator(mode="after")
    def _one_timing(self) -> Self:
        if [self.scheduled_at, self.schedule, self.draft].count(None) != 2:
            raise ValueError('give exactly one of scheduled_at, schedule: "now" and draft: true')
        return self


class PostChange(Strict):
    """Omitted is unchanged; null clears. `scheduled_at: null` makes the post a draft again."""

    text: Text | None = Field(default=None, repr=False)
    thread: Thread | None = None
    first_comment: PartDraft | None = None
    targets: Targets | None = None
    scheduled_at: Time | None = None
    timezone: Zone | None = None
    max_delay_seconds: MaxDelay | None = None

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}

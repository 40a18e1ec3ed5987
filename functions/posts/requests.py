"""What the routes of posts take beside the posts themselves, which are in `punctual.drafts`."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge.paged import Paged
from punctual.drafts import ProviderId, Strict, Text, Time
from punctual.listing import Filter
from punctual.problems import Fault, Invalid
from punctual.resolving import Outcome, Resolution
from punctual.splitting import Numbering, Wanted
from punctual.states import PostStatus

LONGEST_REPORT = timedelta(days=31)
USUAL_REPORT = timedelta(days=7)


class _Span(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    from_at: Annotated[Time | None, Field(alias="from")] = None
    to_at: Annotated[Time | None, Field(alias="to")] = None


class ListQuery(_Span, Paged):
    status: PostStatus | None = None
    """It follows the deliveries' own within a moment."""
    channel_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    """Posts with a delivery there."""
    provider: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    """Posts with a delivery on a channel of it."""
    label: Annotated[str | None, Field(min_length=1, max_length=50)] = None
    """One of the post's, letter for letter."""
    external_id: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    order: Literal["asc", "desc"] = "asc"
    """By time; a draft without one is where it was written."""

    def wanted(self) -> Filter:
        return Filter(**self.model_dump(exclude={"order", "limit", "cursor"}))


class TimelinessQuery(_Span):
    provider: Annotated[str | None, Field(min_length=1, max_length=64)] = None

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """The last seven days, or those from, or up to, the one that is given. Raises Invalid."""
        until = self.to_at or (min(now, self.from_at + LONGEST_REPORT) if self.from_at else now)
        since = self.from_at or until - USUAL_REPORT
        if not timedelta(0) < until - since <= LONGEST_REPORT:
            message = f"Ask for at most {LONGEST_REPORT.days} days, from before to."
            raise Invalid([Fault(param="from", rule="span.length", message=message)])
        return since, until


class RemovalQuery(BaseModel):
    """There is no way back, so the request says whose workspace is meant."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    confirm: Annotated[str, Field(min_length=1, max_length=64)]
    """The workspace's id."""

    def must_name(self, workspace_id: str) -> None:
        """Raises Invalid."""
        if self.confirm != workspace_id:
            message = "To delete this key's workspace for good, give its id; GET /v1/me tells it."
            raise Invalid([Fault(param="confirm", rule="workspace.confirmed", message=message)])


class Batch(Strict):
    """Each as `POST /v1/posts` takes it, and judged by itself."""

    posts: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=100)]


class RetryAll(Strict):
    """Deliveries of a channel that were due from `since` on and before `until`, which is now if it is not given."""

    channel_id: Annotated[str, Field(min_length=1, max_length=64)]
    since: Time
    until: Time | None = None
    cursor: Annotated[str | None, Field(min_length=1, max_length=500)] = None


class ToSplit(Strict):
    """A text, and where each part of it must fit."""

    text: Text = Field(repr=False)
    channel_ids: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=40)] = ()
    providers: Annotated[tuple[ProviderId, ...], Field(max_length=40)] = ()
    """Platforms as they are without an account."""
    numbering: Numbering | None = None
    """At the end of each part, and counted in."""
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)] = "en"
    """For its abbreviations, which end no sentence."""

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.channel_ids and not self.providers:
            raise ValueError("name at least one of channel_ids or of providers")
        return self

    def wanted(self) -> Wanted:
        return Wanted(
            text=self.text,
            channel_ids=tuple(dict.fromkeys(self.channel_ids)),
            providers=tuple(dict.fromkeys(self.providers)),
            numbering=self.numbering,
            language=self.language,
        )


def _https(given: str) -> str:
    parts = urlsplit(given)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError("give an https URL")
    return given


class Resolve(Strict):
    """What a person found on the platform: whether the post is there and, if they know them, its id and its address."""

    outcome: Outcome
    platform_id: Annotated[str | None, Field(min_length=1, max_length=512, pattern=r"^\S+$")] = None
    url: Annotated[str, Field(max_length=2000, pattern=r"^[!-~]+$"), AfterValidator(_https)] | None = None

    @model_validator(mode="after")
    def _only_of_what_is_there(self) -> Self:
        if self.outcome == "not_published" and (self.platform_id or self.url):
            raise ValueError("platform_id and url are of a post that was published")
        return self

    def resolution(self) -> Resolution:
        return Resolution(outcome=self.outcome, platform_id=self.platform_id, url=self.url)

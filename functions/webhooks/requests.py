"""What the routes of events take."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.paged import LONGEST_PAGE
from punctual.drafts import Time
from punctual.events.event import sequence_of
from punctual.events.naming import is_known
from punctual.events.reading import Wanted
from punctual.problems import BadRequest, Fault, Invalid

_Id = Annotated[str | None, Field(min_length=1, max_length=64)]


class _Choice(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    after: Annotated[str | None, Field(min_length=1, max_length=100)] = None
    """The id of the last event that was read; left out: from the oldest that is kept."""
    types: Annotated[str | None, Field(min_length=1, max_length=2000)] = None
    """With commas between them: `post.completed`, or `post.*` for all of a kind."""
    post_id: _Id = None
    """Events of this post and of its deliveries."""
    channel_id: _Id = None
    """Events of this channel, of deliveries on it, and of posts that have one there."""
    actor: _Id = None
    """What was done with this key, `key_…`, or by this person, `prs_…`."""

    def start(self) -> str | None:
        """Raises BadRequest."""
        if self.after is not None and sequence_of(self.after) is None:
            detail = "This is no event's id. Give the id of the last event that you read, or leave after out."
            fault = Fault(param="after", rule="event.cursor", message=detail)
            raise BadRequest("invalid_cursor", detail, errors=[fault])
        return self.after

    def wanted_types(self) -> frozenset[str] | None:
        """Raises Invalid."""
        if self.types is None:
            return None
        found = frozenset(each.strip() for each in self.types.split(","))
        if unknown := sum(not is_known(each) for each in found):
            are = "is no type" if unknown == 1 else "are no types"
            message = f"{unknown} of these {are} of events: the document lists all under webhooks."
            raise Invalid([Fault(param="types", rule="event.type", message=message)])
        return found


class EventsQuery(_Choice):
    limit: Annotated[int, Field(ge=1, le=LONGEST_PAGE)] = 50

    def wanted(self) -> Wanted:
        return Wanted(types=self.wanted_types(), post_id=self.post_id, channel_id=self.channel_id, actor=self.actor)


class AuditQuery(_Choice):
    since: Time | None = None
    until: Time | None = None
    """Before this time."""
    all: bool = False
    """Also what nobody did: Punctual's own doing, and the platforms'."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until")
        return self

    def wanted(self) -> Wanted:
        return Wanted(
            types=self.wanted_types(),
            post_id=self.post_id,
            channel_id=self.channel_id,
            actor=self.actor,
            is_by_somebody=not self.all,
            since=self.since,
            until=self.until,
        )

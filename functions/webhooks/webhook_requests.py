"""What the routes of webhooks take."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.paged import Paged
from punctual.channels import Channels
from punctual.drafts import Time
from punctual.events.naming import is_known
from punctual.problems import Fault, Invalid
from punctual.webhooks import urls
from punctual.webhooks.endpoints import NewWebhook
from punctual.webhooks.resending import MOST
from punctual.webhooks.sends import SendState

_Url = Annotated[str, Field(min_length=1, max_length=2000)]
_Description = Annotated[str, Field(max_length=200)]
_Types = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=50)], ...], Field(max_length=100)]
_Channels = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=50)]
_Sequence = Annotated[int, Field(strict=True, ge=1, le=10**12)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class WebhookDraft(_Strict):
    url: _Url = Field(repr=False)
    """Public and https, on the standard port; redirects are not followed."""
    description: _Description = Field("", repr=False)
    event_types: _Types = ()
    """`post.completed`, or `post.*` for all of a kind; none: all."""
    channel_ids: _Channels = ()
    """Only what is about these; none: everything."""

    def wanted(self) -> NewWebhook:
        return NewWebhook(**_once(self.model_dump()))


class WebhookChange(_Strict):
    """Omitted is unchanged; null clears."""

    url: _Url = Field(default_factory=str, repr=False)
    description: _Description | None = Field(None, repr=False)
    event_types: _Types | None = None
    channel_ids: _Channels | None = None

    def changes(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"description": "", "event_types": (), "channel_ids": ()}
        given = self.model_dump(exclude_unset=True)
        return _once({name: empty[name] if value is None else value for name, value in given.items()})


class Rotation(_Strict):
    overlap_hours: Annotated[int, Field(strict=True, ge=0, le=720)] = 24
    """How long the secret before signs beside the new one; 0: not at all."""


class SendsQuery(Paged):
    state: SendState | None = None


class Resend(_Strict):
    """Events by their ids, or a range of the feed by numbers or by times. One of the three."""

    event_ids: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=MOST)] = ()
    """They are sent whatever the webhook wants now."""
    from_sequence: _Sequence | None = None
    to_sequence: _Sequence | None = None
    """Left out: up to now."""
    since: Time | None = None
    until: Time | None = None
    """Before this time; left out: up to now."""
    only_failed: bool = False
    """Of a range: only what was tried and never delivered."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (bool(self.event_ids), self.from_sequence is not None, self.since is not None)
        if sum(ways) != 1 or (self.to_sequence and not self.from_sequence) or (self.until and not self.since):
            raise ValueError("give event_ids, or from_sequence and to_sequence, or since and until")
        if self.from_sequence and self.to_sequence and self.from_sequence > self.to_sequence:
            raise ValueError("from_sequence must not be after to_sequence")
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until")
        if self.event_ids and self.only_failed:
            raise ValueError("only_failed is for a range")
        return self


def check(given: WebhookDraft | WebhookChange, workspace_id: str, channels: Channels, *, allow_private: bool) -> None:
    """What neither a type nor a length says. Raises Invalid, with everything at once."""
    wrong = urls.faults(given.url, allow_private=allow_private) if "url" in given.model_fields_set else []
    wrong += _unknown_types(given.event_types or ())
    wrong += [
        Fault(param=f"/channel_ids/{place}", rule="channel.exists", message="The workspace has no such channel.")
        for place, channel_id in enumerate(given.channel_ids or ())
        if channels.get(workspace_id, channel_id) is None
    ]
    if wrong:
        raise Invalid(wrong)


def _unknown_types(names: Sequence[str]) -> list[Fault]:
    message = "There is no such type of event: the document lists all under webhooks, and post.* is all of a kind."
    return [
        Fault(param=f"/event_types/{place}", rule="event.type", message=message)
        for place, name in enumerate(names)
        if not is_known(name)
    ]


def _once(given: dict[str, Any]) -> dict[str, Any]:
    """What is named twice in a list is in it once."""
    return {name: tuple(dict.fromkeys(value)) if isinstance(value, tuple) else value for name, value in given.items()}

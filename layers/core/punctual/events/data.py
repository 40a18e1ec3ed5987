"""What events say of their subjects: ids, states, times and codes. Never a text, a name, a handle or an address: those
are asked for by the id, by whoever may read them.

A docstring under a name describes it to clients, as in the API's answers.
"""

from typing import Annotated, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"

WorkspaceId: TypeAlias = Annotated[str, Field(pattern=f"^ws_{_ULID}$")]
PostId: TypeAlias = Annotated[str, Field(pattern=f"^post_{_ULID}$")]
DeliveryId: TypeAlias = Annotated[str, Field(pattern=f"^dlv_{_ULID}$")]
ChannelId: TypeAlias = Annotated[str, Field(pattern=f"^chn_{_ULID}$")]
MediaId: TypeAlias = Annotated[str, Field(pattern=f"^med_{_ULID}$")]
CalendarId: TypeAlias = Annotated[str, Field(pattern=f"^cal_{_ULID}$")]
WebhookId: TypeAlias = Annotated[str, Field(pattern=f"^whk_{_ULID}$")]
KeyId: TypeAlias = Annotated[str, Field(pattern=f"^key_{_ULID}$")]
Time: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class PostData(TypedDict):
    """A post, as it was once this had happened."""

    post_id: PostId
    status: str
    """`DRAFT`, `SCHEDULED`, `PUBLISHING`, `COMPLETED`, `PARTIAL`, `UNCONFIRMED`, `HELD`, `ERROR`, `MISSED` or
    `CANCELLED`."""
    rev: int
    """Counts its edits."""
    scheduled_at: Time | None
    external_id: str | None
    """Your own."""
    channel_ids: list[ChannelId]


class RiskData(TypedDict):
    delivery_id: DeliveryId
    channel_id: ChannelId
    code: str
    """As in the post's `at_risk`."""


class RiskyPostData(PostData):
    risks: list[RiskData]
    """All that are known of now."""


class GonePostData(TypedDict):
    """A post that is not there any more."""

    post_id: PostId
    status: str
    """Its last."""
    rev: int
    external_id: str | None
    channel_ids: list[ChannelId]
    """Empty where nobody knows any more."""


class DeliveryData(TypedDict):
    """One post on one channel, as it was once this had happened."""

    post_id: PostId
    delivery_id: DeliveryId
    channel_id: ChannelId
    provider: str
    status: str
    """`DRAFT`, `SCHEDULED`, `READY`, `PUBLISHING`, `COMPLETED`, `ERROR`, `UNCONFIRMED`, `PARTIAL`, `HELD`, `MISSED` or
    `CANCELLED`."""
    rev: int
    """The post's revision that it was made of."""
    scheduled_at: Time | None
    completed_at: Time | None
    """When it ended."""
    lateness_ms: int | None
    """Between its time and the call to the platform."""
    platform_id: str | None
    """The platform's own id of the post, or of a thread's first part."""
    parts_live: int
    """How many of its parts went out, and were not deleted since."""
    code: str | None
    """Of its error."""


class PartData(DeliveryData):
    """A part of a delivery: the post itself, one of its thread, its first comment."""

    part: int
    """1 is the post itself."""
    part_platform_id: str | None


class GoneDeliveryData(TypedDict):
    """A delivery that is not there any more."""

    post_id: PostId
    delivery_id: DeliveryId
    channel_id: ChannelId
    provider: str


class ChannelData(TypedDict):
    """A channel, as it was once this had happened."""

    channel_id: ChannelId
    provider: str
    status: str
    """`active`, `reconnect_required` or `disconnected`."""
    reason: str | None
    """The code of what ended the connection."""
    external_id: str | None
    """Your own name for whoever connected it."""
    grant_ends_at: Time | None
    """When a person must have connected it again; null: Punctual can keep it alive."""


class MediaData(TypedDict):
    """A media, as it was once this had happened."""

    media_id: MediaId
    status: str
    """`uploading`, `importing`, `probing`, `ready`, `refused`, `expired` or `deleted`."""
    kind: str | None
    """Known once it was looked into."""
    code: str | None
    """Why it was refused."""


class WorkspaceData(TypedDict):
    paused_at: Time | None
    """Since when nothing is published."""


class CalendarData(TypedDict):
    calendar_id: CalendarId


class KeyData(TypedDict):
    """An API key, as it is from then on."""

    key_id: KeyId
    scopes: list[str]
    expires_at: Time | None
    """When it works no more; null: when it is revoked."""
    rotated_from: KeyId | None
    """The key whose place it takes."""
    rotated_to: KeyId | None
    """The key that takes its place."""


class WebhookData(TypedDict):
    webhook_id: WebhookId
    status: str
    """`active` or `disabled`."""
    reason: str | None
    """Why it is disabled."""

"""Answers that more than one function gives, and the words that answers are made of.

Answers are typed, so that mypy holds the code to them and the API's document is made of them: a docstring under a
name describes it to clients.
"""

from typing import Annotated, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from punctual.channels import Channel, ChannelStatus
from punctual.clock import to_text

_ULID = "[0-9A-HJKMNP-TV-Z]{26}"

Time: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""As `to_text` writes it."""
WorkspaceId: TypeAlias = Annotated[str, Field(pattern=f"^ws_{_ULID}$")]
KeyId: TypeAlias = Annotated[str, Field(pattern=f"^key_{_ULID}$")]
PersonId: TypeAlias = Annotated[str, Field(pattern=f"^prs_{_ULID}$")]
ChannelId: TypeAlias = Annotated[str, Field(pattern=f"^chn_{_ULID}$")]
PostId: TypeAlias = Annotated[str, Field(pattern=f"^post_{_ULID}$")]
DeliveryId: TypeAlias = Annotated[str, Field(pattern=f"^dlv_{_ULID}$")]
LinkId: TypeAlias = Annotated[str, Field(pattern=f"^lnk_{_ULID}$")]
ConnectionId: TypeAlias = Annotated[str, Field(pattern=f"^con_{_ULID}$")]
MediaId: TypeAlias = Annotated[str, Field(pattern=f"^med_{_ULID}$")]
CalendarId: TypeAlias = Annotated[str, Field(pattern=f"^cal_{_ULID}$")]
ExportId: TypeAlias = Annotated[str, Field(pattern=f"^exp_{_ULID}$")]
WebhookId: TypeAlias = Annotated[str, Field(pattern=f"^whk_{_ULID}$")]
EventId: TypeAlias = Annotated[str, Field(pattern=f"^evt_{_ULID}$")]
AttemptId: TypeAlias = Annotated[str, Field(pattern=f"^att_{_ULID}$")]


class AccountAnswer(TypedDict):
    id: str
    """The platform's, unique within the provider."""
    handle: str
    name: str
    url: str
    server: str
    """The origin that the account is on; empty where the platform has only one."""


class ChannelAnswer(TypedDict):
    """One connected account."""

    id: ChannelId
    provider: str
    status: ChannelStatus
    """`reconnect_required`: its grant has ended; posts are held until the account is connected again. `disconnected`:
    by you, and kept for the posts that it holds."""
    account: AccountAnswer
    min_gap_seconds: int
    """Posts nearer to one another than this get a warning; 0: none do."""
    external_id: str | None
    """Your own name for whoever connected it, from the connect link."""
    created_at: Time
    updated_at: Time


class FaultAnswer(TypedDict):
    """One thing wrong with a request, or worth a look."""

    param: str
    """A JSON pointer into the body, or the name of a query parameter; empty: the whole of it."""
    rule: str
    """Which rule it breaks; stable."""
    message: str


class DuplicateAnswer(TypedDict):
    """The post that says the same already."""

    channel_id: ChannelId
    post_id: PostId
    delivery_id: DeliveryId
    status: str
    scheduled_at: Time | None
    url: str | None


class UsageAnswer(TypedDict):
    """Of a limit: bytes, or files."""

    limit: int
    used: int
    wanted: int
    """By this request."""


class ProblemAnswer(TypedDict):
    """Why a request was refused (RFC 9457). Go by `code`: it is never renamed."""

    type: str
    """Where the code is documented, from this deployment's address."""
    title: str
    status: int
    code: str
    detail: str
    """What is wrong this time, for a person."""
    retryable: bool
    """Whether the same request, unchanged, may succeed later."""
    remediation: str
    """What to do next."""
    request_id: NotRequired[str]
    """As our logs have it."""
    errors: NotRequired[list[FaultAnswer]]
    """Everything that is wrong, at once."""
    duplicates: NotRequired[list[DuplicateAnswer]]
    """Of `duplicate_post`."""
    usage: NotRequired[UsageAnswer]
    """Of `storage_full` and `too_many_files`."""
    missing_parts: NotRequired[list[int]]
    """Of `upload_incomplete`: the first hundred."""
    post_ids: NotRequired[list[PostId]]
    """Of `media_in_use`: the first twenty."""
    platform_code: NotRequired[str]
    """Of `platform_refused`: what the platform itself calls it, where it does."""
    violated_policies: NotRequired[
        Annotated[
            list[str], Field(alias="violated-policies", description="Of `rate_limited`: as `RateLimit` names them.")
        ]
    ]


def channel_answer(channel: Channel) -> ChannelAnswer:
    account = channel.account
    return {
        "id": channel.id,
        "provider": channel.provider,
        "status": channel.status,
        "account": {
            "id": account.id,
            "handle": account.handle,
            "name": account.name,
            "url": account.url,
            "server": account.server,
        },
        "min_gap_seconds": channel.min_gap_seconds,
        "external_id": channel.external_id,
        "created_at": to_text(channel.created_at),
        "updated_at": to_text(channel.updated_at),
    }

"""What may keep a channel's posts from going out, as far as it can be known beforehand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from punctual.channels import Channel
from punctual.clock import to_text
from punctual.media.library import Media
from punctual.media.renditions import Rendition
from punctual.media.wanting import Attached
from punctual.providers.base import Provider
from punctual.quotas import Usage

_RECONNECT = "Connect the channel again with the same account: it keeps its id and its posts."

RISKS: Mapping[str, str] = {
    "deleted": "Write the post for another channel: its delivery will end in ERROR.",
    "reconnect_required": _RECONNECT,
    "grant_ends": _RECONNECT,
    "refresh_failing": "Look whether the platform is down. If it is not, connect the channel again.",
    "scopes_missing": "Connect the channel again, and allow all that the platform's page asks.",
    "limited": "Nothing: posts go out when the platform takes them again, if they are still wanted.",
    "quota_used": "Move the post, or make its max_delay_seconds longer.",
    "media_gone": "Give the post media that are there: PATCH /v1/posts/{id}.",
    "media_unfit": "Give the post another file: PATCH /v1/posts/{id}.",
    "api_version_ends": (
        "Update Punctual; or name a newer version of the platform's API in the stack's ApiVersions, and try a post."
    ),
    "paused": "Resume publishing: POST /v1/workspace/resume, or make resume for the whole stack.",
}
"""What to do, by code. A code is never renamed."""

VERSION_WARNING = timedelta(days=60)
"""Of an API's version: how long before its end a person is told."""
STOPS = frozenset({"deleted", "reconnect_required"})
"""Those with which nothing goes out."""


@dataclass(frozen=True, kw_only=True)
class Risk:
    code: str
    message: str


def of_channel(channel: Channel, at: datetime, last: datetime | None = None) -> Iterator[Risk]:
    """Of a post that is to go out on it at that time, its last part at `last`, by what the channel's row says."""
    until = last or at
    if channel.status != "active":
        message = "This channel must be connected again; until then its posts are held."
        yield Risk(code="reconnect_required", message=message)
    else:
        yield from _of_grant(channel, until)
    if channel.limited_until and channel.limited_until > at:
        message = f"The platform takes no more from this account until {to_text(channel.limited_until)}."
        yield Risk(code="limited", message=message)


def _of_grant(channel: Channel, until: datetime) -> Iterator[Risk]:
    if channel.grant_ends_at and channel.grant_ends_at <= until:
        message = (
            f"This channel must be connected again before {to_text(channel.grant_ends_at)}; its posts are held then."
        )
        yield Risk(code="grant_ends", message=message)
    expires_at = channel.grant_expires_at
    if channel.refresh_failing_since and expires_at and expires_at <= until:
        since = to_text(channel.refresh_failing_since)
        message = f"The connection could not be renewed since {since}; what there is lasts until {to_text(expires_at)}."
        yield Risk(code="refresh_failing", message=message)
    if channel.missing_scopes:
        message = f"The platform took permissions away: {', '.join(channel.missing_scopes)}."
        yield Risk(code="scopes_missing", message=message)


def of_version(provider: Provider, at: datetime) -> Iterator[Risk]:
    """Of a post that is to go out then: platforms that date their API take old versions away."""
    ends_on = provider.api_version_ends_on()
    if ends_on and at.date() >= ends_on:
        message = f"From {ends_on}, {provider.spec.name} answers to version {provider.api_version} of its API no more."
        yield Risk(code="api_version_ends", message=message)


def of_quota(used: Usage) -> Iterator[Risk]:
    if used.free_at:
        message = (
            f"The platform takes {used.cap.posts} posts in {used.cap.seconds} s, and they are made or planned; "
            f"there is room again at {to_text(used.free_at)}."
        )
        yield Risk(code="quota_used", message=message)


def of_media(
    attached: Sequence[Attached], media: Mapping[str, Media], made: Mapping[tuple[str, str], Rendition]
) -> Iterator[Risk]:
    """Of what is still being made nothing is said: the sweep has it made, whenever a message was lost."""
    if any(
        media_id not in media or media[media_id].status != "ready" for each in attached for media_id in each.media_ids
    ):
        yield Risk(code="media_gone", message="A file of this post is not there any more.")
    failed = (made[pair].refusal for each in attached for pair in each.renditions if pair in made)
    if refusal := next((each for each in failed if each), None):
        yield Risk(code="media_unfit", message=f"A file could not be made fit for the platform: {refusal.message}")

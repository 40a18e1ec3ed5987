"""What an export holds of each thing: docs/exporting.md says the same to who reads one. No secret, nothing of ours."""

from collections.abc import Sequence
from typing import Any

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import deliveries, posts
from punctual.attempts import Attempt
from punctual.channels import Channel
from punctual.deliveries import Delivery
from punctual.exports import Counts
from punctual.media.library import Media
from punctual.posts import Post
from punctual.stored import Stored, Unreadable
from punctual.tables import Item, Table
from punctual.workspaces import Workspace

_WORKSPACE = ("id", "name", "created_at", "return_urls", "paused_at")
_CHANNEL = ("id", "provider", "account", "status", "created_at", "updated_at", "min_gap_seconds", "external_id")
_MEDIA = (
    "id",
    "status",
    "file_name",
    "alt_text",
    "facts",
    "refusal",
    "bytes_held",
    "created_at",
    "updated_at",
)
_POST = (
    "id",
    "status",
    "text",
    "thread",
    "first_comment",
    "media",
    "targets",
    "overrides",
    "due_at",
    "timezone",
    "max_delay_seconds",
    "labels",
    "external_id",
    "metadata",
    "created_at",
    "updated_at",
)
_DELIVERY = (
    "id",
    "channel_id",
    "provider",
    "status",
    "due_at",
    "text",
    "attached",
    "settings",
    "follow_ups",
    "live",
    "platform_id",
    "url",
    "started_at",
    "completed_at",
    "lateness_ms",
    "error",
)
_ATTEMPT = (
    "id",
    "delivery_id",
    "step",
    "part",
    "started_at",
    "ended_at",
    "outcome",
    "code",
    "status",
    "platform_code",
    "platform_id",
    "url",
)
_WORKSPACES, _CHANNELS, _MEDIA_ROWS, _POSTS = Stored(Workspace), Stored(Channel), Stored(Media), Stored(Post)
_DELIVERIES, _ATTEMPTS = Stored(Delivery), Stored(Attempt)


def workspace(found: Workspace) -> Item:
    return _only(_WORKSPACES.item(found), _WORKSPACE)


def channel(found: Channel) -> Item:
    return _only(_CHANNELS.item(found), _CHANNEL)


def media(found: Media) -> Item:
    """What is known of it; its file is fetched from the API."""
    return _only(_MEDIA_ROWS.item(found), _MEDIA)


def post(table: Table, post_id: str, at: float) -> tuple[Item, Counts] | None:
    """With its deliveries and their attempts, as they are now; None: it was deleted, or its time is over.
    `at` is the time as DynamoDB counts it."""
    rows = list(table.every(KeyCondition("pk").eq(post_id)))
    if not any(row["sk"] == "post" and row.get("expires_epoch", at + 1) > at for row in rows):
        return None
    try:
        return _read(rows)
    except Unreadable as error:
        return {"id": post_id, "unreadable": str(error)}, Counts(posts=1, unreadable=1)


def _read(rows: Sequence[Item]) -> tuple[Item, Counts]:
    """Raises Unreadable."""
    by_kind = {kind: [row for row in rows if row["sk"].startswith(kind)] for kind in ("post", "delivery#", "attempt#")}
    made = [_only(_DELIVERIES.item(deliveries.read(row)), _DELIVERY) for row in by_kind["delivery#"]]
    tried = [_only(_ATTEMPTS.item(_ATTEMPTS.read(row)), _ATTEMPT) for row in by_kind["attempt#"]]
    whole = _only(_POSTS.item(posts.read(by_kind["post"][0])), _POST)
    counts = Counts(posts=1, deliveries=len(made), attempts=len(tried))
    return {**whole, "deliveries": [{**each, "attempts": _of(each, tried)} for each in made]}, counts


def _of(delivery: Item, tried: Sequence[Item]) -> list[Item]:
    mine = [each for each in tried if each["delivery_id"] == delivery["id"]]
    return [{name: value for name, value in each.items() if name != "delivery_id"} for each in mine]


def _only(item: Item, names: Sequence[str]) -> dict[str, Any]:
    return {name: item.get(name) for name in names}

"""What outlives a post or a channel that was deleted alone is found by its id only: attempts, schedules, guards.

A row of the workspace remembers the id, so that whoever deletes the workspace finds them, and whose request it was.
"""

from datetime import UTC, datetime, timedelta

from punctual import acting
from punctual.tables import Item

PREFIX = "deleted#"
_POSTS_KEPT = timedelta(days=92)
"""Longer than attempts: layers/core/punctual/attempts.py."""


def of_post(workspace_id: str, post_id: str, rev: int, now: datetime) -> Item:
    """`rev` says how many schedules it may have had."""
    expires = int((now + _POSTS_KEPT).timestamp())
    return {**key(workspace_id, post_id), "rev": rev, "expires_epoch": expires, **acting.mark()}


def of_channel(workspace_id: str, channel_id: str) -> Item:
    """For good: what is live on its account stays its own for as long as its posts are kept."""
    return {**key(workspace_id, channel_id), **acting.mark()}


def post_id(row: Item) -> str | None:
    """Whose row this is, if it is one of a post."""
    found = str(row["sk"]).removeprefix(PREFIX)
    return found if found != row["sk"] and found.startswith("post_") else None


def deleted_at(row: Item) -> datetime:
    """Of a post, to the second."""
    return datetime.fromtimestamp(row["expires_epoch"], UTC) - _POSTS_KEPT


def key(workspace_id: str, deleted_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"{PREFIX}{deleted_id}"}

"""What outlives a post or a channel that was deleted alone is found by its id only: attempts, schedules, guards.

A row of the workspace remembers the id, so that whoever deletes the workspace finds them, and whose request it was.
"""

from datetime import UTC, datetime, timedelta

from punctual import acting
from punctual.clock import to_text
from punctual.tables import Item

PREFIX = "deleted#"
_POSTS_KEPT = timedelta(days=92)
"""Longer than attempts: layers/core/punctual/attempts.py."""


def of_post(workspace_id: str, post_id: str, rev: int, now: datetime) -> Item:
    """`rev` says how many schedules it may have had."""
    expires = int((now + _POSTS_KEPT).timestamp())
    return {**key(workspace_id, post_id), "rev": rev, "expires_epoch": expires, **acting.mark()}


def of_channel(workspace_id: str, channel_id: str, now: datetime) -> Item:
    """For good: what is live on its account stays its own for as long as its posts are kept."""
    return {**key(workspace_id, channel_id), "deleted_at": to_text(now), **acting.mark()}


def deleted(row: Item, since: datetime) -> str | None:
    """What was deleted, if this is such a row, and of this time or later; of a post to the second."""
    found = str(row["sk"]).removeprefix(PREFIX)
    if found == row["sk"]:
        return None
    if "deleted_at" in row:
        return found if datetime.fromisoformat(row["deleted_at"]) >= since else None
    is_later = "expires_epoch" in row and datetime.fromtimestamp(row["expires_epoch"], UTC) - _POSTS_KEPT >= since
    return found if is_later else None


def key(workspace_id: str, deleted_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"{PREFIX}{deleted_id}"}

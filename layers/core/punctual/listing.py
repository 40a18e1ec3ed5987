"""Lists of posts, page by page. A cursor is the last item's own index keys, so it survives inserts and deletes."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from punctual.clock import to_text
from punctual.deliveries import Deliveries
from punctual.posts import Post, Posts
from punctual.problems import BadRequest
from punctual.states import PostStatus

EARLIEST, LATEST = "0", "~"
_POST = re.compile(r"post_[0-9A-Z]{26}")
_ROW = re.compile(r"post|delivery#dlv_[0-9A-Z]{26}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """`from_at` is inclusive, `to_at` is not. Filters by channel and status together may give short pages."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    status: PostStatus | None = None
    channel_id: str | None = None

    def span(self) -> tuple[str, str]:
        """Bounds for index keys of the form `<time>#<id>`, which sort after their bare time."""
        earliest = to_text(self.from_at) if self.from_at else EARLIEST
        return earliest, to_text(self.to_at) if self.to_at else LATEST


class Listing:
    def __init__(self, posts: Posts, deliveries: Deliveries):
        self._posts = posts
        self._deliveries = deliveries

    def page(self, workspace_id: str, wanted: Filter, limit: int, cursor: str | None) -> tuple[list[Post], str | None]:
        """Posts by time, oldest first, and the next page's cursor. Raises BadRequest for a cursor that is none."""
        earliest, latest = wanted.span()
        if earliest > latest:
            return [], None
        after = _decoded(cursor) if cursor else {}
        if after and not earliest <= after["at"] <= latest:
            raise _invalid_cursor()
        if wanted.channel_id:
            return self._of_channel(workspace_id, wanted, limit, after)
        start = None
        if after:
            hashed = (
                {"workspace_status": f"{workspace_id}#{wanted.status}"}
                if wanted.status
                else {"workspace_id": workspace_id}
            )
            start = {"pk": after["pk"], "sk": "post", "listed_at": after["at"], **hashed}
        posts, next_key = self._posts.of_workspace(workspace_id, wanted.status, (earliest, latest), limit, start)
        return posts, _encoded(next_key["pk"], "post", next_key["listed_at"]) if next_key else None

    def _of_channel(
        self, workspace_id: str, wanted: Filter, limit: int, after: Mapping[str, str]
    ) -> tuple[list[Post], str | None]:
        channel_id = wanted.channel_id or ""
        start = {"pk": after["pk"], "sk": after["sk"], "channel_order": after["at"]} if after else None
        rows, next_key = self._deliveries.of_channel(
            channel_id, wanted.span(), limit, {**start, "channel_id": channel_id} if start else None
        )
        posts = [post for row in rows if (post := self._posts.get(row["pk"]))]
        if any(post.workspace_id != workspace_id for post in posts):
            return [], None  # another workspace's channel: its cursor would name posts of theirs
        if wanted.status:
            posts = [post for post in posts if post.status is wanted.status]
        return posts, _encoded(next_key["pk"], next_key["sk"], next_key["channel_order"]) if next_key else None


def _encoded(pk: str, sk: str, at: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([pk, sk, at]).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> dict[str, str]:
    """Any other position in the caller's own list may be asked for; what is no position would be DynamoDB's error."""
    try:
        pk, sk, at = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError) as error:
        raise _invalid_cursor() from error
    if not (isinstance(pk, str) and _POST.fullmatch(pk) and isinstance(sk, str) and _ROW.fullmatch(sk)):
        raise _invalid_cursor()
    if not isinstance(at, str) or not _TIME.fullmatch(at.removesuffix(f"#{pk}")):
        raise _invalid_cursor()
    return {"pk": pk, "sk": sk, "at": at}


def _invalid_cursor() -> BadRequest:
    return BadRequest("invalid_cursor", "This cursor is not one that this list answered.")

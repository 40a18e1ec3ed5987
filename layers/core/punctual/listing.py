"""Lists of posts, page by page, by their times; a draft without one is where it was written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from punctual import indexes, paging, posts
from punctual.clock import to_text
from punctual.indexes import Entries
from punctual.paging import ORDER, Row, Rows
from punctual.posts import Post, Posts
from punctual.sizes import bytes_answered
from punctual.states import PostStatus
from punctual.tables import Item, Page

EARLIEST, LATEST = "0", "~"
_DELIVERY = re.compile(r"delivery#dlv_[0-9A-Z]{26}")
_NOTHING = re.compile("")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a post must be like; `from_at` is inclusive, `to_at` is not."""

    from_at: datetime | None = None
    to_at: datetime | None = None
    status: PostStatus | None = None
    channel_id: str | None = None
    provider: str | None = None
    label: str | None = None
    external_id: str | None = None

    def span(self) -> tuple[str, str]:
        """Bounds for index keys of the form `<time>#<id>`, which sort after their bare time."""
        earliest = to_text(self.from_at) if self.from_at else EARLIEST
        return earliest, to_text(self.to_at) if self.to_at else LATEST

    def fits(self, post: Post) -> bool:
        """But for its time."""
        return (
            self.status in (None, post.status)
            and self.external_id in (None, post.external_id)
            and (not self.label or self.label in post.labels)
            and (not self.provider or self.provider in post.providers)
            and (not self.channel_id or any(target.channel_id == self.channel_id for target in post.targets))
        )

    def entries(self, workspace_id: str) -> Entries:
        """Of the filter that is likely to find the fewest posts."""
        if self.external_id:
            return indexes.of_facet(workspace_id, "external_id", self.external_id, "post")
        if self.label:
            return indexes.of_facet(workspace_id, "label", self.label, posts.label_key("", self.label)["sk"])
        if self.channel_id:
            return indexes.of_channel(self.channel_id)
        if self.status:
            return indexes.of_status(workspace_id, self.status)
        if self.provider:
            return indexes.of_facet(workspace_id, "provider", self.provider, None)
        return indexes.of_workspace(workspace_id)

    def name(self, workspace_id: str, *, oldest_first: bool) -> str:
        """Of the list, whatever the span: a client may move that as time goes on."""
        given = (self.external_id, self.label, self.channel_id, self.status, self.provider)
        return paging.list_name("posts", workspace_id, oldest_first, *given)


class Listing:
    def __init__(self, posts: Posts):
        self._posts = posts

    def page(
        self, workspace_id: str, wanted: Filter, limit: int, cursor: str | None, *, oldest_first: bool = True
    ) -> tuple[list[Post], str | None]:
        """Posts, and the next page's cursor. Raises BadRequest for a cursor that is none.

        One index is read, for at most `paging.MOST_READS` times `limit` entries, and each time the posts that they
        name in one batch; what the other filters leave out makes the page short. With no filter but time posts are
        as they were a moment ago; with one they are as they are.
        """
        span = wanted.span()
        if span[0] > span[1]:
            return [], None
        entries = wanted.entries(workspace_id)
        name = wanted.name(workspace_id, oldest_first=oldest_first)

        def read(after: Item | None) -> Rows[Post]:
            page = self._posts.entries(entries, span, limit, after, oldest_first=oldest_first)
            return self._found(workspace_id, wanted, entries, page, after)

        found, following = paging.filled(read, limit, _start(entries, span, name, cursor))
        if following is None:
            return found, None
        return found, paging.cursor_of(name, entries.order(following), "" if entries.sk else following["sk"])

    def _found(self, workspace_id: str, wanted: Filter, entries: Entries, page: Page, after: Item | None) -> Rows[Post]:
        there = self._there(entries, page)
        if any(post.workspace_id != workspace_id for post in there.values()):
            return [], None  # another workspace's channel: a cursor would name posts of theirs
        return list(_rows(wanted, entries, page, there, after)), page.next_key

    def _there(self, entries: Entries, page: Page) -> dict[str, Post]:
        """The posts that the index names, by id."""
        if entries.holds_posts:
            found = (self._posts.there(posts.read(item)) for item in page.items)
            return {post.id: post for post in found if post}
        wanted = list(dict.fromkeys(item["pk"] for item in page.items))
        return {post.id: post for post in self._posts.get_all(wanted)}


def _rows(
    wanted: Filter, entries: Entries, page: Page, there: dict[str, Post], after: Item | None
) -> Iterator[Row[Post]]:
    """An entry is passed over where its post is gone, or has another time or content than the index knows yet, and
    where it is another entry of the post before it: a delivery that has just taken another's place."""
    before = after["pk"] if after else None
    for item in page.items:
        order = entries.order(item)
        post = there.get(item["pk"]) if item["pk"] != before else None
        before = item["pk"]
        key = entries.key(order, item["sk"])
        if post and post.listed_at == order and wanted.fits(post):
            yield Row(key=key, found=post, size=bytes_answered(posts.as_item(post)))
        else:
            yield Row(key=key, found=None)


def _start(entries: Entries, span: tuple[str, str], name: str, cursor: str | None) -> Item | None:
    """DynamoDB refuses to begin outside of the span."""
    if not cursor:
        return None
    order, sk = paging.place_in(name, cursor, ORDER, _NOTHING if entries.sk else _DELIVERY)
    if not span[0] <= order <= span[1]:
        raise paging.invalid_cursor()
    return entries.key(order, sk)

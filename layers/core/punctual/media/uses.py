"""Which posts name which media: a row for each, written and removed in the post's own transactions.

No post's transaction touches the media's row: one picture may be in a hundred posts that are written at once. So who
deletes a media first says so on its row, and takes its files away only when a minute has passed, in which every request
that saw it before has ended: `ending`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.tables import Item, Table

SETTLES_AFTER = timedelta(seconds=90)
"""Of a media that was deleted or expired: by then every request that saw it before has ended, and told what uses it."""
_PAGE = 25
"""Posts that are read at once: one may have 360 KB."""


class Uses:
    def __init__(self, table: Table):
        self._table = table

    def of(self, workspace_id: str, media_id: str, limit: int | None = None) -> list[str]:
        """The posts that name it."""
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with(f"use#{media_id}#")
        if limit is not None:
            return [str(row["post_id"]) for row in self._table.query(mine, limit=limit).items]
        return [str(row["post_id"]) for row in self._table.every(mine)]

    def pages(self, workspace_id: str, media_id: str) -> Iterator[list[str]]:
        """The same, some at a time, the latest first: where one of them needs it, it is mostly among those."""
        mine = KeyCondition("pk").eq(workspace_id) & KeyCondition("sk").begins_with(f"use#{media_id}#")
        start = None
        while True:
            page = self._table.query(mine, limit=_PAGE, start=start, forward=False)
            yield [str(row["post_id"]) for row in page.items]
            start = page.next_key
            if not start:
                return

    def remove(self, workspace_id: str, media_id: str, post_ids: Iterable[str]) -> None:
        """Of posts that are gone."""
        for post_id in post_ids:
            self._table.delete(key(workspace_id, media_id, post_id))

    def changing(self, workspace_id: str, post_id: str, before: Iterable[str], after: Iterable[str]) -> Sequence[Item]:
        """For the transaction that makes a post name other media than before."""
        old, new = set(before), set(after)
        added = [self._table.putting(_row(workspace_id, each, post_id)) for each in sorted(new - old)]
        gone = [self._table.deleting(key(workspace_id, each, post_id)) for each in sorted(old - new)]
        return [*added, *gone]


def key(workspace_id: str, media_id: str, post_id: str) -> Item:
    return {"pk": workspace_id, "sk": f"use#{media_id}#{post_id}"}


def _row(workspace_id: str, media_id: str, post_id: str) -> Item:
    return {**key(workspace_id, media_id, post_id), "post_id": post_id}

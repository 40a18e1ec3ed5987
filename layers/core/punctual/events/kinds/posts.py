"""Posts."""

from collections.abc import Sequence
from typing import Any

from punctual.events.changes import Change
from punctual.events.kinds.kind import Kind, Said
from punctual.events.told import Facts
from punctual.states import UNFINISHED, DeliveryStatus, PostStatus
from punctual.tables import Item, Table

_OPEN = {PostStatus.DRAFT.value, *(DeliveryStatus(each).value for each in UNFINISHED)}


class _Posts(Kind):
    name = "post"
    leaves_a_row = True

    def has(self, pk: str, sk: str) -> bool:
        return sk == "post"

    def subject(self, pk: str, sk: str) -> str:
        return pk

    def key(self, workspace_id: str, subject: str, facts: Facts) -> Item:
        return {"pk": subject, "sk": "post"}

    def facts(self, item: Item) -> dict[str, Any]:
        return {"status": item.get("status", ""), "rev": item.get("rev", 0)}

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        data = {"post_id": change.pk}
        if after is None:
            return [Said(type="post.expired" if change.is_expiry else "post.deleted", data=data)]
        return [Said(type=f"post.{after['status'].lower()}", data={**data, "status": after["status"]})]

    def told_first(self, before: Facts | None, after: Facts | None) -> str | None:
        return "delivery#" if after and after["status"] not in _OPEN else None


POSTS = _Posts()

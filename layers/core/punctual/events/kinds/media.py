"""Media. That they are looked into is not told; of one that was deleted and put back, `media.ready` is told again.

A repair leaves out a name or an alternative text that was changed before the status was, and a media that came, went
and is forgotten.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from punctual.events.changes import Change
from punctual.events.data import MediaData
from punctual.events.kinds.kind import OfWorkspace, Said, inner, text, without_none
from punctual.events.told import Facts
from punctual.tables import Item, Table

_TYPES = {status: f"media.{status}" for status in ("ready", "refused", "expired", "deleted")}
_ENDED = frozenset({"refused", "expired", "deleted"})
_BEGINNINGS = frozenset({"uploading", "importing"})


class _Media(OfWorkspace):
    name = "media"

    def facts(self, item: Item) -> dict[str, Any]:
        return without_none({"status": text(item, "status"), "updated_at": text(item, "updated_at")})

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        """The row of one that has ended is kept for a while; that it goes is no news."""
        if after is None:
            is_news = before is not None and before.get("status") not in _ENDED
            return [Said(type="media.deleted", data=self._data("deleted", change))] if is_news else []
        return list(self._became(before, after, change))

    def _became(self, before: Facts | None, after: Facts, change: Change) -> Iterator[Said]:
        status = after.get("status", "")
        data = self._data(status, change)
        if before is None:
            begun = "uploading" if "declared_bytes" in change.item else "importing"
            yield Said(type="media.created", data={**data, "status": status if status in _BEGINNINGS else begun})
        if before is None or status != before.get("status"):
            if status in _TYPES:
                yield Said(type=_TYPES[status], data=data)
        elif after.get("updated_at") != before.get("updated_at"):
            yield Said(type="media.updated", data=data)

    def _data(self, status: str, change: Change) -> MediaData:
        return {
            "media_id": self.subject(change.pk, change.sk),
            "status": status,
            "kind": text(inner(change.item, "facts"), "kind"),
            "code": text(inner(change.item, "refusal"), "code"),
        }


MEDIA = _Media()

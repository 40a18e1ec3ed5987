"""Calendar feeds. One is revoked by a mark on its row, or with it."""

from collections.abc import Sequence
from typing import Any

from punctual.events.changes import Change
from punctual.events.data import CalendarData
from punctual.events.kinds.kind import OfWorkspace, Said, text
from punctual.events.told import Facts
from punctual.tables import Item, Table


class _Calendars(OfWorkspace):
    name = "calendar"

    def facts(self, item: Item) -> dict[str, Any]:
        return {"is_revoked": text(item, "revoked_at") is not None}

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        data: CalendarData = {"calendar_id": self.subject(change.pk, change.sk)}
        created = [Said(type="calendar.created", data=data)] if before is None else []
        was_revoked = bool(before and before.get("is_revoked"))
        is_revoked = after is None or bool(after.get("is_revoked"))
        return [*created, Said(type="calendar.revoked", data=data)] if is_revoked and not was_revoked else created


CALENDARS = _Calendars()

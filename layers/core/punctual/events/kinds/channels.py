"""Channels. The row of a new one is there before its account is connected: nothing is told of it until then.

A repair tells that a channel was connected again by its grant, which is another one then; not that it ended before.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from punctual import acting, leftovers
from punctual.events.changes import Change
from punctual.events.data import ChannelData
from punctual.events.kinds.kind import OfWorkspace, Said, number, text, texts, without_none
from punctual.events.told import Facts
from punctual.tables import Item, Table

_ACTIVE = "active"
_SETTINGS = ("external_id", "min_gap_seconds", "missing_scopes", "refresh_failing_since")


class _Channels(OfWorkspace):
    name = "channel"

    def facts(self, item: Item) -> dict[str, Any]:
        return without_none(
            {
                "provider": text(item, "provider"),
                "status": text(item, "status"),
                "reason": text(item, "status_reason"),
                "grant_id": text(item, "grant_id"),
                "expiring_since": text(item, "token_expiring_since"),
                "external_id": text(item, "external_id"),
                "min_gap_seconds": number(item, "min_gap_seconds") or None,
                "missing_scopes": sorted(texts(item, "missing_scopes")) or None,
                "refresh_failing_since": text(item, "refresh_failing_since"),
            }
        )

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        if after is None:
            left = work.get(leftovers.key(change.pk, self.subject(change.pk, change.sk))) or {}
            data = self._data(before or {}, change)
            return [Said(type="channel.deleted", data=data, acted=text(left, acting.ATTRIBUTE))]
        return list(self._became(before or {}, after, change))

    def _became(self, before: Facts, after: Facts, change: Change) -> Iterator[Said]:
        data = self._data(after, change)
        is_active, is_connected = after.get("status") == _ACTIVE, "grant_id" in after
        if is_connected and "grant_id" not in before:
            yield Said(type="channel.connected", data={**data, "status": _ACTIVE, "reason": None})
            if not is_active:
                yield Said(type="channel.disconnected", data=data)
        elif after.get("status") != before.get("status") or after.get("grant_id") != before.get("grant_id"):
            if is_connected:
                yield Said(type="channel.reconnected" if is_active else "channel.disconnected", data=data)
        elif any(after.get(name) != before.get(name) for name in _SETTINGS):
            yield Said(type="channel.updated", data=data)
        if is_active and "expiring_since" in after and after["expiring_since"] != before.get("expiring_since"):
            yield Said(type="channel.token_expiring", data=data)

    def _data(self, facts: Facts, change: Change) -> ChannelData:
        return {
            "channel_id": self.subject(change.pk, change.sk),
            "provider": facts.get("provider", ""),
            "status": facts.get("status", ""),
            "reason": facts.get("reason"),
            "external_id": facts.get("external_id"),
            "grant_ends_at": text(change.item, "grant_ends_at"),
        }


CHANNELS = _Channels()

"""The order in which a workspace goes, in pieces that may be broken off, repeated and run side by side.

    marked            nothing more is published (pauses.py); keys still work
    keys revoked      then QUIET: until then authorizers, requests and workers may know what was before
    rounds            each removes whatever it finds; indexes lag, so one that found something is followed by another
    the row itself    after a round that found nothing, and began AFTER the last thing found; where there were media,
                      also LINGERS after everything was quiet

Nothing but that row says how far a removal is, and nothing but a clean round ends it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from punctual.api_keys import ApiKeys
from punctual.clock import Now
from punctual.removals import Removal, Removals
from punctual.tables import ConditionFailed

log = logging.getLogger(__name__)

QUIET = timedelta(seconds=150)
"""The authorizer's cache (60 s) and then a request (25 s); a publisher's lease (75 s) ends earlier."""
AFTER = timedelta(seconds=240)
"""How long an invocation may go on removing, and a minute for indexes."""
LINGERS = timedelta(minutes=70)
"""What was signed for uploading is good for an hour."""
_LINGERING = frozenset({"media"})
_AT_ONCE = timedelta(0)

Remove: TypeAlias = Callable[[], None]
"""Removes one thing, or several that belong together; once more does no harm."""
Step: TypeAlias = Callable[[str], Iterator[Remove]]
"""What there is of a workspace, found as it is asked for."""


class Removing:
    """`steps` in their order, by what they remove."""

    def __init__(self, removals: Removals, keys: ApiKeys, steps: Mapping[str, Step], now: Now):
        self._removals = removals
        self._keys = keys
        self._steps = steps
        self._now = now

    def advance(self, workspace_id: str, until: datetime) -> timedelta | None:
        """Work `until` then; how long to wait before going on, or None: there is nothing more to do."""
        try:
            return self._advance(workspace_id, until)
        except ConditionFailed:
            log.info("removed by somebody else", extra={"workspace_id": workspace_id})
            return None

    def _advance(self, workspace_id: str, until: datetime) -> timedelta | None:
        removal = self._removals.get(workspace_id)
        if removal is None:
            return None
        if self._shut(workspace_id) or removal.shut_at is None:
            self._removals.note_shut(workspace_id)
            return QUIET
        quiet_at = removal.shut_at + QUIET
        if self._now() < quiet_at:
            return quiet_at - self._now()
        return self._round(workspace_id, removal, quiet_at, until)

    def _shut(self, workspace_id: str) -> bool:
        """Revoke its keys; whether there was one that worked."""
        working = [key for key in self._keys.of_workspace(workspace_id) if key.status(self._now()) == "active"]
        if working:
            self._removals.note_open(workspace_id)
        for key in working:
            self._keys.end(key)
        return bool(working)

    def _round(self, workspace_id: str, removal: Removal, quiet_at: datetime, until: datetime) -> timedelta | None:
        begun_at = self._now()
        found: dict[str, int] = {}
        for name, step in self._steps.items():
            for remove in step(workspace_id):
                if not found:
                    self._removals.note_found(workspace_id)
                if name in _LINGERING and name not in found:
                    self._removals.note_lingering(workspace_id)
                found[name] = found.get(name, 0) + 1
                remove()
                if self._now() >= until:
                    return self._found(workspace_id, found, _AT_ONCE)
        if found:
            return self._found(workspace_id, found, AFTER)
        if removal.found_at is None:
            self._removals.note_found(workspace_id)
            return AFTER
        ends_at = max(removal.found_at + AFTER, quiet_at + LINGERS if removal.lingers else quiet_at)
        if begun_at < ends_at:
            return ends_at - begun_at
        self._removals.finish(workspace_id)
        log.info("workspace removed", extra={"workspace_id": workspace_id, "unrevoked": removal.unrevoked})
        return None

    def _found(self, workspace_id: str, found: Mapping[str, int], wait: timedelta) -> timedelta:
        log.info("removing", extra={"workspace_id": workspace_id, "removed": dict(found)})
        return wait

"""Everything told from the table, where the stream's records were lost: `Telling` says the difference to what was told.

Then what was told is gone through for what is there no more. Both go on from minute to minute, page by page, and a page
that is told twice tells nothing more. Writers and the stream go on meanwhile.

Before all this, on a stack that is older than its feed, what is there is noted without a word: the baseline. Only what
is so young that its own records are still in the stream is left to them.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from boto3.dynamodb.conditions import Attr

from punctual import ids, leftovers
from punctual.clock import Now
from punctual.events import kinds, told
from punctual.events.changes import Change
from punctual.events.repairs import Repair, Repairs, figures
from punctual.events.telling import Telling
from punctual.events.told import Told
from punctual.tables import ConditionFailed, Item, Table

log = logging.getLogger(__name__)

STREAM_KEEPS = timedelta(hours=23)
"""With an hour for the stream's reader to begin."""
_PAGE = 200
_PAGE_OF_TOLD = 1000
"""Most of what is looked through there are events, which are passed over."""
_LEAVING_ROWS = {"post": "post", "chn": "channel"}
"""By the prefix of their ids."""
_IS_TOLD = Attr("pk").begins_with(told.partition(""))

Wake: TypeAlias = Callable[[str], object]
"""Is told of each workspace whose feed may have more."""


class Repairing:
    def __init__(self, *, work: Table, events: Table, telling: Telling, repairs: Repairs, wake: Wake, now: Now):
        self._work = work
        self._events = events
        self._telling = telling
        self._repairs = repairs
        self._wake = wake
        self._now = now

    def go_on(self, until: datetime) -> Repair | None:
        """Work until then, if there is something to do and nobody is at it; how far it is."""
        seen, now = self._repairs.get(), self._now()
        phase = seen.phase or seen.due(now)
        if phase is None or seen.is_held(now):
            return None
        try:
            repair = self._repairs.hold(seen, seen) if seen.phase else self._repairs.begin(seen, phase)
            while repair.phase and self._now() < until:
                repair = self._page(repair)
            repair = self._repairs.let_go(repair) if repair.phase else repair
        except ConditionFailed:
            log.info("somebody else goes on with the repair")
            return None
        log.info("repairing" if repair.phase else "repaired", extra=figures(repair))
        return repair

    def _page(self, repair: Repair) -> Repair:
        match repair.phase:
            case "baseline":
                return self._note(repair)
            case "table":
                return self._tell_table(repair)
            case _:
                return self._tell_gone(repair)

    def _note(self, repair: Repair) -> Repair:
        at, page = self._now(), self._work.scan(_PAGE, repair.place)
        changes = [change for change in _changes(page.items, at) if not _is_young(change, repair)]
        self._telling.note(changes)
        done = replace(repair, place=page.next_key, read=repair.read + len(changes))
        return self._repairs.hold(repair, done) if done.place else self._repairs.end(done)

    def _tell_table(self, repair: Repair) -> Repair:
        at, page = self._now(), self._work.scan(_PAGE, repair.place)
        changes = _changes(page.items, at)
        done = self._tell(repair, [*changes, *self._only_left(page.items, at, repair)])
        done = replace(done, place=page.next_key, read=repair.read + len(changes))
        return self._repairs.hold(repair, done if done.place else replace(done, phase="told"))

    def _tell_gone(self, repair: Repair) -> Repair:
        page = self._events.scan(_PAGE_OF_TOLD, repair.place, _IS_TOLD)
        gone = self._gone([told.read(item) for item in page.items])
        done = self._tell(repair, gone)
        done = replace(done, place=page.next_key, gone=repair.gone + len(gone))
        return self._repairs.hold(repair, done) if done.place else self._repairs.end(done)

    def _tell(self, repair: Repair, changes: Sequence[Change]) -> Repair:
        before = self._telling.appended
        for workspace_id in self._telling.tell(changes):
            self._wake(workspace_id)
        return replace(repair, told=repair.told + self._telling.appended - before)

    def _gone(self, page: Sequence[Told]) -> list[Change]:
        at, keys = self._now(), [(each.workspace_id, key) for each in page if (key := _key(each))]
        there = {(item["pk"], item["sk"]) for item in self._work.get_all([key for _, key in keys])}
        return [
            Change(**key, at=at, old={**key, "workspace_id": workspace_id})
            for workspace_id, key in keys
            if (key["pk"], key["sk"]) not in there
        ]

    def _only_left(self, items: Sequence[Item], at: datetime, repair: Repair) -> list[Change]:
        """What came and went unseen, as far as rows say so. Of what went earlier it is forgotten what was told."""
        since = max(at - told.REMEMBERED, repair.watched_since or at)
        return [
            Change(**key, at=at, old={**item, **key, "workspace_id": item["pk"]})
            for item in items
            if (deleted := leftovers.deleted(item, since)) and (key := _key_of(item["pk"], deleted))
        ]


def _changes(items: Sequence[Item], at: datetime) -> list[Change]:
    return [Change(pk=item["pk"], sk=item["sk"], at=at, new=item) for item in items if kinds.of(item)]


def _is_young(change: Change, repair: Repair) -> bool:
    kind = kinds.of({"pk": change.pk, "sk": change.sk})
    made_at = ids.made_at(kind.subject(change.pk, change.sk)) if kind else None
    return made_at is not None and repair.begun_at is not None and made_at > repair.begun_at - STREAM_KEEPS


def _key_of(workspace_id: str, deleted: str) -> Item | None:
    kind = kinds.named(_LEAVING_ROWS.get(deleted.partition("_")[0], ""))
    return kind.key(workspace_id, deleted, {}) if kind else None


def _key(each: Told) -> Item | None:
    """Where the item was; None: it was told that it is gone."""
    kind = kinds.named(str(each.facts["kind"])) if each.facts else None
    return kind.key(each.workspace_id, each.subject, each.facts) if kind and each.facts else None

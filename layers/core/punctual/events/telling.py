"""The work table's stream, told: a change is its own outbox.

A record says what an item was changed to. What was told last of the item says what is new about that: the events that
lead from the one to the other are appended to the feed in the transaction that notes what is told now. So a record
that comes twice tells nothing, and an item that is read from the table, because its records are lost, tells what they
would have told, but for what came and went between them.

Where an item was told from the table, records from before then are met by reading it again: it says all that they say.
What is told from the table is read after what was told of it: another may tell a newer record meanwhile, and what was
read before that would be told backwards.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import acting, leftovers, workspaces
from punctual.clock import Now
from punctual.events import kinds
from punctual.events.changes import Change
from punctual.events.event import Draft
from punctual.events.feed import MOST_APPENDED, Feed
from punctual.events.kinds import Kind, Said, text
from punctual.events.told import Facts, Told, ToldOf
from punctual.tables import ConditionFailed, Item, Table

SKEW = timedelta(seconds=5)
"""Between our clock and DynamoDB's, whose records also leave the fraction of a second out."""
Each: TypeAlias = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
_ROUNDS = 20
_KIND, _ACTED = "kind", acting.ATTRIBUTE


class Telling:
    """`work` is the table that is told of, `events` the one that keeps the feed and what was told."""

    def __init__(self, *, work: Table, events: Table, feed: Feed, now: Now):
        self._work = work
        self._events = events
        self._feed = feed
        self._now = now
        self.appended = 0
        """Events, by this object."""

    def tell(
        self,
        changes: Sequence[Change],
        *,
        old_was_told: bool = False,
        repaired_at: datetime | None = None,
        each: Each = map,
    ) -> list[str]:
        """Those of one item in their order. The workspaces whose feeds may have more now.

        `old_was_told`: what an item was before a record needs no telling, though nothing says that it was told.
        `repaired_at`: since then everything was told from the table.
        `each` goes through the workspaces; a pool's `map` does so side by side.
        """
        manner = _Manner(old_was_told=old_was_told, repaired_at=repaired_at)

        def tell(theirs: tuple[str, Sequence[Change]]) -> str | None:
            return theirs[0] if self._told(*theirs, manner) else None

        return [workspace_id for workspace_id in each(tell, _by_workspace(changes)) if workspace_id]

    def note(self, changes: Sequence[Change]) -> None:
        """As if they had been told, without a word; what was told already stays as it is."""
        for workspace_id, each in _by_workspace(changes):
            self._told(workspace_id, each, _Manner(silently=True))

    def _told(self, workspace_id: str, changes: Sequence[Change], manner: "_Manner") -> bool:
        """Whether the workspace is there, and stays: a feed that grew while it is deleted would be left behind."""
        workspace = self._work.get(workspaces.key(workspace_id))
        if workspace is None or "deleting_at" in workspace:
            return False
        for _ in range(_ROUNDS):
            told = ToldOf(self._events, workspace_id, self._now)
            told.read(_subject(change) for change in changes)
            steps = _Steps(self._work, told, self._now, manner)
            steps.take_each(changes)
            try:
                for chunk in _chunks(steps.all):
                    self._append(workspace_id, told, chunk)
            except ConditionFailed:
                continue  # somebody else told of one of these meanwhile
            return True
        raise TimeoutError("the same items are being told of by too many at once")

    def _append(self, workspace_id: str, told: ToldOf, chunk: "Sequence[_Step]") -> None:
        latest = {step.told.subject: step.told for step in chunk}
        drafts = [draft for step in chunk for draft in step.drafts]
        self.appended += len(self._feed.append(workspace_id, drafts, [told.writing(each) for each in latest.values()]))
        for each in latest.values():
            told.wrote(each)


@dataclass(frozen=True, kw_only=True)
class _Manner:
    old_was_told: bool = False
    repaired_at: datetime | None = None
    silently: bool = False


@dataclass(frozen=True, kw_only=True)
class _Step:
    drafts: Sequence[Draft]
    told: Told


class _Steps:
    """What is to be told of one workspace, in order."""

    def __init__(self, work: Table, told: ToldOf, now: Now, manner: _Manner):
        self._work = work
        self._told = told
        self._now = now
        self._manner = manner
        self._coming: Sequence[Change] = ()
        self.all: list[_Step] = []

    def take_each(self, changes: Sequence[Change]) -> None:
        self._coming = changes
        for change in changes:
            self.take(change)

    def take(self, change: Change) -> None:
        kind, subject = _kind(change), _subject(change)
        told = self._told.of(subject)
        if self._says_nothing(kind, told, change):
            return
        if self._is_outdated(told, change):
            change = self._as_it_is(kind, change)
        if told.is_gone and change.new is None:
            return
        before, after = self._before(kind, told, change), _facts(kind, change.new)
        if before == after:
            return
        if prefix := kind.told_first(before, after):
            self._take_all(kind, after, change.pk, prefix)
        said = [] if self._manner.silently else kind.changed(before, after, change, self._work)
        is_one_write = bool(change.sequence_number) and _facts(kind, change.old) == before
        mark = _new_mark(before, after) if is_one_write else None
        drafts = [_draft(each, change, mark) for each in said]
        now_told = replace(
            told,
            facts=after,
            is_gone=after is None,
            stream=change.stream,
            sequence_number=change.sequence_number,
            read_at=None if change.sequence_number else change.at,
        )
        self._told.note(now_told)
        self.all.append(_Step(drafts=drafts, told=now_told))

    def _says_nothing(self, kind: Kind, told: Told, change: Change) -> bool:
        if change.sequence_number:
            return told.is_gone or told.knows(str(change.stream), change.sequence_number)
        if self._manner.silently:
            return told.is_gone or told.facts is not None
        if change.new is None and told.version == 0:
            return not change.old  # it came and went unseen
        return _facts(kind, change.new) == told.facts

    def _is_outdated(self, told: Told, change: Change) -> bool:
        """Whether more may have been told of the item already."""
        if change.sequence_number:
            return any(read_at and change.at <= read_at + SKEW for read_at in (told.read_at, self._manner.repaired_at))
        return not self._manner.silently

    def _before(self, kind: Kind, told: Told, change: Change) -> Facts | None:
        if told.facts is not None:
            return told.facts
        is_known = self._manner.old_was_told or change.new is None
        return _facts(kind, change.old) if is_known else None

    def _take_all(self, kind: Kind, after: Facts | None, pk: str, prefix: str) -> None:
        """As few of them as it takes, and by their own records as far as these are at hand: of one that is read ahead,
        states that came and went are not told, nor whose it was."""
        at = self._now()
        items = list(self._work.every(KeyCondition("pk").eq(pk) & KeyCondition("sk").begins_with(prefix)))
        changes = [Change(pk=item["pk"], sk=item["sk"], at=at, new=item) for item in items if kinds.of(item)]
        subjects = [_subject(each) for each in changes]
        self._told.read(subjects)
        if not kind.follows(after, [_facts(_kind(each), each.new) for each in changes]):
            return
        for each in sorted(changes, key=lambda each: _kind(each).is_over(self._told.of(_subject(each)).facts)):
            for known in (*self._records(each), each):
                if kind.follows(after, [self._told.of(subject).facts for subject in subjects]):
                    return
                self.take(known)

    def _records(self, of: Change) -> Sequence[Change]:
        return [each for each in self._coming if each.sequence_number and (each.pk, each.sk) == (of.pk, of.sk)]

    def _as_it_is(self, kind: Kind, change: Change) -> Change:
        at = self._now()
        item = self._work.get({"pk": change.pk, "sk": change.sk})
        expired = item is None and (change.is_expiry or self._expired(kind, change))
        old = change.item if item is None else change.old
        return Change(pk=change.pk, sk=change.sk, at=at, old=old, new=item, is_expiry=expired)

    def _expired(self, kind: Kind, change: Change) -> bool:
        if not kind.leaves_a_row:
            return False
        left = leftovers.key(str(kind.workspace_id(change.item)), kind.subject(change.pk, change.sk))
        return self._work.get(left) is None


def _by_workspace(changes: Sequence[Change]) -> Iterable[tuple[str, Sequence[Change]]]:
    theirs: dict[str, list[Change]] = {}
    for change in changes:
        kind = kinds.of({"pk": change.pk, "sk": change.sk})
        if kind and (workspace_id := kind.workspace_id(change.item)):
            theirs.setdefault(workspace_id, []).append(change)
    return theirs.items()


def _chunks(steps: Sequence[_Step]) -> Sequence[Sequence[_Step]]:
    """As many as one transaction takes."""
    chunks: list[list[_Step]] = []
    size, subjects = MOST_APPENDED, set[str]()
    for step in steps:
        size += len(step.drafts) + (step.told.subject not in subjects)
        if size > MOST_APPENDED:
            chunks.append([])
            size, subjects = len(step.drafts) + 1, set()
        chunks[-1].append(step)
        subjects.add(step.told.subject)
    return chunks


def _kind(change: Change) -> Kind:
    kind = kinds.of({"pk": change.pk, "sk": change.sk})
    if kind is None:
        raise ValueError("an item of no kind that is told of")
    return kind


def _subject(change: Change) -> str:
    return _kind(change).subject(change.pk, change.sk)


def _facts(kind: Kind, item: Item | None) -> dict[str, Any] | None:
    if item is None:
        return None
    acted = text(item, _ACTED)
    return {_KIND: kind.name, **kind.facts(item), **({_ACTED: acted} if acted else {})}


def _new_mark(before: Facts | None, after: Facts | None) -> str | None:
    """Of the request that wrote the item last. Of several writes at once, nobody knows which of them was its."""
    mark: str | None = (after or {}).get(_ACTED)
    return mark if mark != (before or {}).get(_ACTED) else None


def _draft(said: Said, change: Change, mark: str | None) -> Draft:
    whose = said.acted or mark
    return Draft(type=said.type, timestamp=change.at, data=said.data, actor=acting.read(whose) if whose else None)

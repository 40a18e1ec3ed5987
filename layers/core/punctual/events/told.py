"""What was told last of each item. Whoever tells more writes this in the transaction that appends the events, on
condition that it is as it was read: so nothing is told twice, and nothing is told backwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeAlias

from boto3.dynamodb.conditions import Attr

from punctual.clock import Moment, Now
from punctual.stored import Stored
from punctual.tables import Item, Table

REMEMBERED = timedelta(days=3)
"""Of what is gone: longer than a stream has records of it."""

Facts: TypeAlias = Mapping[str, Any]
"""What of an item matters to events, as JSON has it."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Of one item. `facts` is None while nothing was told, and once it was told that it is gone."""

    workspace_id: str
    subject: str
    """The item's id."""
    facts: dict[str, Any] | None = None
    stream: str | None = None
    """The stream whose record told it last; another table's numbers compare with none of these."""
    sequence_number: str | None = None
    """That record's."""
    read_at: Moment | None = None
    """When the item was read from the table, if that told it last: records from before then say nothing new."""
    version: int = 0
    is_gone: bool = field(default=False)

    def knows(self, stream: str, sequence_number: str) -> bool:
        """Whether this record is one that was told before, or older than one that was."""
        if self.stream != stream or self.sequence_number is None:
            return False
        return int(sequence_number) <= int(self.sequence_number)


_STORED = Stored(Told)


class ToldOf:
    """A workspace's; what was read or noted is remembered by this object, for one round of telling."""

    def __init__(self, table: Table, workspace_id: str, now: Now):
        self._table = table
        self._workspace_id = workspace_id
        self._now = now
        self._stored: dict[str, Told] = {}
        self._latest: dict[str, Told] = {}

    def read(self, subjects: Iterable[str]) -> None:
        """Beforehand, in few requests."""
        wanted = [subject for subject in dict.fromkeys(subjects) if subject not in self._stored]
        items = self._table.get_all([key(self._workspace_id, subject) for subject in wanted])
        found = {told.subject: told for told in map(_STORED.read, items)}
        for subject in wanted:
            self._stored[subject] = found.get(subject, Told(workspace_id=self._workspace_id, subject=subject))

    def of(self, subject: str) -> Told:
        if subject not in self._latest:
            self.read([subject])
            self._latest[subject] = self._stored[subject]
        return self._latest[subject]

    def note(self, told: Told) -> None:
        self._latest[told.subject] = told

    def writing(self, told: Told) -> Item:
        """For a transaction. Once it is written, `wrote` says so."""
        before = self._stored[told.subject].version
        as_read = Attr("version").eq(before) if before else Attr("pk").not_exists()
        item = {**key(self._workspace_id, told.subject), **_STORED.item(replace(told, version=before + 1))}
        if told.is_gone:
            item["expires_epoch"] = int((self._now() + REMEMBERED).timestamp())
        return self._table.putting(item, as_read)

    def wrote(self, told: Told) -> None:
        self._stored[told.subject] = replace(told, version=self._stored[told.subject].version + 1)


def key(workspace_id: str, subject: str) -> Item:
    return {"pk": partition(workspace_id), "sk": subject}


def partition(workspace_id: str) -> str:
    return f"told#{workspace_id}"


def read(item: Item) -> Told:
    return _STORED.read(item)

"""A table that is lost and restored from an older backup: what happened in between is known to the platform alone."""

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from tests.chaos import watching
from tests.chaos.hosts import Host
from tests.chaos.ledger import name_of
from tests.chaos.people import People
from tests.chaos.stage import Process
from tests.template import create_tables

_OUT_SECONDS = (95, 240)
"""Longer than any invocation, and than a process trusts the table's identity."""


@dataclass
class Restoring:
    """`begins_at` to `ends_at`: nobody changes posts then; a change that is lost is not what is tested."""

    people: People
    begins_at: datetime | None = None
    ends_at: datetime | None = None

    def begin(self, rng: Random, seconds: float) -> None:
        town = self.people.town
        backed_up, lost = (seconds * share for share in sorted((rng.uniform(0.1, 0.6), rng.uniform(0.3, 0.8))))
        lost = max(lost, backed_up + 30)
        restored = lost + rng.uniform(*_OUT_SECONDS)
        resumed = restored + rng.uniform(20, 300)
        now = town.stage.now()
        self.begins_at = now + timedelta(seconds=backed_up)
        self.ends_at = now + timedelta(seconds=resumed + 120)
        person = Process("restoring")
        town.weather.outages.append((now + timedelta(seconds=lost), now + timedelta(seconds=restored)))
        town.stage.plan(backed_up, self._back_up, person)
        town.stage.plan(restored, self._restore, person)
        for later in (0, 60, 120, 180):
            town.stage.plan(resumed + later, partial(self.people.ask, self._resume), person)

    def holds(self, at: datetime) -> bool:
        return self.begins_at is not None and self.ends_at is not None and self.begins_at <= at < self.ends_at

    def _back_up(self) -> None:
        self.people.town.ledger.note("the tables are backed up", "")
        self._copy = copy.copy(self.people.town.dynamodb.tables["WorkTable"].rows)

    def _restore(self) -> None:
        town, ledger = self.people.town, self.people.town.ledger
        ledger.note("the work table is restored", "")
        ledger.is_restored = True
        before = town.dynamodb.tables.pop("WorkTable").rows
        fresh = type(town.dynamodb)(clock=lambda: town.stage.now().timestamp(), index_lag=town.weather.lag)
        create_tables(fresh)
        table = town.dynamodb.tables["WorkTable"] = fresh.tables["WorkTable"]
        for key, row in self._copy.items():
            table.write(key, row)
        watching.watch(table, ledger)
        for key, row in before.items():
            is_gone = key not in self._copy
            if key[1] == "post" or key[1].startswith("delivery#"):
                ledger.mark(key[1].partition("#")[2] or key[0], "vanished" if is_gone else "restored")
            if is_gone and "text" in row.item:
                ledger.mark(f"~{name_of(row.item['text']).serial}~", "vanished")

    def _resume(self, host: Host) -> None:
        if host.pauses.needs_consent():
            self.people.town.ledger.note("resumes after the restore", "")
            host.pauses.resume_stack()

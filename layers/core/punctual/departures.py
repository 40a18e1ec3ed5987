"""Deletions of a person's data that a platform asked for: the code that it was told, and whether it is done. Whose data
it was is not kept."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from boto3.dynamodb.conditions import Attr

from punctual.clock import Moment, Now, to_text
from punctual.stored import Stored
from punctual.tables import Change, ConditionFailed, Key, Table

KEPT = timedelta(days=180)


@dataclass(frozen=True, kw_only=True)
class Departure:
    code: str
    provider: str
    asked_at: Moment
    done_at: Moment | None = None


_STORED = Stored(Departure)


class Departures:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def get(self, provider: str, code: str) -> Departure | None:
        item = self._table.get(_key(code))
        found = _STORED.read(item) if item else None
        return found if found and found.provider == provider and found.asked_at + KEPT > self._now() else None

    def begin(self, provider: str, code: str) -> None:
        """Again: nothing changes."""
        now = self._now()
        expires = {"expires_epoch": int((now + KEPT).timestamp())}
        departure = Departure(code=code, provider=provider, asked_at=now)
        try:
            self._table.put({**_key(code), **_STORED.item(departure), **expires}, Attr("pk").not_exists())
        except ConditionFailed:
            return

    def finish(self, code: str) -> None:
        self._table.update(_key(code), Change(set={"done_at": to_text(self._now())}), Attr("pk").exists())


def code_of(provider: str, form: Mapping[str, str]) -> str:
    """The same for the same request. Nobody guesses it who has not seen the signature."""
    return hashlib.sha256(json.dumps([provider, dict(form)], sort_keys=True).encode()).hexdigest()[:32]


def _key(code: str) -> Key:
    return {"pk": f"departure#{code}", "sk": "departure"}

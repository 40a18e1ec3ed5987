"""Sealing anew whatever a table holds sealed: after a change of the key, or to retire data keys that may be known.

Whoever uses a value goes on meanwhile: each item is exchanged on condition that it is as it was read, and one that was
sealed anew by its own owner in between needs nothing more.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from punctual.clock import Now
from punctual.sealing import SealBroken, Sealed, Vault
from punctual.tables import Change, ConditionFailed, Item, Table

log = logging.getLogger(__name__)

_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Resealed:
    """One run, counted. `after` is where the next one goes on; None: the table's end was reached."""

    resealed: int = 0
    current: int = 0
    """Sealed under the current key already, where only what is not was asked for."""
    moved: int = 0
    """Sealed anew or deleted by its owner meanwhile."""
    failed: int = 0
    """Cannot be opened; logged by its key."""
    after: Mapping[str, str] | None = None


class Resealing:
    def __init__(self, table: Table, vault: Vault, now: Now):
        self._table = table
        self._vault = vault
        self._now = now

    def run(self, until: datetime, after: Item | None = None, *, everything: bool) -> Resealed:
        """One page at least, and none begun after `until`. `everything`: also what the current key has sealed."""
        counts = dict.fromkeys(("resealed", "current", "moved", "failed"), 0)
        while True:
            page = self._table.scan(_PAGE, after)
            for item in page.items:
                if "sealed_box" in item:
                    counts[self._try(item, everything=everything)] += 1
            after = page.next_key
            if after is None or self._now() >= until:
                return Resealed(**counts, after=after)

    def _try(self, item: Item, *, everything: bool) -> str:
        sealed = Sealed.of(item)
        if self._vault.is_current(sealed) and not everything:
            return "current"
        try:
            again = self._vault.reseal(sealed)
        except SealBroken as error:
            log.error("not resealed", extra={**_key(item), "fault": str(error)})
            return "failed"
        except ClientError as error:
            log.error("not resealed", extra={**_key(item), "fault": error.response["Error"]["Code"]})
            return "failed"
        same = Attr("sealed_box").eq(sealed.box) & Attr("sealed_key").eq(sealed.key)
        try:
            self._table.update(_key(item), Change(set=again.attributes()), same)
        except ConditionFailed:
            return "moved"
        return "resealed"


def _key(item: Mapping[str, Any]) -> dict[str, str]:
    return {"pk": item["pk"], "sk": item["sk"]}

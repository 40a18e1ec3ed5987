"""Attempts: the append-only record of what was tried. Appended before, completed after; never fenced, never erased."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Moment, Now, to_text
from punctual.deliveries import Delivery
from punctual.providers.base import Published
from punctual.providers.outcomes import ProviderError
from punctual.stored import Stored
from punctual.tables import Change, Table

StepName: TypeAlias = Literal["prepare", "publish", "look"]
KEPT = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    id: str
    delivery_id: str
    rev: int
    step: StepName
    started_at: Moment
    ended_at: Moment | None = None
    outcome: str | None = None
    """`done`, or the name of the outcome in small letters; None while it runs, or when its worker died."""
    code: str | None = None
    status: int | None = None
    platform_code: str | None = None
    platform_id: str | None = None
    url: str | None = None


_STORED = Stored(Attempt)


class Attempts:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def begin(self, attempt_id: str, delivery: Delivery, step: StepName) -> Attempt:
        now = self._now()
        attempt = Attempt(id=attempt_id, delivery_id=delivery.id, rev=delivery.rev, step=step, started_at=now)
        item = {
            **_key(delivery, attempt_id),
            **_STORED.item(attempt),
            "expires_epoch": int((now + KEPT).timestamp()),
        }
        self._table.put(item)
        return attempt

    def done(self, delivery: Delivery, attempt: Attempt, published: Published | None = None) -> None:
        found = {"platform_id": published.platform_id, "url": published.url} if published else {}
        self._complete(delivery, attempt, {"outcome": "done", **found})

    def failed(self, delivery: Delivery, attempt: Attempt, error: ProviderError) -> None:
        outcome = {"outcome": type(error).__name__, "code": error.code}
        self._complete(delivery, attempt, {**outcome, "status": error.status, "platform_code": error.platform_code})

    def of_delivery(self, delivery: Delivery) -> list[Attempt]:
        """Oldest first."""
        begins = KeyCondition("sk").begins_with(f"attempt#{delivery.id}#")
        found = self._table.every(KeyCondition("pk").eq(delivery.post_id) & begins)
        return [_STORED.read(item) for item in found]

    def _complete(self, delivery: Delivery, attempt: Attempt, outcome: dict[str, object]) -> None:
        changed = Change(set={**outcome, "ended_at": to_text(self._now())})
        self._table.update(_key(delivery, attempt.id), changed, Attr("pk").exists())


def _key(delivery: Delivery, attempt_id: str) -> dict[str, str]:
    return {"pk": delivery.post_id, "sk": f"attempt#{delivery.id}#{attempt_id}"}

"""Attempts: the append-only record of what was tried. Appended before, completed after; never fenced, never erased."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, TypeAlias

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import paging
from punctual.clock import Moment, Now, to_text
from punctual.deliveries import Delivery
from punctual.messages import Ended
from punctual.providers.base import Published
from punctual.stored import Stored
from punctual.tables import Change, Table

StepName: TypeAlias = Literal["prepare", "publish", "look"]
KEPT = timedelta(days=90)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_ID = re.compile(r"att_[0-9A-Z]{26}")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    id: str
    delivery_id: str
    rev: int
    step: StepName
    part: int = 0
    started_at: Moment
    request_id: str = ""
    """Of the invocation that made it, as our logs and Lambda's name it."""
    ended_at: Moment | None = None
    outcome: str | None = None
    """`published`, `done` or the name of the outcome in snake_case; None while it runs, or when its worker died."""
    code: str | None = None
    status: int | None = None
    platform_code: str | None = None
    platform_id: str | None = None
    url: str | None = None
    extra: dict[str, str] = field(default_factory=dict)

    def published(self) -> Published | None:
        """What it put on the platform, if it knows; the URL may be missing."""
        if not self.platform_id:
            return None
        return Published(platform_id=self.platform_id, url=self.url or "", extra=self.extra)


_STORED = Stored(Attempt)


class Attempts:
    def __init__(self, table: Table, now: Now):
        self._table = table
        self._now = now

    def begin(self, attempt_id: str, delivery: Delivery, step: StepName, request_id: str) -> Attempt:
        now = self._now()
        attempt = Attempt(
            id=attempt_id,
            delivery_id=delivery.id,
            rev=delivery.rev,
            step=step,
            part=delivery.part,
            started_at=now,
            request_id=request_id,
        )
        item = {
            **_key(delivery.post_id, delivery.id, attempt_id),
            **_STORED.item(attempt),
            "expires_epoch": int((now + KEPT).timestamp()),
        }
        self._table.put(item)
        return attempt

    def end(self, ended: Ended, published: Published | None = None) -> None:
        """Whether its worker still holds the delivery or not: what was found out is true all the same."""
        found = ended.model_dump(include={"outcome", "code", "status", "platform_code", "platform_id"})
        more = {"url": published.url, "extra": dict(published.extra)} if published else {}
        changed = Change(set={**found, **more, "ended_at": to_text(self._now())})
        self._table.update(_key(ended.post_id, ended.delivery_id, ended.attempt_id), changed, Attr("pk").exists())

    def of_delivery(self, delivery: Delivery) -> list[Attempt]:
        """Oldest first."""
        return self.of(delivery.post_id, delivery.id)

    def of(self, post_id: str, delivery_id: str) -> list[Attempt]:
        """Oldest first."""
        begins = KeyCondition("sk").begins_with(f"attempt#{delivery_id}#")
        return [_STORED.read(item) for item in self._table.every(KeyCondition("pk").eq(post_id) & begins)]

    def of_post(self, post_id: str) -> list[Attempt]:
        """Of all its deliveries, oldest first in each."""
        found = self._table.every(KeyCondition("pk").eq(post_id) & KeyCondition("sk").begins_with("attempt#"))
        return [_STORED.read(item) for item in found]

    def page(self, post_id: str, limit: int, cursor: str | None) -> tuple[list[Attempt], str | None]:
        """In the order in which they were made, and the next page's cursor. Raises BadRequest.

        All of the post's are read each time: they lie by delivery, and tries are counted.
        """
        name = paging.list_name("attempts", post_id)
        after = tuple(paging.place_in(name, cursor, _TIME, _ID)) if cursor else ()
        rest = sorted((each for each in self.of_post(post_id) if _place(each) > after), key=_place)
        return rest[:limit], paging.cursor_of(name, *_place(rest[limit - 1])) if len(rest) > limit else None


def _place(attempt: Attempt) -> tuple[str, ...]:
    return to_text(attempt.started_at), attempt.id


def _key(post_id: str, delivery_id: str, attempt_id: str) -> dict[str, str]:
    return {"pk": post_id, "sk": f"attempt#{delivery_id}#{attempt_id}"}

"""Deliveries.

A repair tells every part that went live and every one that was deleted, but of the states only the one that is: not
what came between, such as an ERROR that was tried again with success.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from punctual import acting, deliveries, posts
from punctual.events.changes import Change
from punctual.events.data import DeliveryData, GoneDeliveryData, PartData
from punctual.events.kinds.kind import Kind, Said, inner, number, rows, text, without_none
from punctual.events.told import Facts
from punctual.states import UNFINISHED, DeliveryStatus
from punctual.tables import Item, Table

_TYPES = {status.value: f"delivery.{status.lower()}" for status in DeliveryStatus} | {"DRAFT": "delivery.drafted"}
_OPEN = {"DRAFT", *(status.value for status in UNFINISHED)}
_PREFIX = "delivery#"


class _Deliveries(Kind):
    name = "delivery"

    def has(self, pk: str, sk: str) -> bool:
        return sk > _PREFIX and sk.startswith(_PREFIX) and pk.startswith("post_")

    def subject(self, pk: str, sk: str) -> str:
        return sk.removeprefix(_PREFIX)

    def key(self, workspace_id: str, subject: str, facts: Facts) -> Item:
        return deliveries.key(str(facts.get("post_id")), subject)

    def facts(self, item: Item) -> dict[str, Any]:
        live = rows(item, "live")
        return without_none(
            {
                "post_id": text(item, "pk"),
                "channel_id": text(item, "channel_id"),
                "provider": text(item, "provider"),
                "status": text(item, "status"),
                "live": len(live) or None,
                "deleted": _deleted(live) or None,
            }
        )

    def is_over(self, facts: Facts | None) -> bool:
        return facts is not None and facts.get("status") not in _OPEN

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        return list(_removed(before or {}, change, work) if after is None else _became(before, after, change))


def _became(before: Facts | None, after: Facts, change: Change) -> Iterator[Said]:
    data, live, status = _data(change, after), rows(change.item, "live"), after.get("status", "")
    known: Facts = before if before is not None else {"status": "DRAFT" if status == "DRAFT" else "SCHEDULED"}
    if before is None:
        yield Said(type=_TYPES[known["status"]], data={**data, "status": known["status"]})
    is_complete = status == DeliveryStatus.COMPLETED
    for place in range(known.get("live", 0), len(live) - is_complete):
        yield Said(type="delivery.part_published", data=_part(data, live, place))
    if status != known.get("status") and status in _TYPES:
        yield Said(type=_TYPES[status], data=data)
    for place in reversed(after.get("deleted", ())):
        if place not in known.get("deleted", ()):
            yield Said(type="delivery.publication_deleted", data=_part(data, live, place))


def _removed(before: Facts, change: Change, work: Table) -> Iterator[Said]:
    """By the edit that wrote the post's present revision, or by one before it: then nobody knows whose it was."""
    post = work.get(posts.key(change.pk))
    if post is None:
        return
    data: GoneDeliveryData = {
        "post_id": change.pk,
        "delivery_id": change.sk.removeprefix(_PREFIX),
        "channel_id": before.get("channel_id", ""),
        "provider": before.get("provider", ""),
    }
    is_latest = number(change.item, "rev") == (number(post, "rev") or 0) - 1
    yield Said(type="delivery.removed", data=data, acted=text(post, acting.REVISED) if is_latest else None)


def _data(change: Change, after: Facts) -> DeliveryData:
    item = change.item
    return {
        "post_id": change.pk,
        "delivery_id": change.sk.removeprefix(_PREFIX),
        "channel_id": after.get("channel_id", ""),
        "provider": after.get("provider", ""),
        "status": after.get("status", ""),
        "rev": number(item, "rev") or 0,
        "scheduled_at": text(item, "due_at"),
        "completed_at": text(item, "completed_at"),
        "lateness_ms": number(item, "lateness_ms"),
        "platform_id": text(item, "platform_id"),
        "parts_live": after.get("live", 0) - len(after.get("deleted", ())),
        "code": text(inner(item, "error"), "code"),
    }


def _part(data: DeliveryData, live: Sequence[Mapping[str, Any]], place: int) -> PartData:
    return {**data, "part": place + 1, "part_platform_id": text(live[place], "platform_id")}


def _deleted(live: Sequence[Mapping[str, Any]]) -> list[int]:
    return [place for place, part in enumerate(live) if part.get("deleted_at")]


DELIVERIES = _Deliveries()

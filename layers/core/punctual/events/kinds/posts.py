"""Posts.

What the table cannot say any more, a repair leaves out: states between the one that was told and the one that is, and
edits on the way to another state, which only `rev` counts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from punctual import acting, leftovers, posts
from punctual.events.changes import Change
from punctual.events.data import GonePostData, PostData, RiskData, RiskyPostData
from punctual.events.kinds.kind import Kind, Said, number, rows, text, without_none
from punctual.events.told import Facts
from punctual.states import UNFINISHED, DeliveryStatus, PostStatus, roll_up
from punctual.tables import Item, Table

_TYPES = {status.value: f"post.{status.lower()}" for status in PostStatus} | {"DRAFT": "post.drafted"}
_STATUSES = {status.value for status in DeliveryStatus}
_OPEN = {PostStatus.DRAFT.value, *(status.value for status in UNFINISHED)}


class _Posts(Kind):
    name = "post"
    leaves_a_row = True

    def has(self, pk: str, sk: str) -> bool:
        return sk == "post" and pk.startswith("post_")

    def subject(self, pk: str, sk: str) -> str:
        return pk

    def key(self, workspace_id: str, subject: str, facts: Facts) -> Item:
        return posts.key(subject)

    def facts(self, item: Item) -> dict[str, Any]:
        risks = sorted({f"{risk['delivery_id']} {risk['code']}" for risk in _risks(item)})
        return without_none(
            {
                "status": text(item, "status"),
                "rev": number(item, "rev"),
                "external_id": text(item, "external_id"),
                "risks": risks or None,
            }
        )

    def changed(self, before: Facts | None, after: Facts | None, change: Change, work: Table) -> Sequence[Said]:
        return [_gone(before or {}, change, work)] if after is None else list(_became(before, after, change))

    def told_first(self, before: Facts | None, after: Facts | None) -> str | None:
        """Of one that is over."""
        return "delivery#" if after and after.get("status") not in _OPEN else None

    def follows(self, after: Facts | None, told: Sequence[Facts | None]) -> bool:
        statuses = {(facts or {}).get("status") for facts in told}
        if not after or not statuses <= _STATUSES:
            return False
        return roll_up([DeliveryStatus(str(each)) for each in statuses]) == after.get("status")


def _became(before: Facts | None, after: Facts, change: Change) -> Iterator[Said]:
    """A risk ends with a look that finds none, and without an event once the post is edited or begins to go out."""
    data, status = _data(change, after), after.get("status", "")
    known: Facts = before if before is not None else {"status": "DRAFT" if status == "DRAFT" else "SCHEDULED"}
    if before is None:
        yield Said(type=_TYPES[known["status"]], data={**data, "status": known["status"]})
    if status != known.get("status"):
        if status in _TYPES:
            yield Said(type=_TYPES[status], data=data)
    elif before is not None and after.get("rev") != before.get("rev"):
        yield Said(type="post.updated", data=data)
    elif known.get("risks") and "risks" not in after:
        yield Said(type="post.risk_cleared", data=data)
    if "risks" in after and after["risks"] != known.get("risks"):
        risky: RiskyPostData = {**data, "risks": _risks(change.item)}
        yield Said(type="post.at_risk", data=risky)


def _gone(before: Facts, change: Change, work: Table) -> Said:
    """Whoever deletes a post leaves a row behind."""
    data: GonePostData = {
        "post_id": change.pk,
        "status": before.get("status", ""),
        "rev": before.get("rev", 0),
        "external_id": before.get("external_id"),
        "channel_ids": _channel_ids(change.item),
    }
    if change.is_expiry:
        return Said(type="post.expired", data=data)
    left = work.get(leftovers.key(str(POSTS.workspace_id(change.item)), change.pk)) or {}
    return Said(type="post.deleted", data=data, acted=text(left, acting.ATTRIBUTE))


def _data(change: Change, after: Facts) -> PostData:
    return {
        "post_id": change.pk,
        "status": after.get("status", ""),
        "rev": after.get("rev", 0),
        "scheduled_at": text(change.item, "due_at"),
        "external_id": after.get("external_id"),
        "channel_ids": _channel_ids(change.item),
    }


def _channel_ids(item: Item) -> list[str]:
    found = (text(target, "channel_id") for target in rows(item, "targets"))
    return [channel_id for channel_id in found if channel_id]


def _risks(item: Item) -> list[RiskData]:
    found = []
    for each in rows(item, "at_risk"):
        delivery_id, channel_id, code = text(each, "delivery_id"), text(each, "channel_id"), text(each, "code")
        if delivery_id and channel_id and code:
            found.append(RiskData(delivery_id=delivery_id, channel_id=channel_id, code=code))
    return found


POSTS = _Posts()

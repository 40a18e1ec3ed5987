"""Which events lead from what was told to what is: one change at a time, as the stream tells them, and after many."""

from typing import Any

import pytest

from punctual import leftovers, posts
from punctual.events import kinds
from punctual.events.changes import Change
from punctual.events.kinds import Said
from punctual.tables import Item, Table
from tests.memory.dynamodb import MemoryDynamoDB
from tests.template import create_tables
from tests.unit.events import rows
from tests.unit.events.rows import (
    AT,
    CHANNEL,
    MARK,
    POST,
    WORKSPACE,
    calendar,
    channel,
    delivery,
    media,
    post,
    workspace,
)

LATER = AT.replace(hour=10)


@pytest.fixture
def work() -> Table:
    memory = MemoryDynamoDB(clock=AT.timestamp)
    create_tables(memory)
    return Table(memory, "WorkTable")


def said(before: Item | None, after: Item | None, work: Any = None, **more: Any) -> list[Said]:
    """As what leads from the one to the other; `before` was told."""
    row = after or before or {}
    kind = kinds.of(row)
    assert kind, "an item of no kind"
    change = Change(pk=row["pk"], sk=row["sk"], at=AT, old=before, new=after, **more)
    facts = [kind.facts(each) if each else None for each in (before, after)]
    return list(kind.changed(*facts, change, work))


def types(before: Item | None, after: Item | None, work: Any = None, **more: Any) -> list[str]:
    return [each.type for each in said(before, after, work, **more)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, post("DRAFT"), ["post.drafted"]),
        (None, post("SCHEDULED"), ["post.scheduled"]),
        (None, post("COMPLETED"), ["post.scheduled", "post.completed"]),
        (post("DRAFT"), post("SCHEDULED", rev=2), ["post.scheduled"]),
        (post("SCHEDULED"), post("DRAFT", rev=2), ["post.drafted"]),
        (post("SCHEDULED"), post("SCHEDULED", rev=2), ["post.updated"]),
        (post("SCHEDULED"), post("PUBLISHING"), ["post.publishing"]),
        (post("SCHEDULED"), post("COMPLETED", rev=3), ["post.completed"]),
        (post("SCHEDULED"), post("SCHEDULED", version=9, next_at="x"), []),
        (post("SCHEDULED"), {**post(), "status": "A_NEW_ONE"}, []),
        (post(), post(risks=("limited",)), ["post.at_risk"]),
        (post(risks=("limited",)), post(risks=("limited", "paused")), ["post.at_risk"]),
        (post(risks=("limited",)), post(risks=("limited",)), []),
        (post(risks=("limited",)), post(), ["post.risk_cleared"]),
        (post(risks=("limited",)), post(rev=2), ["post.updated"]),
        (post(risks=("limited",)), post("PUBLISHING"), ["post.publishing"]),
        (None, post(risks=("limited",)), ["post.scheduled", "post.at_risk"]),
        (None, delivery("DRAFT"), ["delivery.drafted"]),
        (None, delivery(), ["delivery.scheduled"]),
        (None, delivery("HELD"), ["delivery.scheduled", "delivery.held"]),
        (delivery(), delivery("READY"), ["delivery.ready"]),
        (delivery("READY"), delivery("PUBLISHING"), ["delivery.publishing"]),
        (delivery("PUBLISHING"), delivery("PUBLISHING", fence=3), []),
        (delivery("SCHEDULED"), delivery("SCHEDULED", rev=2), []),
        (delivery("PUBLISHING"), delivery("PUBLISHING", live=1), ["delivery.part_published"]),
        (delivery("PUBLISHING", live=2), delivery("COMPLETED", live=3), ["delivery.completed"]),
        (delivery("PUBLISHING", live=1), delivery("PARTIAL", live=2), ["delivery.part_published", "delivery.partial"]),
        (delivery("UNCONFIRMED"), delivery("COMPLETED", live=1), ["delivery.completed"]),
        (
            None,
            delivery("COMPLETED", live=2, deleted=(1,)),
            [
                "delivery.scheduled",
                "delivery.part_published",
                "delivery.completed",
                "delivery.publication_deleted",
            ],
        ),
        (
            delivery("COMPLETED", live=3, deleted=(2,)),
            delivery("COMPLETED", live=3, deleted=(0, 1, 2)),
            ["delivery.publication_deleted"] * 2,
        ),
        (delivery("ERROR"), delivery("SCHEDULED"), ["delivery.scheduled"]),
        (None, channel("reconnect_required", grant_id=None), []),
        (channel("reconnect_required", grant_id=None), channel(), ["channel.connected"]),
        (None, channel(), ["channel.connected"]),
        (None, channel("reconnect_required"), ["channel.connected", "channel.disconnected"]),
        (channel(), channel("reconnect_required"), ["channel.disconnected"]),
        (channel("reconnect_required"), channel("disconnected"), ["channel.disconnected"]),
        (channel("reconnect_required"), channel(grant_id="grt_2"), ["channel.reconnected"]),
        (channel(), channel(grant_id="grt_2"), ["channel.reconnected"]),
        (channel(), channel(token_expiring_since="t1"), ["channel.token_expiring"]),
        (channel(token_expiring_since="t1"), channel(token_expiring_since="t1"), []),
        (channel(token_expiring_since="t1"), channel(token_expiring_since="t2"), ["channel.token_expiring"]),
        (channel(), channel("reconnect_required", token_expiring_since="t1"), ["channel.disconnected"]),
        (
            channel("disconnected"),
            channel(grant_id="grt_2", token_expiring_since="t1"),
            ["channel.reconnected", "channel.token_expiring"],
        ),
        (channel(), channel(min_gap_seconds=60), ["channel.updated"]),
        (channel(), channel(external_id="customer-2"), ["channel.updated"]),
        (channel(), channel(missing_scopes=["write"]), ["channel.updated"]),
        (channel(), channel(refresh_failing_since="t1"), ["channel.updated"]),
        (channel(), channel(limited_until="t1", grant_ends_at="t2", updated_at="t3"), []),
        (None, media(), ["media.created"]),
        (None, media("importing"), ["media.created"]),
        (media(), media("probing", updated_at=LATER), []),
        (media("probing"), media("ready", updated_at=LATER), ["media.ready"]),
        (None, media("ready"), ["media.created", "media.ready"]),
        (None, media("deleted"), ["media.created", "media.deleted"]),
        (media("ready"), media("ready", updated_at=LATER), ["media.updated"]),
        (media("ready"), media("ready", version=2, unused_since="t1"), []),
        (media("probing"), media("refused"), ["media.refused"]),
        (media("ready"), media("expired"), ["media.expired"]),
        (media("expired"), media("ready", updated_at=LATER), ["media.ready"]),
        (media("expired"), media("deleted"), ["media.deleted"]),
        (media("deleted"), None, []),
        (media("expired"), None, []),
        (media("refused"), None, []),
        (media("ready"), None, ["media.deleted"]),
        (None, workspace(), []),
        (None, workspace(paused_at="t1"), ["workspace.paused"]),
        (workspace(), workspace(paused_at="t1"), ["workspace.paused"]),
        (workspace(paused_at="t1"), workspace(), ["workspace.resumed"]),
        (workspace(paused_at="t1"), workspace(paused_at="t2"), ["workspace.resumed", "workspace.paused"]),
        (workspace(), None, []),
        (None, calendar(), ["calendar.created"]),
        (calendar(), calendar(revoked_at="t1"), ["calendar.revoked"]),
        (calendar(revoked_at="t1"), None, []),
        (calendar(), None, ["calendar.revoked"]),
        (None, calendar(revoked_at="t1"), ["calendar.created", "calendar.revoked"]),
    ],
)
def test_a_change_is_told_as_what_it_is(before: Item | None, after: Item | None, told: list[str], work: Table) -> None:
    assert types(before, after, work) == told


def test_what_was_first_is_told_as_it_was_first() -> None:
    created, completed = said(None, post("COMPLETED"))
    assert (created.data["status"], completed.data["status"]) == ("SCHEDULED", "COMPLETED")
    connected, ended = said(None, channel("reconnect_required"))
    assert (connected.data["status"], connected.data["reason"]) == ("active", None)
    assert (ended.data["status"], ended.data["reason"]) == ("reconnect_required", "grant_revoked")
    uploaded = media("refused")
    imported = {name: value for name, value in uploaded.items() if name != "declared_bytes"}
    assert [each.data["status"] for each in said(None, uploaded)] == ["uploading", "refused"]
    assert [each.data["status"] for each in said(None, imported)] == ["importing", "refused"]


def test_parts_are_named_one_by_one_and_deleted_from_the_last() -> None:
    live = said(delivery("PUBLISHING"), delivery("PUBLISHING", live=2))
    assert [(each.data["part"], each.data["part_platform_id"]) for each in live] == [
        (1, "platform-0"),
        (2, "platform-1"),
    ]
    gone = said(delivery("COMPLETED", live=3), delivery("COMPLETED", live=3, deleted=(1, 2)))
    assert [each.data["part"] for each in gone] == [3, 2]
    assert gone[-1].data["parts_live"] == 1


def test_a_post_that_is_gone_was_deleted_by_whoever_left_a_row_or_has_expired(work: Table) -> None:
    work.put({**leftovers.key(WORKSPACE, POST), "acted": MARK})
    (deleted,) = said(post("CANCELLED"), None, work)
    assert (deleted.type, deleted.acted) == ("post.deleted", MARK)
    assert deleted.data["channel_ids"] == [CHANNEL]
    (expired,) = said(post("COMPLETED"), None, work, is_expiry=True)
    assert (expired.type, expired.acted) == ("post.expired", None)


def test_a_channel_that_is_gone_was_deleted_by_whoever_left_a_row(work: Table) -> None:
    work.put({**leftovers.key(WORKSPACE, CHANNEL), "acted": MARK})
    (deleted,) = said(channel("disconnected"), None, work)
    assert (deleted.type, deleted.acted) == ("channel.deleted", MARK)


def test_a_delivery_was_removed_only_where_its_post_is_there(work: Table) -> None:
    assert said(delivery(), None, work) == []
    work.put({**posts.key(POST), "rev": 2, "revised": MARK, "acted": "key_2/of-a-request-since/1"})
    (removed,) = said(delivery(), None, work)
    assert (removed.type, removed.acted) == ("delivery.removed", MARK)


def test_whoever_wrote_the_post_later_did_not_remove_its_delivery(work: Table) -> None:
    work.put({**posts.key(POST), "rev": 3, "revised": MARK, "acted": MARK})
    (removed,) = said(delivery(), None, work)
    assert removed.acted is None


@pytest.mark.parametrize("row", [post(), delivery(), channel(), media(), workspace(), calendar()])
def test_a_row_is_found_again_by_what_was_told_of_it(row: Item) -> None:
    kind = kinds.of(row)
    assert kind
    found = kind.key(WORKSPACE, kind.subject(row["pk"], row["sk"]), kind.facts(row))
    assert found == {"pk": row["pk"], "sk": row["sk"]}
    assert kind.workspace_id(row) == WORKSPACE


@pytest.mark.parametrize(
    ("pk", "sk"),
    [
        (f"live#{CHANNEL}", "post"),
        (f"live#{CHANNEL}", "delivery#1"),
        (WORKSPACE, f"deleted#{POST}"),
        (WORKSPACE, "account#sandbox#ada"),
        (POST, f"attempt#{rows.DELIVERY}#1"),
        (POST, "label#one"),
        ("stack", "stack"),
        ("beat#1", "beat"),
    ],
)
def test_what_else_the_table_holds_is_of_no_kind(pk: str, sk: str) -> None:
    assert kinds.of({"pk": pk, "sk": sk}) is None

"""The rows of a workspace, table by table: each function makes a step that finds some of them.

A post's own row and a channel's go after what only they lead to.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual import indexes, leftovers, scheduling, workspaces
from punctual.removing.process import Remove, Step
from punctual.removing.revoking import Revoking
from punctual.tables import Item, Table

_GRANT = "grant"
_CHANNEL = "channel#"
_POSTS_GONE, _CHANNELS_GONE = f"{leftovers.PREFIX}post_", f"{leftovers.PREFIX}chn_"
_OF_CHANNELS = ("said#", "live#")
_ALL_TIME = ("0", "~")


def keys(table: Table) -> Step:
    def step(workspace_id: str) -> Iterator[Remove]:
        for row in table.every(KeyCondition("workspace_id").eq(workspace_id), index="by_workspace"):
            yield partial(table.delete, {"pk": row["pk"]})

    return step


def grants(table: Table, revoking: Revoking) -> Step:
    """First whatever might still become a grant, then those that are; what cannot be ended yet stays for a while."""

    def step(workspace_id: str) -> Iterator[Remove]:
        rows = list(table.every(KeyCondition("workspace_id").eq(workspace_id), index="by_workspace"))
        for row in rows:
            if row["sk"] != _GRANT:
                yield partial(table.delete, _key(row))
        for row in rows:
            if row["sk"] == _GRANT:
                yield partial(revoking.end, workspace_id, row["pk"])

    return step


def posts(table: Table, scheduler: Any, group: str) -> Step:
    """With deliveries, attempts, labels and schedules; those that were deleted before leave some of them too."""

    def step(workspace_id: str) -> Iterator[Remove]:
        listed = indexes.of_workspace(workspace_id)
        for row in table.every(listed.between(_ALL_TIME), index=listed.index):
            yield partial(_remove_post, table, scheduler, group, row["pk"], _key(row), int(row["rev"]))
        for row in table.every(_of(workspace_id, _POSTS_GONE)):
            post_id = row["sk"].removeprefix(leftovers.PREFIX)
            yield partial(_remove_post, table, scheduler, group, post_id, _key(row), int(row["rev"]))

    return step


def recorded(table: Table) -> Step:
    """Requests under an Idempotency-Key."""

    def step(workspace_id: str) -> Iterator[Remove]:
        for row in table.every(_partition(f"idempotency#{workspace_id}")):
            yield partial(table.delete, _key(row))

    return step


def counted(limits: Table) -> Step:
    def step(workspace_id: str) -> Iterator[Remove]:
        for row in limits.every(_partition(workspace_id)):
            yield partial(limits.delete, _key(row))

    return step


def rest(table: Table) -> Step:
    """Channels with what guards them, and all else under the workspace's own id but its row."""

    def step(workspace_id: str) -> Iterator[Remove]:
        for row in table.every(_partition(workspace_id)):
            if _key(row) != workspaces.key(workspace_id) and not row["sk"].startswith(_POSTS_GONE):
                yield partial(_remove_row, table, row)

    return step


def _remove_post(table: Table, scheduler: Any, group: str, post_id: str, last: Item, rev: int) -> None:
    scheduling.remove(scheduler, group, post_id, rev)
    for row in table.every(_partition(post_id)):
        if _key(row) != last:
            table.delete(_key(row))
    table.delete(last)


def _remove_row(table: Table, row: Item) -> None:
    channel_id = row["sk"].removeprefix(leftovers.PREFIX).removeprefix(_CHANNEL)
    if row["sk"].startswith((_CHANNEL, _CHANNELS_GONE)):
        for prefix in _OF_CHANNELS:
            for guard in table.every(_partition(f"{prefix}{channel_id}")):
                table.delete(_key(guard))
    table.delete(_key(row))


def _partition(pk: str) -> ConditionBase:
    return KeyCondition("pk").eq(pk)


def _of(workspace_id: str, prefix: str) -> ConditionBase:
    return _partition(workspace_id) & KeyCondition("sk").begins_with(prefix)


def _key(row: Item) -> Item:
    return {"pk": row["pk"], "sk": row["sk"]}

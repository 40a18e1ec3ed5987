"""What was told of a workspace: its webhooks with all that they were sent, what was told last of each item, its feed.

Who sends writes only where its lane is, and who tells only of a workspace that stays: so lanes go before what is beside
them, and what was begun before is over long before the last look.
"""

from collections.abc import Iterator
from functools import partial

from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.events import feed
from punctual.events import told as told_last
from punctual.removing.process import Remove, Step
from punctual.tables import Item, Table

_WEBHOOK = "webhook#"
_DELETED = "webhook.deleted"


def webhooks(events: Table) -> Step:
    def step(workspace_id: str) -> Iterator[Remove]:
        for row in events.every(KeyCondition("pk").eq(workspace_id)):
            yield partial(_remove_webhook, events, row)

    return step


def told(events: Table) -> Step:
    """The log of a webhook that was deleted before is found by the event that says so, and both last a month."""

    def step(workspace_id: str) -> Iterator[Remove]:
        for row in events.every(KeyCondition("pk").eq(f"idempotency#{workspace_id}")):
            yield partial(events.delete, _key(row))
        for row in events.every(KeyCondition("pk").eq(told_last.partition(workspace_id))):
            yield partial(events.delete, _key(row))
        for row in events.every(KeyCondition("pk").eq(feed.key(workspace_id, 0)["pk"])):
            yield partial(_remove_event, events, row)

    return step


def _remove_webhook(events: Table, row: Item) -> None:
    if row["sk"].startswith(_WEBHOOK):
        _remove_lane(events, row["sk"].removeprefix(_WEBHOOK))
    events.delete(_key(row))


def _remove_event(events: Table, row: Item) -> None:
    if row.get("type") == _DELETED:
        _remove_lane(events, row["data"]["webhook_id"])
    events.delete(_key(row))


def _remove_lane(events: Table, webhook_id: str) -> None:
    events.delete({"pk": webhook_id, "sk": "lane"})
    for row in events.every(KeyCondition("pk").eq(webhook_id)):
        events.delete(_key(row))


def _key(row: Item) -> Item:
    return {"pk": row["pk"], "sk": row["sk"]}

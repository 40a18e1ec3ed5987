"""Messages to the sender. Each names a lane that may have something to do: one too many does no harm."""

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.conditions import Key as KeyCondition

from punctual.clock import Now, to_text
from punctual.due import SHARDS, SWEEP
from punctual.messages import Queue, WebhookMessage
from punctual.tables import Change, ConditionFailed, Item, Table
from punctual.webhooks.endpoints import Endpoints

_MOST = 200
"""Of a shard, in one run: the next one takes what is left."""


class Waking:
    """`table` is the events' own."""

    def __init__(self, *, table: Table, endpoints: Endpoints, queue: Queue, now: Now):
        self._table = table
        self._endpoints = endpoints
        self._queue = queue
        self._now = now

    def wake(self, workspace_id: str) -> None:
        """All lanes of a workspace whose feed has more now."""
        active = [each for each in self._endpoints.of_workspace(workspace_id) if each.status == "active"]
        self._queue.send_all(WebhookMessage(workspace_id=workspace_id, webhook_id=each.id) for each in active)

    def wake_one(self, workspace_id: str, webhook_id: str) -> None:
        self._queue.send(WebhookMessage(workspace_id=workspace_id, webhook_id=webhook_id))

    def wake_due(self) -> int:
        """The lanes whose clocks have come, in all shards; how many."""
        return sum(self._wake_due(shard) for shard in range(SHARDS))

    def _wake_due(self, shard: int) -> int:
        now = to_text(self._now())
        is_due = KeyCondition("due_shard").eq(shard) & KeyCondition("next_at").lte(now)
        found = [item for item in self._table.query(is_due, index="due", limit=_MOST).items if self._moved(item)]
        self._queue.send_all(WebhookMessage(workspace_id=item["workspace_id"], webhook_id=item["pk"]) for item in found)
        return len(found)

    def _moved(self, item: Item) -> bool:
        """Whether its clock still stood there, and comes again in a minute if nobody sets it meanwhile."""
        later = Change(set={"next_at": to_text(self._now() + SWEEP)})
        try:
            self._table.update({"pk": item["pk"], "sk": item["sk"]}, later, Attr("next_at").eq(item["next_at"]))
        except ConditionFailed:
            return False
        return True

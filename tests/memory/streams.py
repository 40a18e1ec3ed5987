"""A table's stream in memory: what DynamoDB tells of every change, as Lambda is given it.

    stream = Stream(client, "WorkTable", clock=lambda: moved.now().timestamp())
    stream.records                 all that were written since, in order; take them away as they are handled
    stream.expire({"pk": …})       DynamoDB deletes an item whose time is over

A write that leaves an item as it was makes no record. Numbers rise, and mean nothing in another stream.
"""

import itertools
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.indexes import Item
from tests.memory.values import item_given_back

_TYPES = TypeSerializer()
_TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_LABELS = itertools.count(1)


class Stream:
    def __init__(self, client: MemoryDynamoDB, table: str, clock: Callable[[], float]):
        self._table = client.tables[table]
        self._clock = clock
        self._numbers = itertools.count(95)  # soon they have a digit more, and do not sort as texts
        self._expiring = False
        self.arn = f"arn:aws:dynamodb:eu-central-1:123456789012:table/{table}/stream/{next(_LABELS)}"
        self.records: list[dict[str, Any]] = []
        self._table.listeners.append(self._wrote)

    def expire(self, key: Mapping[str, Any]) -> None:
        self._expiring = True
        try:
            self._table.write(self._table.key(key), None)
        finally:
            self._expiring = False

    def _wrote(self, old: Item | None, new: Item | None) -> None:
        if old == new:
            return
        images = {"OldImage": _wire(old), "NewImage": _wire(new)}
        keys = {name: value for name, value in _wire(new or old).items() if name in self._table.keys}
        self.records.append(
            {
                "eventID": uuid.uuid4().hex,
                "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "eu-central-1",
                "eventSourceARN": self.arn,
                "dynamodb": {
                    "ApproximateCreationDateTime": int(self._clock()),
                    "Keys": keys,
                    "SequenceNumber": f"{next(self._numbers)}00000000000000000000",
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                    **{name: image for name, image in images.items() if image},
                },
                **({"userIdentity": _TTL} if self._expiring else {}),
            }
        )


def _wire(item: Item | None) -> dict[str, Any]:
    return {name: _TYPES.serialize(value) for name, value in item_given_back(item).items()} if item else {}

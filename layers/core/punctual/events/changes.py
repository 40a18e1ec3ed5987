"""What telling works on: a record of the work table's stream, or an item as it was read from the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from punctual.tables import Item, from_stream

_TTL = "dynamodb.amazonaws.com"
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html"""


@dataclass(frozen=True, kw_only=True)
class Change:
    """`new` is None where the item is gone. From the table, `old` is None and there is no number."""

    pk: str
    sk: str
    at: datetime
    """When it happened, to the second; from the table: just before it was read."""
    old: Item | None = field(default=None, repr=False)
    new: Item | None = field(default=None, repr=False)
    is_expiry: bool = False
    """Whether DynamoDB deleted the item because its time was over."""
    stream: str | None = None
    sequence_number: str | None = None

    @property
    def item(self) -> Item:
        """As it is, or was."""
        return self.new or self.old or {}


def from_record(record: Mapping[str, Any]) -> Change:
    """As Lambda is given it: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"""
    told = record["dynamodb"]
    key = from_stream(told["Keys"])
    return Change(
        pk=key["pk"],
        sk=key["sk"],
        at=datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC),
        old=from_stream(told["OldImage"]) if told.get("OldImage") else None,
        new=from_stream(told["NewImage"]) if told.get("NewImage") else None,
        is_expiry=(record.get("userIdentity") or {}).get("principalId") == _TTL,
        stream=record["eventSourceARN"],
        sequence_number=told["SequenceNumber"],
    )

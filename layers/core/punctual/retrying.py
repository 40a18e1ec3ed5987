"""Another try for all that failed on a channel: after a reconnect, or an outage of its platform."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from punctual.channels import Channels
from punctual.clock import to_text
from punctual.deliveries import Deliveries
from punctual.paging import ORDER, cursor_of, list_name, place_in
from punctual.problems import NotFound, Problem
from punctual.resolving import RETRIABLE, Resolving
from punctual.tables import Item

MOST = 100
_LOOKED_AT = 2000
"""Deliveries of the channel that one request looks at."""
_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Retried:
    """`problem` says why it could not be; it may have changed meanwhile."""

    post_id: str
    delivery_id: str
    problem: Problem | None = None


class Retrying:
    def __init__(self, channels: Channels, deliveries: Deliveries, resolving: Resolving):
        self._channels = channels
        self._deliveries = deliveries
        self._resolving = resolving

    def retry_channel(
        self, workspace_id: str, channel_id: str, since: datetime, until: datetime, cursor: str | None
    ) -> tuple[list[Retried], str | None]:
        """Those due since `since` and before `until`, oldest first; and where to go on. Raises NotFound, BadRequest."""
        if self._channels.get(workspace_id, channel_id) is None:
            raise NotFound("not_found", "The workspace has no such channel.")
        name = list_name("retry", channel_id)
        start = f"{place_in(name, cursor, ORDER)[0]}~" if cursor else to_text(since)
        span = (start, to_text(until))
        found: list[Retried] = []
        order = span[0]
        for place, row in enumerate(self._rows(channel_id, span)):
            if len(found) == MOST or place == _LOOKED_AT:
                break
            order = row["channel_order"]
            if row["status"] in RETRIABLE:
                found.append(self._retry(workspace_id, row))
        else:
            return found, None
        return found, cursor_of(name, order)

    def _rows(self, channel_id: str, span: tuple[str, str]) -> Iterator[Item]:
        start = None
        while span[0] < span[1]:
            rows, start = self._deliveries.of_channel(channel_id, span, _PAGE, start)
            yield from rows
            if start is None:
                return

    def _retry(self, workspace_id: str, row: Item) -> Retried:
        post_id, delivery_id = row["pk"], row["sk"].removeprefix("delivery#")
        try:
            self._resolving.retry(workspace_id, post_id, delivery_id)
        except Problem as problem:
            return Retried(post_id=post_id, delivery_id=delivery_id, problem=problem)
        return Retried(post_id=post_id, delivery_id=delivery_id)

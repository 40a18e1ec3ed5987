"""The sender with one rule taken out: what a run must notice.

position_first   the position is written before the events are sent
no_second_look   whoever lets go of a lane does not look once more
other_bytes      other bytes are signed than are sent
no_retries       what failed once is not tried again
one_worker       one worker for all endpoints
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from punctual.messages import WebhookMessage
from punctual.tables import transact
from punctual.webhooks import calling, delays
from punctual.webhooks.draining import Draining, Tools
from punctual.webhooks.gathering import Batch
from punctual.webhooks.lanes import Lane
from punctual.webhooks.signing import Signed


@dataclass(frozen=True)
class Sabotage:
    name: str = ""
    draining: Callable[[Tools], Draining] = Draining
    concurrency: int | None = None
    replaced: tuple[tuple[Any, str, Any], ...] = ()

    @contextmanager
    def patched(self) -> Iterator[None]:
        undo = [patch.object(*each) for each in self.replaced]
        for each in undo:
            each.start()
        try:
            yield
        finally:
            for each in undo:
                each.stop()


class PositionFirst(Draining):
    def __init__(self, tools: Tools):
        self._held: Lane | None = None
        self._honest = tools.side_by_side
        super().__init__(replace(tools, side_by_side=self._eagerly))

    def _work(self, message: WebhookMessage, held: Lane, until: Any) -> Any:
        self._held = held
        return super()._work(message, held, until)

    def _note(self, held: Lane, batch: Batch, outcomes: Any) -> Lane:
        self._held = super()._note(held, batch, outcomes)
        return self._held

    def _eagerly(self, call: Any, jobs: Sequence[Any]) -> Any:
        if self._held and jobs:
            position = max(self._held.position, *(job.event.sequence for job in jobs))
            eagerly = replace(self._held, position=position)
            transact(self._tools.table.client, [self._tools.lanes.writing(self._held, eagerly)])
        return self._honest(call, jobs)


class NoSecondLook(Draining):
    def _let_go(self, message: WebhookMessage, held: Lane, *, has_worked: bool) -> None:
        self._tools.lanes.release(held, self._next_at(held, self._tools.now()))


_signed = calling.signed


def _other_bytes(*given: Any) -> Signed:
    made = _signed(*given)
    return replace(made, body=made.body + b" ")


HONEST = Sabotage()
ALL = {
    each.name: each
    for each in (
        Sabotage("position_first", draining=PositionFirst),
        Sabotage("no_second_look", draining=NoSecondLook),
        Sabotage("other_bytes", replaced=((calling, "signed", _other_bytes),)),
        Sabotage("no_retries", replaced=((delays, "RETRIES", ()),)),
        Sabotage("one_worker", concurrency=1),
    )
}

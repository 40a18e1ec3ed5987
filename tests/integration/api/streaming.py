"""A table's stream, given to the functions that read it, as the template's event sources say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.integration.api.stack import FUNCTIONS
from tests.integration.moved_clock import Killed, MovedClock
from tests.memory.dynamodb import MemoryDynamoDB
from tests.memory.stream_filters import passing
from tests.memory.streams import Stream

POLLED_SECONDS = 0.25
AGAIN_SECONDS = 1.0
Invoke = Callable[[str, dict[str, Any]], Any]


@dataclass
class Reader:
    function: str
    source: dict[str, Any]
    """Its event source's properties."""
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wants = passing(self.source)

    def take(self, record: dict[str, Any]) -> None:
        if self.wants(record):
            self.waiting.append(record)


class Streaming:
    """What a function fails with is raised where `deliver` was called; where the clock did, the stream gives the batch
    again a second later."""

    def __init__(self, client: MemoryDynamoDB, table: str, clock: MovedClock, invoke: Invoke):
        self._clock = clock
        self._invoke = invoke
        self._is_planned = False
        self.stream = Stream(client, table, clock=lambda: clock.now().timestamp())
        self.readers = [Reader(name, source) for name, source in _sources(table)]
        client.tables[table].listeners.append(lambda *_: self._plan(POLLED_SECONDS))

    def deliver(self) -> None:
        """Everything that was written, and what was written because of it."""
        while self._taken():
            for reader in self.readers:
                while batch := reader.waiting[: reader.source["BatchSize"]]:
                    self._invoke(reader.function, {"Records": batch})
                    del reader.waiting[: len(batch)]

    def forget(self) -> None:
        self.stream.records = []
        for reader in self.readers:
            reader.waiting = []

    def _taken(self) -> bool:
        records, self.stream.records = self.stream.records, []
        for record in records:
            for reader in self.readers:
                reader.take(record)
        return any(reader.waiting for reader in self.readers)

    def _plan(self, seconds: float) -> None:
        if not self._is_planned:
            self._is_planned = True
            self._clock.plan(self._clock.now() + timedelta(seconds=seconds), self._poll)

    def _poll(self) -> None:
        self._is_planned = False
        try:
            self.deliver()
        except (ClientError, BotoCoreError, Killed):
            self._plan(AGAIN_SECONDS)


def _sources(table: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, event["Properties"])
        for name, found in FUNCTIONS.items()
        for event in found["Properties"].get("Events", {}).values()
        if event["Type"] == "DynamoDB" and event["Properties"]["Stream"] == {"Fn::GetAtt": [table, "StreamArn"]}
    ]

"""AWS as one process reaches it: every call takes a moment, gives the others their turn, and meets the weather."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tests.chaos.ledger import Ledger
from tests.chaos.stage import Process, Stage
from tests.chaos.weather import Weather
from tests.integration.moved_clock import START, Killed
from tests.memory import faults
from tests.memory.faults import Call, Fault, Faulty

_STALLS = ((1, 6), (15, 40), (50, 120))
_READS = frozenset({"get_item", "batch_get_item", "query", "describe_table"})


class Reach:
    """Makes a process's clients."""

    def __init__(self, stage: Stage, weather: Weather, ledger: Ledger):
        self.stage = stage
        self.weather = weather
        self.ledger = ledger

    def client(self, group: str, service: Any) -> Any:
        return Faulty(service, partial(self._met, group, service))

    def _met(self, group: str, service: Any, name: str, kwargs: Mapping[str, Any]) -> Fault | None:
        self.stage.sleep(self.weather.rng.uniform(0.001, 0.012))
        if group == "dynamodb" and self.weather.tables_are_out():
            self._noted("tables out", name)
            return faults.outage()
        kind = self.pick(group, name)
        if kind is None or (kind == "conflict" and name in _READS):
            return None
        self._noted(f"{group} {kind}", name)
        return self.fault(kind, service)

    def pick(self, group: str, operation: str = "") -> str | None:
        """What is being sent meets faults more often."""
        actor = self.stage.current
        return self.weather.pick(group, operation, is_hot=actor is not None and actor.about in self.ledger.hot)

    def _noted(self, kind: str, name: str) -> None:
        self.ledger.note(f"fault: {kind} in {name}")
        self.ledger.mark_mine("fault")

    def fault(self, kind: str, service: Any) -> Fault:
        match kind:
            case "stall_before" | "stall_after":
                seconds = self.weather.rng.uniform(*self.weather.rng.choice(_STALLS))
                return faults.stall(seconds, self.stage.sleep, after=kind == "stall_after")
            case "late":
                return _late(service, self.weather.rng.uniform(2, 150))
        return _FAULTS[kind]


def _sent_twice(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
    """botocore tries again what it had no answer to; a transaction carries a token against that."""
    answer = call()
    return answer if name == "transact_write_items" else call()


def _twice(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
    call()
    return call()


def _lost(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
    return {}


def _late(service: Any, seconds: float) -> Fault:
    def fault(name: str, kwargs: Mapping[str, Any], call: Call) -> Any:
        service.late_by = seconds
        try:
            return call()
        finally:
            service.late_by = 0.0

    return fault


_FAULTS: dict[str, Fault] = {
    "throttle": faults.throttle("ThrottlingException"),
    "refused": faults.throttle("ThrottlingException"),
    "conflict": faults.conflict(),
    "outage": faults.outage(),
    "lost_answer": faults.lost_acknowledgement(),
    "sent_twice": _sent_twice,
    "twice": _twice,
    "lost": _lost,
    "die_before": faults.die(Killed),
    "die_after": faults.die(Killed, after=True),
}

Invoke = Callable[[list["Message"]], None]


class Message:
    def __init__(self, body: str):
        self.body = body
        self.receives = 0
        self.received_at = START


class Sqs:
    """The publish queue: delays, batches, redelivery after the visibility timeout, five receives at most."""

    VISIBILITY_SECONDS = 90

    def __init__(self, stage: Stage, weather: Weather, invoke: Invoke, *, batch: int, concurrency: int):
        self._stage = stage
        self._weather = weather
        self._invoke = invoke
        self._batch = batch
        self._concurrency = concurrency
        self._aws = Process("sqs")
        self._ready: list[Message] = []
        self.running = 0
        self.late_by = 0.0
        self.dropped = 0

    def send_message(
        self,
        *,
        QueueUrl: str,  # noqa: N803
        MessageBody: str,  # noqa: N803
        MessageGroupId: str = "",  # noqa: N803
        DelaySeconds: int = 0,  # noqa: N803
    ) -> dict[str, str]:
        assert isinstance(DelaySeconds, int)
        assert 0 <= DelaySeconds <= 900
        self._plan(Message(MessageBody), DelaySeconds + self.late_by + self._weather.rng.uniform(0.005, 0.1))
        return {"MessageId": "message"}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert len(Entries) <= 10
        refused = [entry for entry in Entries if self._weather.pick("sqs") == "refused"]
        for entry in (each for each in Entries if each not in refused):
            self.send_message(QueueUrl=QueueUrl, **{name: value for name, value in entry.items() if name != "Id"})
        return {"Successful": [], "Failed": [{"Id": entry["Id"]} for entry in refused]}

    def finish(self, message: Message, *, well: bool) -> None:
        """Its worker has ended: it is deleted, or comes again."""
        if well and not self._weather.meets("not_deleted"):
            return
        if message.receives < 5:
            gone = (self._stage.now() - message.received_at).total_seconds()
            self._plan(message, max(0.0, self.VISIBILITY_SECONDS - gone))
        else:
            self.dropped += 1

    def _plan(self, message: Message, seconds: float) -> None:
        self._stage.plan(seconds, partial(self._arrive, message), self._aws)

    def _arrive(self, message: Message) -> None:
        self._ready.append(message)
        if len(self._ready) == 1:
            self._stage.plan(0.01, self._poll, self._aws)

    def _poll(self) -> None:
        while self._ready and self.running < self._concurrency:
            count = self._weather.rng.randint(1, self._batch)
            batch, self._ready = self._ready[:count], self._ready[count:]
            for message in batch:
                message.receives += 1
                message.received_at = self._stage.now()
            self._invoke(batch)
        if self._ready:
            self._stage.plan(0.5, self._poll, self._aws)


class Scheduler:
    """EventBridge Scheduler: fires within a minute of its time, or as the weather has it."""

    def __init__(self, stage: Stage, weather: Weather, sqs: Sqs):
        self._stage = stage
        self._weather = weather
        self._sqs = sqs
        self._aws = Process("scheduler")
        self.schedules: dict[str, str] = {}
        self.late_by = 0.0

    def create_schedule(self, **given: Any) -> dict[str, str]:
        at = self._stage.now().fromisoformat(f"{given['ScheduleExpression'][3:-1]}+00:00")
        self.schedules[given["Name"]] = given["Target"]["Input"]
        seconds = max(0.0, (at - self._stage.now()).total_seconds())
        late = self.late_by + self._weather.rng.uniform(0, 60)
        self._stage.plan(seconds + late, partial(self._fire, given["Name"]), self._aws)
        return {}

    def delete_schedule(self, *, Name: str, GroupName: str) -> dict[str, Any]:  # noqa: N803
        self.schedules.pop(Name, None)
        return {}

    def _fire(self, name: str) -> None:
        body = self.schedules.get(name)
        if body:
            self._sqs.send_message(QueueUrl="queue", MessageBody=body)

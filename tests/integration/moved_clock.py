"""A clock that tests move, and the AWS parts that act on time: the Scheduler and the queue, which moto never fires."""

import heapq
import itertools
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

START = datetime(2026, 11, 22, 16, 0, 0, 123000, tzinfo=UTC)
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


class MovedClock:
    """Runs what is planned, in order of its time; nothing else makes time pass but `sleep`."""

    def __init__(self) -> None:
        self.at = START
        self._planned: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def plan(self, at: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self._planned, (at, next(self._order), what))

    def run(self, **span: float) -> None:
        """Until `timedelta(**span)` from now."""
        self.run_until(self.at + timedelta(**span))

    def run_until(self, end: datetime) -> None:
        while self._planned and self._planned[0][0] <= end:
            at, _, what = heapq.heappop(self._planned)
            self.at = max(self.at, at)
            what()
        self.at = max(self.at, end)

    def every(self, seconds: float, what: Callable[[], None]) -> None:
        def again() -> None:
            self.plan(self.at + timedelta(seconds=seconds), again)
            what()

        self.plan(self.at + timedelta(seconds=seconds), again)


class FakeQueue:
    """What Punctual uses of SQS: delays, redelivery after the visibility timeout, batches. `receive` gets each body."""

    def __init__(
        self, clock: MovedClock, receive: Callable[[str], None], *, visibility_seconds: int = 90, most: int = 5
    ):
        self._clock = clock
        self._receive = receive
        self._visibility = timedelta(seconds=visibility_seconds)
        self._most = most
        self.sent: list[dict[str, Any]] = []
        self.groups: list[str] = []
        """Of the messages in `sent`, in their order."""
        self.dead: list[str] = []
        """Bodies that failed too often, as the dead-letter queue holds them."""
        self.lose_next = 0
        self.refuse_next = 0
        self.deliver_times = 1

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
        if self.refuse_next:
            self.refuse_next -= 1
            raise _error("RequestThrottled", "SendMessage")
        self.sent.append(json.loads(MessageBody))
        self.groups.append(MessageGroupId)
        if self.lose_next:
            self.lose_next -= 1
            return {"MessageId": "lost"}
        for _ in range(self.deliver_times):
            self._clock.plan(self._clock.now() + timedelta(seconds=DelaySeconds), lambda: self._deliver(MessageBody))
        return {"MessageId": str(len(self.sent))}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert len(Entries) <= 10
        for entry in Entries:
            given = {name: value for name, value in entry.items() if name != "Id"}
            self.send_message(QueueUrl=QueueUrl, **given)
        return {"Successful": Entries}

    def _deliver(self, body: str, times: int = 1) -> None:
        try:
            self._receive(body)
        except Killed:
            if times < self._most:
                self._clock.plan(self._clock.now() + self._visibility, lambda: self._deliver(body, times + 1))
            else:
                self.dead.append(body)


class FakeQueues:
    """One client for several queues, by their URLs."""

    def __init__(self, queues: Mapping[str, FakeQueue]):
        self._queues = queues

    def send_message(self, *, QueueUrl: str, **given: Any) -> dict[str, str]:  # noqa: N803
        return self._queues[QueueUrl].send_message(QueueUrl=QueueUrl, **given)

    def send_message_batch(self, *, QueueUrl: str, **given: Any) -> dict[str, Any]:  # noqa: N803
        return self._queues[QueueUrl].send_message_batch(QueueUrl=QueueUrl, **given)


class Killed(BaseException):
    """The worker's process ended here; the queue gives its message to another one."""


class FakeScheduler:
    """What Punctual uses of EventBridge Scheduler; fires up to a minute late, and refuses what AWS refuses."""

    def __init__(self, clock: MovedClock, fire: Callable[[str], None], *, lateness_seconds: float = 30.0):
        self._clock = clock
        self._fire = fire
        self._lateness = timedelta(seconds=lateness_seconds)
        self.schedules: dict[str, dict[str, Any]] = {}
        self.fail_next = 0

    def create_schedule(self, **given: Any) -> dict[str, str]:
        if self.fail_next:
            self.fail_next -= 1
            raise _error("ThrottlingException", "CreateSchedule")
        matched = _AT.fullmatch(given["ScheduleExpression"])
        assert matched, "AWS takes whole seconds and no zone in at()"
        assert re.fullmatch(r"[0-9a-zA-Z-_.]{1,64}", given["Name"])
        assert given["ScheduleExpressionTimezone"] == "UTC"
        assert given["FlexibleTimeWindow"] == {"Mode": "OFF"}
        assert given["ActionAfterCompletion"] == "DELETE"
        if given["Name"] in self.schedules:
            raise _error("ConflictException", "CreateSchedule")
        at = datetime.fromisoformat(matched[1]).replace(tzinfo=UTC)
        assert at > self._clock.now(), "a schedule in the past fires at once, or not at all"
        self.schedules[given["Name"]] = given
        self._clock.plan(at + self._lateness, lambda: self._due(given["Name"]))
        return {"ScheduleArn": f"arn:aws:scheduler:::schedule/{given['Name']}"}

    def delete_schedule(self, *, Name: str, GroupName: str) -> dict[str, Any]:  # noqa: N803
        if Name not in self.schedules:
            raise _error("ResourceNotFoundException", "DeleteSchedule")
        del self.schedules[Name]
        return {}

    def _due(self, name: str) -> None:
        found = self.schedules.pop(name, None)
        if found:
            self._fire(found["Target"]["Input"])


class FakeTopic:
    """What Punctual uses of SNS, and what SNS refuses: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        """Subjects and texts."""
        self.fail_next = 0

    def publish(self, *, TopicArn: str, Subject: str, Message: str) -> dict[str, str]:  # noqa: N803
        assert 0 < len(Subject) < 100
        assert Subject.isascii()
        assert Subject.isprintable()
        assert len(Message.encode()) <= 262_144
        if self.fail_next:
            self.fail_next -= 1
            raise _error("Throttled", "Publish")
        self.mails.append((Subject, Message))
        return {"MessageId": str(len(self.mails))}


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)

"""Endpoints as people run them: most well, some badly. Each verifies all that it gets by the specification's own
library, before it does whatever it does to it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import httpx
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from tests.chaos.stage import Stage

DOWN = timedelta(days=2)
_DAY_SECONDS = 86_400


@dataclass
class Receiver:
    """`seconds` is how long it takes over the call it answered last."""

    name: str
    behave: "Behaviour"
    stage: Stage
    rng: Random
    seconds: float = 0.0
    secret: str = ""
    calls: int = 0
    took: dict[int, datetime] = field(default_factory=dict)
    """Events by their numbers, and when it first had them and said so."""
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)
    """Requests that did not verify."""
    last_called_at: datetime | None = None

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        self.seconds = self.rng.uniform(0.02, 0.2)
        self.last_called_at = self.stage.now()
        try:
            event = Verifier(self.secret).verify(request.content, dict(request.headers))
        except (WebhookVerificationError, ValueError) as error:
            self.wrong.append(str(error))
            return httpx.Response(400)
        if event["id"] != request.headers["webhook-id"] or event != json.loads(request.content):
            self.wrong.append("another event than its headers name")
        answer = self.behave(self, request)
        if answer.is_success:
            self.doubled += event["sequence"] in self.took
            self.took.setdefault(event["sequence"], self.stage.now())
        return answer


Behaviour = Callable[[Receiver, httpx.Request], httpx.Response]


def good(receiver: Receiver, _: httpx.Request) -> httpx.Response:
    return httpx.Response(204)


def flaky(receiver: Receiver, _: httpx.Request) -> httpx.Response:
    return httpx.Response(500 if receiver.rng.random() < 0.25 else 200)


def hanging(receiver: Receiver, request: httpx.Request) -> httpx.Response:
    receiver.seconds = 10.0
    raise httpx.ReadTimeout("nothing came", request=request)


def redirecting(receiver: Receiver, _: httpx.Request) -> httpx.Response:
    return httpx.Response(307, headers={"Location": "https://elsewhere.example/"})


def slow(receiver: Receiver, _: httpx.Request) -> httpx.Response:
    receiver.seconds = receiver.rng.uniform(3, 9.5)
    return httpx.Response(200)


def gone(receiver: Receiver, _: httpx.Request) -> httpx.Response:
    return httpx.Response(200 if receiver.calls <= 20 else 410)


def limiting(receiver: Receiver, _: httpx.Request) -> httpx.Response:
    """Asks for time each tenth call or so, and takes it amiss if it is not given."""
    if receiver.rng.random() < 0.1:
        return httpx.Response(429, headers={"Retry-After": str(receiver.rng.choice((1, 7, 30)))})
    return httpx.Response(200)


def dying(began: datetime) -> Behaviour:
    """Gone within minutes, and back two days later."""

    def behave(receiver: Receiver, request: httpx.Request) -> httpx.Response:
        if timedelta(minutes=5) < receiver.stage.now() - began < DOWN:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200)

    return behave


def garbling(receiver: Receiver, request: httpx.Request) -> httpx.Response:
    """Answers that are none, a third of the time."""
    match receiver.rng.randrange(15):
        case 0:
            raise httpx.RemoteProtocolError("cut", request=request)
        case 1:
            return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"none"))
        case 2:
            return httpx.Response(receiver.rng.choice((300, 404, 418, 451, 500, 599)))
        case 3:
            return httpx.Response(301)
        case 4:
            raise httpx.ReadError("cut", request=request)
    return httpx.Response(200, content=b"\x00 whatever")

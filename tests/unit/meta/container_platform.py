"""A platform of containers that is neither Instagram nor Threads; and a worker that is killed, and goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.meta import containers
from punctual.meta.containers import Containers, Words
from punctual.meta.graph import GraphProvider
from punctual.meta.meanings import MEANINGS, Meaning
from punctual.providers.base import Account, Fields, Grant, Outgoing, Published, Spec
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Rejected, RetryLater
from punctual.providers.terms import ApiVersion
from tests.kept import Kept

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
GRANT = Grant(access_token=SecretStr("token"))
TEXT = "what the user wrote"
NOT_READY = Meaning(verdict="later", code="not_ready", sentence="{name} is not ready.")
SETTLED = 82.0
"""Seconds after which the engine looks."""


class Example(GraphProvider):
    host = "https://graph.example"
    sites = ("example",)
    meanings: ClassVar[Mapping[str, Meaning]] = {**MEANINGS, "9": NOT_READY}
    spec = Spec(
        id="example",
        name="Example",
        docs_url="https://graph.example",
        connect=("oauth",),
        max_text=100,
        counted_in="characters",
        api_version=ApiVersion(name="v1"),
    )


class Drafts(Containers):
    words = Words(create="drafts", publish="release", listed="posts", status="state", why="reason", text="words")
    items = 0

    def children(self) -> Sequence[Mapping[str, str]]:
        return [{"item": str(place)} for place in range(self.items)]

    def whole(self, children: Sequence[str]) -> Mapping[str, str]:
        return {"words": self.post.text, "children": ",".join(children)}

    def refusal(self, why: str) -> Rejected | None:
        return Rejected("Example cannot read a file.", code="media_refused") if why == "bad file" else None

    def is_about_container(self, error: ProviderError) -> bool:
        return error.platform_code == "9"


class Carousel(Drafts):
    items = 3


class Killed(BaseException):
    """The process ended here."""


@dataclass
class Far:
    """The platform. `faults` are by the number of the call that they befall."""

    faults: dict[int, str] = field(default_factory=dict)
    polls: int = 1
    """How often a container is asked about before it is ready."""
    lag: timedelta = timedelta(0)
    """Until what is live is listed."""
    never_publishes: bool = False
    now: datetime = NOW
    calls: int = 0
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: list[dict[str, str]] = field(default_factory=list)
    late: list[tuple[datetime, str]] = field(default_factory=list)

    def provider(self) -> Example:
        http = GuardedHttp(transport=httpx.MockTransport(self.respond), resolve=_somewhere_public)
        return Example(http, lambda: self.now)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for at, container in [one for one in self.late if one[0] <= self.now]:
            self.late.remove((at, container))
            self.release(container, at)

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        fault = self.faults.get(self.calls)
        path = request.url.path.removeprefix("/v1/")
        fields = dict(parse_qsl(request.content.decode()))
        self.sent.append((request.method, path, fields))
        if fault == "cut":
            raise httpx.ReadError("cut", request=request)
        if fault == "killed before":
            raise Killed
        if fault == "busy":
            return httpx.Response(503)
        if fault == "late" and path.endswith("release"):
            self.late.append((self.now + timedelta(seconds=60), fields["creation_id"]))
            raise httpx.ReadError("late", request=request)
        answer = self.carry_out(request.method, path, fields)
        if fault == "lost":
            raise httpx.ReadError("lost", request=request)
        if fault == "killed":
            raise Killed
        return answer

    def carry_out(self, method: str, path: str, fields: dict[str, str]) -> httpx.Response:
        if path == "7/drafts":
            if any(child not in self.made for child in filter(None, fields.get("children", "").split(","))):
                return httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
            number = str(100 + len(self.made))
            self.made[number] = {**fields, "state": "IN_PROGRESS", "left": self.polls, "at": self.now}
            return httpx.Response(200, json={"id": number})
        if path == "7/release":
            return self.release(fields["creation_id"], self.now)
        if path == "7/posts":
            return httpx.Response(200, json={"data": [post for post in self.posts[::-1] if self.lists(post)]})
        if path not in self.made:
            return httpx.Response(400, json={"error": {"code": 100, "error_subcode": 33}})
        mine = self.made[path]
        if mine["state"] == "IN_PROGRESS":
            mine["left"] -= 1
            mine["state"] = "IN_PROGRESS" if mine["left"] >= 0 else "FINISHED"
        return httpx.Response(200, json={"id": path, "state": self.state(path), "reason": mine.get("reason", "")})

    def lists(self, post: dict[str, str]) -> bool:
        try:
            return datetime.fromisoformat(post.get("timestamp", "")) <= self.now - self.lag
        except ValueError:
            return True

    def state(self, container: str) -> str:
        mine = self.made.get(container, {"state": "gone"})
        if mine["state"] == "FINISHED" and self.now > mine["at"] + timedelta(days=1):
            mine["state"] = "EXPIRED"
        return str(mine["state"])

    def release(self, container: str, at: datetime) -> httpx.Response:
        if self.never_publishes or self.state(container) != "FINISHED":
            return httpx.Response(400, json={"error": {"code": 9, "message": TEXT}})
        self.made[container]["state"] = "PUBLISHED"
        number = str(900 + len(self.posts))
        when = at.strftime("%Y-%m-%dT%H:%M:%S+0000")
        self.posts.append({"id": number, "words": self.made[container]["words"], "timestamp": when})
        return httpx.Response(200, json={"id": number})


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


@dataclass
class Worker:
    """What the engine does with one delivery, as far as containers need it: it is killed, and goes on."""

    far: Far
    dialect: type[Drafts] = Drafts
    kept: dict[str, Any] = field(default_factory=dict)
    first_sent_at: datetime | None = None
    taken: frozenset[str] = frozenset()
    step: str = "prepare"

    def part(self) -> Drafts:
        post = Outgoing(
            delivery_id="dlv_1",
            key="dlv_1.0.1",
            text=TEXT,
            settings=Fields(),
            due_at=NOW,
            account=Account(id="7", handle="@someone"),
            prepared=dict(self.kept),
            first_sent_at=self.first_sent_at,
            taken=self.taken,
        )
        return self.dialect(self.far.provider(), post, GRANT)

    def run(self) -> Published | str:
        """What is published, or the state that it ends in."""
        for _ in range(80):
            try:
                came = getattr(self, self.step)()
            except (ProviderError, Killed) as error:
                came = self.after(error)
            if came:
                return came
        return "missed"

    def after(self, error: BaseException) -> str | None:
        """What ends the delivery; None: it goes on."""
        match error:
            case Killed():
                self._go_on("look" if self.first_sent_at else "prepare", SETTLED)
            case Processing():
                self._go_on(self.step, 30)
            case Rejected():
                return "refused"
            case RetryLater() if self.step == "look":
                self._go_on("look", 20)
            case RetryLater():
                self.first_sent_at = None
                self.forget(error)
                self._go_on("prepare", 20)
            case OutcomeUnknown() if self.step == "look":
                return "unconfirmed"
            case _:
                self._go_on("look", SETTLED)
        return None

    def forget(self, error: ProviderError) -> None:
        """What the platform has let go of."""
        both = {**self.kept, **getattr(error, "kept", {})}
        self.kept = {name: value for name, value in both.items() if value is not None}

    def _go_on(self, step: str, seconds: float) -> None:
        self.step = step
        self.far.wait(seconds)

    def prepare(self) -> None:
        containers.prepare(self.part(), Kept(self.kept))
        self.step = "publish"

    def publish(self) -> Published:
        self.first_sent_at = self.first_sent_at or self.far.now
        return containers.publish(self.part())

    def look(self) -> Published | None:
        found = containers.find(self.part())
        if found is None:
            self.first_sent_at, self.step = None, "publish"
        return found

"""One platform's far side and Punctual's real handlers, with a channel connected by a person's browser.

stage = Stage(patch, platform)
stage.connect()
stage.post(case)                   scheduled, with its files
stage.run(hours=1)                 schedules, queues, sweeper and refresher at work
stage.shown()                      what readers see at the far side
stage.dies_at(3, "before")         the publisher's worker ends at its third call since then
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, Literal, Protocol, TypeAlias

import httpx
import pytest

from edge import clients
from punctual.media.facts import Facts
from punctual.media.library import Library
from tests.contract.failure import Failure
from tests.contract.shown import Shown
from tests.integration.api.deployed import BASE, Deployed
from tests.integration.moved_clock import Killed

When: TypeAlias = Literal["before", "after"]


class FarSide(Protocol):
    """What every far side has; see FAILURES and OPERATIONS of each."""

    HOSTS: Sequence[str]
    OPERATIONS: Any
    PUBLISHING: Any
    FAILURES: Mapping[str, Failure]
    app: dict[str, str]
    redirect_uri: str
    seen: list[httpx.Request]
    fail_next: list[tuple[str, Failure]]
    loses_answer_of: set[str]
    cuts: set[str]

    @property
    def posts(self) -> list[Shown]: ...

    def answer(self, request: httpx.Request) -> httpx.Response: ...

    def consent(self, authorization_url: str, *, denies: bool = False) -> dict[str, str]: ...


@dataclass(frozen=True, kw_only=True)
class Case:
    """A post of one type: what is sent to `POST /v1/posts`, with files by their kinds, and what readers then see."""

    kind: str
    """As `Shown` has it."""
    type: str = ""
    """Of the Spec's post types, where that is another word than readers' kind."""
    text: str = "Good morning."
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: Sequence[str] = ()
    """Names of FILES."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Thread and first comment."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """Of `Shown.about`, what must be there."""
    shows_text: bool = True
    shows_alt_texts: bool = True
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """`violations`: what of a request the platform's contract does not allow."""

    provider: str
    side: Callable[..., Any]
    violations: Callable[[httpx.Request], list[str]]
    cases: Sequence[Case]
    chooses: str = ""
    """Part of the handle of the account to choose, where a login holds several."""
    unused: Mapping[str, str] = field(default_factory=dict)
    """Operations of the far side that Punctual never needs, each with the reason."""
    not_played: Mapping[str, str] = field(default_factory=dict)
    """Failures that cannot be met so in a flow, each with the reason."""
    keeps_posts: str = ""
    """Why nothing is deleted there, though Punctual could."""
    prepare: Callable[[Any], None] = lambda _: None
    """Sets the far side up, as a person who uses the platform would."""

    def of(self, kind: str) -> Case:
        return next(case for case in self.cases if case.kind == kind)


@dataclass(frozen=True)
class File:
    facts: Facts
    content: bytes


def _file(kind: Any, mime: str, seed: bytes, size: int, **about: Any) -> File:
    content = (seed * (size // len(seed) + 1))[:size]
    fields = {"width": 1080, "height": 1080, **about}
    return File(Facts(kind=kind, type=mime, bytes=size, sha256=sha256(content).hexdigest(), **fields), content)


_VIDEO = {"duration_ms": 12_000, "frame_rate": 30.0, "video_codec": "h264", "audio_codec": "aac", "bit_rate": 3_000_000}
FILES: Mapping[str, File] = {
    "jpeg": _file("image", "image/jpeg", b"\xff\xd8\xff\xe0one", 40_000),
    "jpeg2": _file("image", "image/jpeg", b"\xff\xd8\xff\xe0two", 50_000),
    "png": _file("image", "image/png", b"\x89PNG\r\n\x1a\nthree", 30_000),
    "gif": _file("animation", "image/gif", b"GIF89a", 60_000, frames=20, duration_ms=2_000, width=480, height=360),
    "pdf": _file("document", "application/pdf", b"%PDF-1.7", 90_000, width=0, height=0, pages=3),
    "video": _file("video", "video/mp4", b"\x00\x00\x00\x18ftypisom", 6_500_000, width=720, height=1280, **_VIDEO),
    "square": _file("video", "video/mp4", b"\x00\x00\x00\x18ftypmp42", 6_500_000, **_VIDEO),
}
"""Nobody looks into them here: they only have to arrive."""
_SETTLED = {"COMPLETED", "ERROR", "PARTIAL", "HELD", "MISSED", "CANCELLED"}
ALT_TEXT = "A boat in the harbour."


class Asked(set[str]):
    """Notes what it is asked for: a far side looks for each call's operation among those to be cut."""

    def __init__(self, asked: list[str]):
        super().__init__()
        self._asked = asked

    def __contains__(self, name: object) -> bool:
        self._asked.append(str(name))
        return super().__contains__(name)


class Stage:
    def __init__(self, patch: pytest.MonkeyPatch, platform: Platform, **parameters: str):
        self.deployed = Deployed(patch, **parameters)
        self.clock = self.deployed.clock
        self.platform = platform
        self.side: FarSide = platform.side(self.clock.now, self._fetch)
        self.side.redirect_uri = f"{BASE}/v1/oauth/{platform.provider}/callback"
        platform.prepare(self.side)
        self.deployed.services["sts"] = SimpleNamespace(assume_role=lambda **_: {"Credentials": {}})
        patch.setattr(clients, "s3_with", lambda _: self.deployed.bucket)
        self.called: list[str] = []
        """Operations of the far side, in order."""
        self.side.cuts = Asked(self.called)
        self.calls = 0
        self._dies: tuple[int, When] | None = None
        for host in self.side.HOSTS:
            self.deployed.hosts[host] = self._answer
        self.tenant = self.deployed.tenant(scopes=("read", "write", "admin"))
        self.channel = ""

    # What a person and a program do

    def connect(self) -> str:
        """The channel's id."""
        connection, page = self.connection()
        assert connection["status"] == "connected", (connection, page.text)
        (self.channel,) = (each["id"] for each in connection["channels"])
        return self.channel

    def connection(self) -> tuple[dict[str, Any], httpx.Response]:
        """What became of it, and the page that the person was shown at its end."""
        api, provider = self.tenant.api, self.platform.provider
        assert api.put(f"/v1/workspace/apps/{provider}", json=self.side.app).status_code in (200, 201)
        browser = self.deployed.client()
        started = api.post(f"/v1/oauth/{provider}/start", json={"return_url": "https://app.example/done"}).json()
        consenting = browser.get(started["authorization_url"]).headers["location"]
        page = browser.get(f"/v1/oauth/{provider}/callback", params=self.side.consent(consenting))
        connection: dict[str, Any] = api.get(f"/v1/connections/{started['id']}").json()
        if connection["status"] == "choosing":
            chosen = [each["id"] for each in connection["accounts"] if self.platform.chooses in each["handle"]][:1]
            api.post(f"/v1/connections/{started['id']}/accounts", json={"account_ids": chosen})
            connection = api.get(f"/v1/connections/{started['id']}").json()
        return connection, page

    def post(self, case: Case, *, in_minutes: float = 5, **more: Any) -> dict[str, Any]:
        media = [{"id": self.file(name), "alt_text": ALT_TEXT} for name in case.files]
        target = {"channel_id": self.channel, "settings": dict(case.settings)}
        given = {"targets": [target], "media": media, **case.more, **more}
        answer = self.tenant.post(case.text or None, in_minutes=in_minutes, **given)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def file(self, name: str) -> str:
        library = Library(self.deployed.table("WorkTable"), self.clock.now)
        media = library.create(self.tenant.workspace_id, status="ready", facts=FILES[name].facts)
        self.deployed.bucket.objects[media.original] = FILES[name].content
        return media.id

    def run(self, **span: float) -> None:
        self.deployed.clock.run(**span)

    def settled(self, post: Mapping[str, Any]) -> dict[str, Any]:
        """What it has become an hour after its time: then nothing happens but for looks that find nothing."""
        for _ in range(75):
            self.run(minutes=1)
            for function in ("SweeperFunction", "TokenRefresherFunction"):
                self.deployed.invoke(function, {})
            found = self.delivery(post)
            if found["status"] in _SETTLED:
                break
        return found

    # What came of it

    def delivery(self, post: Mapping[str, Any]) -> dict[str, Any]:
        (found,) = self.tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
        delivery: dict[str, Any] = found
        return delivery

    def shown(self) -> list[Shown]:
        return list(self.side.posts)

    def violations(self) -> list[str]:
        """Of all requests so far. Without the contracts nothing is held to them: tests/contract says why."""
        if not os.environ.get("PUNCTUAL_SPECS") and os.environ.get("CI") != "true":
            return []
        return [each for request in self.side.seen for each in self.platform.violations(request)]

    # What goes wrong

    def dies_at(self, call: int, when: When) -> None:
        self.calls = 0
        self._dies = (call, when)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        number, (call, when) = self.calls, self._dies or (0, "before")
        if number == call and when == "before":
            raise Killed()
        answer = self.side.answer(_as_it_arrives(request))
        if number == call and when == "after":
            raise Killed()
        return answer

    def _fetch(self, url: str) -> bytes:
        """As the platform's own servers get a file: by its signed address, without credentials."""
        answer = self.deployed.bucket.answer(httpx.Request("GET", url))
        if answer.status_code != 200:
            raise LookupError(url)
        return answer.content


def _as_it_arrives(request: httpx.Request) -> httpx.Request:
    """With the host's name, where the guarded client has its address."""
    url = request.url.copy_with(host=request.headers["host"])
    return httpx.Request(request.method, url, headers=request.headers, content=request.content)


def secrets_in(side: FarSide, text: str) -> list[str]:
    """Tokens and codes that were sent, and are in this text."""
    found: set[str] = set(side.app.values()) - {side.app.get("client_id", "")}
    for request in side.seen:
        found.add(request.headers.get("Authorization", "").rpartition(" ")[2])
        found |= {value for name, value in request.url.params.items() if "token" in name or name == "code"}
    return sorted(secret for secret in found if len(secret) > 12 and secret in text)


def as_text(value: Any) -> str:
    return json.dumps(value, default=str)

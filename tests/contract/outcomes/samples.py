"""Answers as a platform documents them, and what its provider must make of each: `<provider>.toml` holds both.

A file has `[post]`, what its samples' posts have in common; `[never]`, the outcomes that this platform does not have,
each with its reason; and `[[samples]]`. `outcome` is the class of what is raised or given back, or "nothing".
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers import provider_class
from punctual.providers.base import Account, App, Grant, Outgoing, Provider, Published
from punctual.providers.media import MediaKind
from punctual.providers.outcomes import ProviderError
from tests.attachments import attachment
from tests.kept import Kept

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
SECRET, CAPTION = "a-token-that-nobody-may-see", "A caption to keep to oneself"
ALT_TEXT = "A picture of nobody's business"
FOLDER = Path(__file__).parent

Step: TypeAlias = Literal["prepare", "publish", "find", "delete", "refresh"]
ELSEWHERE = Published(platform_id="1234567890", url="https://platform.example/1234567890")
"""What is deleted, where the file names nothing."""
APP = App(client_id="client", client_secret=SecretStr(SECRET))


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(Table):
    status: int = 200
    headers: dict[str, str] = {}
    body: str = ""

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, text=self.body)


class Sample(Answer):
    """`before` are the answers to earlier calls of the same step; times are seconds after NOW."""

    name: str
    source: str
    during: Step
    before: tuple[Answer, ...] = ()
    settings: dict[str, Any] = {}
    media: tuple[MediaKind, ...] = ()
    prepared: dict[str, Any] | None = None
    outcome: Literal[
        "Rejected",
        "Reconnect",
        "Unauthorized",
        "RetryLater",
        "UploadLost",
        "Unprepared",
        "Processing",
        "OutcomeUnknown",
        "Published",
        "Grant",
        "nothing",
    ]
    code: str | None = None
    platform_code: str | None = None
    retry_after: float | None = None
    limited_for: float | None = None
    platform_id: str | None = None
    url: str | None = None
    kept: dict[str, Any] = {}


class Posts(Table):
    """`prepared` is what `prepare` would have kept; without it `prepare` is run, and may send nothing."""

    account: dict[str, Any]
    prepared: dict[str, Any] | None = None


class Data(Table):
    post: Posts
    never: dict[str, str] = {}
    samples: tuple[Sample, ...]


@cache
def data(name: str) -> Data:
    path = FOLDER / f"{name}.toml"
    assert path.is_file(), f"{path.name} is missing: say what {name} answers, and what each answer means"
    return Data.model_validate(tomllib.loads(path.read_text()))


def grant(name: str) -> Grant:
    server = data(name).post.account.get("server", "https://platform.example")
    return Grant(access_token=SecretStr(SECRET), refresh_token=SecretStr(SECRET), server=server)


def post(name: str, *, settings: Mapping[str, Any], **more: Any) -> Outgoing:
    about: dict[str, Any] = {
        "delivery_id": "dlv_1",
        "key": "dlv_1.1",
        "text": CAPTION,
        "settings": provider_class(name).spec.settings.model_validate(settings),
        "due_at": NOW,
        "account": Account(**data(name).post.account),
        "first_sent_at": NOW,
    }
    return Outgoing(**{**about, **more})


class Far:
    """A provider whose platform gives these answers in turn; it notes what was sent and what limits were told."""

    def __init__(self, name: str, answers: Sequence[Answer] = ()):
        self.sent: list[httpx.Request] = []
        self.limits: list[float] = []
        self.kept: dict[str, Any] = {}
        self.left = list(answers)
        self._grant = grant(name)
        http = GuardedHttp(transport=httpx.MockTransport(self._respond), resolve=_somewhere_public)
        provider: Provider = provider_class(name)(http, lambda: NOW)
        self.provider = provider.noting(lambda until: self.limits.append((until - NOW).total_seconds()))

    def run(self, step: Step, post: Outgoing) -> Any:
        """What the provider gives back or raises."""
        try:
            match step:
                case "prepare":
                    return self.provider.prepare(post, self._grant, Kept(self.kept))
                case "publish":
                    return self.provider.publish(post, self._grant)
                case "find":
                    return self.provider.find(post, self._grant)
                case "delete":
                    return self.provider.delete(post.root or ELSEWHERE, self._grant, post.account)
                case "refresh":
                    return self.provider.refresh(self._grant, APP)
        except ProviderError as error:
            return error

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        assert self.left, f"{request.method} {request.url.path} was not expected"
        return self.left.pop(0).response()


def play(name: str, sample: Sample) -> tuple[Any, Far]:
    """What came of it, and what the platform saw."""
    prepared = data(name).post.prepared if sample.prepared is None else sample.prepared
    media = tuple(attachment(ALT_TEXT.encode(), kind=kind, alt_text=ALT_TEXT) for kind in sample.media)
    about = post(name, settings=sample.settings, media=media, prepared=prepared or {})
    if prepared is None and sample.during in ("publish", "find"):
        before = Far(name)
        before.run("prepare", about)
        about = replace(about, prepared=before.kept)
    far = Far(name, [*sample.before, sample])
    return far.run(sample.during, about), far


def a_success(name: str) -> Sample:
    """The first documented answer to publishing that names a post."""
    return next(one for one in data(name).samples if (one.during, one.outcome) == ("publish", "Published"))


def published(name: str) -> Published:
    """What the provider makes of it."""
    came, _ = play(name, a_success(name))
    assert isinstance(came, Published)
    return came


def sent_for(name: str, **part: Any) -> list[httpx.Request]:
    """All that is sent to prepare and publish a part, as far as the documented successes answer it."""
    success = a_success(name)
    preparing = [
        one
        for one in data(name).samples
        if (one.during, one.outcome, one.settings) == ("prepare", "nothing", success.settings)
    ]
    about = post(name, settings=success.settings, **part)
    before = Far(name, [*preparing[0].before, preparing[0]] if preparing else [])
    before.run("prepare", about)
    far = Far(name, [*success.before, success])
    far.run("publish", replace(about, prepared=before.kept))
    return [*before.sent, *far.sent]


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

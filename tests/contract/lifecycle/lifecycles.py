"""The life of a grant on each platform, as its documents have it: `<provider>.toml`, beside `outcomes/<provider>.toml`.

    [facts]         how the platform has it, held against the Spec: `token_auth`, `pkce`, and `rotation`: what becomes
                    of a refresh token that is used (single_use, kept, or none: there is nothing to refresh with);
                    `reuse_ends_grant`, where a used one that comes again ends the grant
    [connection]    `server`, `kept` of its beginning, and `extra`, which the tests' grant has beside its tokens; a step
                    may add to `extra`, where grants are of several kinds
    [never]         steps that the platform does not have, each with its reason: refresh, revoke
    [[steps]]       `during`: exchange (a code, up to the accounts), login (credentials), refresh or revoke; its
                    `calls`, each a request and its answer, in order; and the `grant` that it leaves
    [[dead]]        answers that call a grant dead: only a person can mend it
    [[transient]]   answers that do not, however much they look like it: it is tried again

What is sent is compared whole: form, query and JSON hold what is named and no more; of headers, those that are named.
"*" is whatever differs each time. What goes in is named below; times are seconds after NOW.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers import provider_class
from punctual.providers.base import App, Callback, Grant, Login
from punctual.providers.outcomes import ProviderError

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
FOLDER = Path(__file__).parent
CODE, VERIFIER = "the-code", "the-verifier"
APP = App(client_id="the-client", client_secret=SecretStr("the-secret"))
ACCESS, REFRESH = "the-old-access-token", "the-old-refresh-token"
SECRETS = (CODE, VERIFIER, "the-secret", ACCESS, REFRESH)

Step: TypeAlias = Literal["exchange", "login", "refresh", "revoke", "accounts"]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Request(Table):
    method: str = "POST"
    url: str
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    form: dict[str, str] = {}
    json_body: dict[str, Any] = {}

    def differs(self, sent: httpx.Request) -> list[str]:
        """What was sent otherwise; without the values, which are secret where they are real."""
        url = f"https://{sent.headers['Host']}{sent.url.path}"
        is_json = sent.headers.get("Content-Type", "").startswith("application/json")
        form = {} if is_json else dict(parse_qsl(sent.content.decode(), keep_blank_values=True))
        body = httpx.Response(200, content=sent.content).json() if is_json else {}
        named = {name.lower() for name in self.headers}
        headers = {name: value for name, value in sent.headers.items() if name in named}
        return [
            *([] if (sent.method, url) == (self.method, self.url) else [f"{sent.method} {url}"]),
            *_differing("query", self.query, dict(sent.url.params)),
            *_differing("form", self.form, form),
            *_differing("json_body", self.json_body, body),
            *_differing("headers", {name.lower(): value for name, value in self.headers.items()}, headers),
        ]


class Answer(Table):
    status: int = 200
    headers: dict[str, str] = {}
    body: str = "{}"

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, text=self.body)


class Call(Table):
    request: Request
    answer: Answer = Answer()


class Holds(Table):
    """A grant; what is left out is not there. `scopes`: all that are asked for, if left out."""

    access_token: str
    refresh_token: str | None = None
    expires_in: float | None = None
    renewable_in: float | None = None
    scopes: tuple[str, ...] | None = None
    extra: dict[str, str] | None = None


class Documented(Table):
    name: str
    source: str


class Transition(Documented):
    extra: dict[str, str] = {}
    during: Literal["exchange", "login", "refresh", "revoke"]
    calls: tuple[Call, ...]
    credentials: dict[str, Any] = {}
    grant: Holds | None = None
    accounts: tuple[str, ...] = ()


class Refusal(Documented, Answer):
    extra: dict[str, str] = {}
    during: Step = "refresh"
    before: tuple[Answer, ...] = ()
    code: str
    platform_code: str | None = None


class Facts(Table):
    token_auth: str
    pkce: bool
    rotation: Literal["single_use", "kept", "none"]
    reuse_ends_grant: bool = False


class Connection(Table):
    server: str = ""
    kept: dict[str, str] = {}
    extra: dict[str, str] = {}


class Lifecycle(Table):
    facts: Facts
    connection: Connection = Connection()
    never: dict[Literal["refresh", "revoke"], str] = {}
    steps: tuple[Transition, ...]
    dead: tuple[Refusal, ...]
    transient: tuple[Refusal, ...]

    def all(self, during: str) -> list[Transition]:
        return [step for step in self.steps if step.during == during]


@cache
def lifecycle(name: str) -> Lifecycle:
    path = FOLDER / f"{name}.toml"
    assert path.is_file(), f"{path.name} is missing: say how a grant of {name} begins, goes on and ends"
    return Lifecycle.model_validate(tomllib.loads(path.read_text()))


def grant(name: str, more: Mapping[str, str] | None = None) -> Grant:
    """Before the step."""
    about = lifecycle(name).connection
    return Grant(
        access_token=SecretStr(ACCESS),
        refresh_token=None if lifecycle(name).facts.rotation == "none" else SecretStr(REFRESH),
        expires_at=NOW,
        scopes=provider_class(name).spec.scopes,
        server=about.server,
        extra={**about.extra, **(more or {})},
    )


def callback(name: str) -> Callback:
    return Callback(
        app=APP,
        redirect_uri=f"https://punctual.example/v1/oauth/{name}/callback",
        code=CODE,
        code_verifier=SecretStr(VERIFIER),
        server=lifecycle(name).connection.server,
        kept=lifecycle(name).connection.kept,
    )


class Platform:
    """Gives these answers in turn, and keeps what it was sent."""

    def __init__(self, name: str, *answers: Answer):
        self.name = name
        self.sent: list[httpx.Request] = []
        self.left = list(answers)
        http = GuardedHttp(transport=httpx.MockTransport(self._respond), resolve=_somewhere_public)
        self.provider: Any = provider_class(name)(http, lambda: NOW)

    def run(self, step: Step, *, extra: Mapping[str, str] | None = None, **credentials: Any) -> Any:
        """What the provider gives back, or the outcome that it raises."""
        provider, before = self.provider, grant(self.name, extra)
        try:
            match step:
                case "exchange":
                    return provider.authenticate(callback(self.name))
                case "login":
                    return provider.login(provider.spec.credentials.model_validate(credentials))
                case "refresh":
                    return provider.refresh(before, APP)
                case "revoke":
                    return provider.revoke(before, APP)
                case "accounts":
                    return provider.accounts(before)
        except ProviderError as error:
            return error

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        assert self.left, f"{request.method} {request.url.path} was not expected"
        return self.left.pop(0).response()


def given(came: Login | Grant) -> Grant:
    return came.grant if isinstance(came, Login) else came


def after(seconds: float | None) -> datetime | None:
    return None if seconds is None else NOW + timedelta(seconds=seconds)


def _differing(where: str, wanted: Mapping[str, Any], sent: Mapping[str, Any]) -> list[str]:
    names = {*wanted, *sent}
    same = {name for name in wanted if name in sent and wanted[name] in ("*", sent[name])}
    return sorted(f"{where}: {name}" for name in names - same)


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

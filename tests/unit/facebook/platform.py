"""Facebook as a test wants it: it answers in turn, and what it was sent is read as it is."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, Grant, Outgoing, PartKind, Published
from punctual.providers.facebook import PROVIDER, Facebook
from tests.contract.multipart import parts_of

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
PAGE = Account(id="102", handle="@page")
GRANT = Grant(access_token=SecretStr("page-token"), extra={"user_id": "1001", "app_id": "77"})
ROOT = Published(platform_id="102_501", url="")


class Far:
    def __init__(self, *answers: httpx.Response | dict[str, Any]):
        self.left = [each if isinstance(each, httpx.Response) else httpx.Response(200, json=each) for each in answers]
        self.sent: list[httpx.Request] = []
        http = GuardedHttp(transport=httpx.MockTransport(self._respond), resolve=_somewhere_public)
        self.provider: Facebook = PROVIDER(http, lambda: NOW)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.sent.append(request)
        return self.left.pop(0)

    @property
    def lines(self) -> list[str]:
        """By the name that was asked for: the request itself goes to an address."""
        return [f"{one.method} {one.headers['Host']}{one.url.path}" for one in self.sent]

    def form(self, place: int = -1) -> dict[str, str]:
        return form_of(self.sent[place])


def form_of(request: httpx.Request) -> dict[str, str]:
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        return {part.name: part.data.decode() for part in parts_of(request) if part.file_name is None}
    return dict(parse_qsl(request.content.decode(), keep_blank_values=True))


def outgoing(text: str = "Hello", *, kind: PartKind = "post", **more: Any) -> Outgoing:
    settings = PROVIDER.spec.settings.model_validate(more.pop("settings", {}))
    about: dict[str, Any] = {"delivery_id": "dlv_1", "key": "dlv_1.1", "due_at": NOW, "account": PAGE}
    if kind == "comment":
        about |= {"part": 1, "root": ROOT, "parent": ROOT}
    return Outgoing(text=text, kind=kind, settings=settings, first_sent_at=NOW, **about, **more)


def refusal(code: int, subcode: int | None = None, status: int = 400) -> httpx.Response:
    more = {} if subcode is None else {"error_subcode": subcode}
    return httpx.Response(status, json={"error": {"message": "what it says", "code": code, **more}})


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

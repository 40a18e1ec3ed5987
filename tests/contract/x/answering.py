"""Canned answers of X, as its contract and its documents have them, and what was sent to get them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, App, Callback, Grant, Outgoing, Published
from punctual.providers.x import Settings, X
from tests.kept import Kept

NOW = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
ACCOUNT = Account(id="2244994945", handle="@XDevelopers")
APP = App(client_id="client", client_secret=SecretStr("secret"))
GRANT = Grant(access_token=SecretStr("access"), refresh_token=SecretStr("refresh"))
LIVE = Published(platform_id="1445880548472328192", url="https://x.com/XDevelopers/status/1445880548472328192")
CALLBACK = Callback(
    app=APP,
    redirect_uri="https://punctual.example/v1/oauth/x/callback",
    code="code",
    code_verifier=SecretStr("a-verifier-that-is-at-least-forty-three-characters-long"),
)
_TOKENS = {
    "token_type": "bearer",
    "expires_in": 7200,
    "access_token": "access",
    "refresh_token": "refresh",
    "scope": "tweet.read tweet.write users.read media.write offline.access",
}


class Answering:
    """One X, whose answers to a call can be changed: `changed` has them by method and path, and the last one stays."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.changed: dict[str, list[httpx.Response]] = {}
        self.uploads = 1_880_028_106_020_515_840
        http = GuardedHttp(transport=httpx.MockTransport(self.answer), resolve=_public_address)
        self.provider = X(http, lambda: NOW)
        self.kept: dict[str, Any] = {}

    def answer(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.sent.append(request)
        changed = self.changed.get(f"{request.method} {request.url.path}")
        if changed:
            return changed.pop(0) if len(changed) > 1 else changed[0]
        return httpx.Response(200, json=self._usual(request.method, request.url.path))

    def paths(self) -> list[str]:
        return [f"{each.method} {each.url.path}" for each in self.sent]

    def post(self, text: str = "Hello", settings: Mapping[str, Any] | None = None, **changed: Any) -> Outgoing:
        about: dict[str, Any] = {
            "delivery_id": "dlv_1",
            "key": "dlv_1.1",
            "text": text,
            "settings": Settings.model_validate(settings or {}),
            "due_at": NOW,
            "account": ACCOUNT,
            "first_sent_at": NOW,
            "prepared": self.kept,
        }
        return Outgoing(**{**about, **changed})

    def publish(self, post: Outgoing) -> Published:
        """Prepared first, as the engine does."""
        self.provider.prepare(post, GRANT, Kept(self.kept))
        return self.provider.publish(post, GRANT)

    def _usual(self, method: str, path: str) -> Any:
        if path == "/2/oauth2/token":
            return _TOKENS
        if path == "/2/users/me":
            return {
                "data": {"id": "2244994945", "name": "X", "username": "XDevelopers", "subscription_type": "Premium"}
            }
        if path.endswith("/tweets"):
            return {"data": {"id": LIVE.platform_id}} if method == "POST" else {"meta": {"result_count": 0}}
        if path == "/2/communities/search":
            return {"data": [{"id": "1", "name": "Gardens", "description": "All that grows"}]}
        if path.startswith("/2/users/by/username/"):
            return {"data": {"id": "2", "name": "Kim", "username": "kim"}}
        if method == "DELETE":
            return {"data": {"deleted": True}}
        return self._of_media(path)

    def _of_media(self, path: str) -> Any:
        if path in ("/2/media/upload", "/2/media/upload/initialize"):
            self.uploads += 1
        data = {"id": str(self.uploads), "media_key": f"3_{self.uploads}", "expires_after_secs": 86_400}
        if path.endswith("/finalize"):
            data["processing_info"] = {"state": "succeeded"}
        return {"data": data}


async def _public_address(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

"""A connected account, and posts of it: shared by every test of this provider."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, Grant, Login, Outgoing
from punctual.providers.bluesky import Bluesky, Credentials, Settings
from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide

DUE_AT = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.moment = DUE_AT - timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.moment


@dataclass
class Session:
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self):
        self.far_side = FarSide(self.clock)
        self.provider = Bluesky(
            GuardedHttp(transport=httpx.MockTransport(self.far_side.answer), resolve=public), self.clock
        )

    def login(self) -> Login:
        credentials = Credentials(identifier="alice.example", app_password=APP_PASSWORD, server=self.far_side.entrance)
        return self.provider.login(credentials)

    def prepared(self, text: str, login: Login, account: Account | None = None, **changed: Any) -> Outgoing:
        return prepare(self.provider, outgoing(text, account or login.accounts[0], **changed), login.grant)


async def public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def outgoing(text: str, account: Account, **changed: Any) -> Outgoing:
    fields = {"delivery_id": "dlv_1", "key": "dlv_1-1", "settings": Settings(), "due_at": DUE_AT}
    return Outgoing(text=text, account=account, **{**fields, **changed})


def prepare(provider: Bluesky, post: Outgoing, grant: Grant) -> Outgoing:
    """The post with what `prepare` kept."""
    kept: dict[str, Any] = dict(post.prepared)
    provider.prepare(post, grant, kept.update)
    return Outgoing(**{**vars(post), "prepared": kept})

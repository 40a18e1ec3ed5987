"""A connected account, and posts of it: shared by every test of this provider."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, Grant, Login, Outgoing, Published
from punctual.providers.bluesky import Bluesky, Credentials, Settings
from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide
from tests.kept import Kept

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
    kept = Kept(dict(post.prepared))
    provider.prepare(post, grant, kept)
    return Outgoing(**{**vars(post), "prepared": kept.results})


def record_of(post: Outgoing) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(post.prepared["record"])
    return found


def created_at(post: Outgoing) -> datetime:
    return datetime.fromisoformat(record_of(post)["createdAt"])


def next_part(
    provider: Bluesky, login: Login, part: int, root: Published, parent: Published, **changed: Any
) -> Outgoing:
    about: dict[str, Any] = {"text": f"Part {part}", "key": f"dlv_1-1.{part}", "kind": "thread", **changed}
    post = outgoing(account=login.accounts[0], part=part, root=root, parent=parent, **about)
    return prepare(provider, post, login.grant)


def thread(provider: Bluesky, login: Login, **changed: Any) -> list[tuple[Outgoing, Published]]:
    """Three posts and a first comment, all due at one moment, each prepared when what it answers was published."""
    first = prepare(provider, outgoing("Part 0", login.accounts[0], **changed), login.grant)
    made = [(first, provider.publish(first, login.grant))]
    root = made[0][1]
    for part, kind in enumerate(("thread", "thread", "comment"), start=1):
        parent = root if kind == "comment" else made[-1][1]
        post = next_part(provider, login, part, root, parent, kind=kind, **changed)
        made.append((post, provider.publish(post, login.grant)))
    return made

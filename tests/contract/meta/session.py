"""What the engine does with a post of containers until it is live, as the project's own callers do it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from punctual.guarded_http import GuardedHttp
from punctual.meta.graph import GraphProvider
from punctual.providers.base import Account, Grant, Outgoing, Published
from punctual.providers.media import Attachment
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Rejected, RetryLater
from tests.attachments import attachment
from tests.contract.instagram.person import MP4, picture
from tests.kept import Kept

SETTLED = 82.0


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Shelf:
    """The files that the platform fetches."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def __call__(self, url: str) -> bytes:
        return self.files[url]

    def picture(self, **about: Any) -> Attachment:
        return self._put(picture(), kind="image", **about)

    def video(self, **about: Any) -> Attachment:
        return self._put(MP4, kind="video", **about)

    def _put(self, data: bytes, **about: Any) -> Attachment:
        found = attachment(data, **about)
        self.files[found.content.url()] = data
        return found


@dataclass
class Session:
    """One connected account. `steps` are those that its latest delivery took, `errors` what they raised."""

    provider: GraphProvider
    grant: Grant
    account: Account
    clock: Clock
    steps: list[str] = field(default_factory=list)
    errors: list[ProviderError] = field(default_factory=list)

    def run(self, *media: Attachment, text: str = "Hello", **about: Any) -> Published | ProviderError:
        """Until it is live, or ends otherwise."""
        post = Outgoing(
            delivery_id="dlv_1",
            key="dlv_1.0.1",
            text=text,
            settings=self.provider.spec.settings(**about.pop("settings", {})),
            due_at=self.clock(),
            account=self.account,
            media=media,
            **about,
        )
        step, self.steps, self.errors = "prepare", [], []
        while len(self.steps) < 60:
            self.steps.append(step)
            kept = Kept(dict(post.prepared))
            if step == "publish" and post.first_sent_at is None:
                post = replace(post, first_sent_at=self.clock())
            try:
                came = self._take(step, post, kept)
            except ProviderError as error:
                self.errors.append(error)
                if (ends := self._ends(step, error)) is not None:
                    return ends
                step, forgets = self._next(step, error)
                post = replace(post, prepared=_left({**kept.results, **getattr(error, "kept", {})}))
                post = replace(post, first_sent_at=None) if forgets else post
                continue
            if came:
                return came
            post = replace(post, prepared=kept.results, first_sent_at=None)
            step = "publish"
        raise AssertionError(f"it never ends: {self.steps}")

    def _take(self, step: str, post: Outgoing, kept: Kept) -> Published | None:
        match step:
            case "prepare":
                self.provider.prepare(post, self.grant, kept)
                return None
            case "publish":
                return self.provider.publish(post, self.grant)
        found = self.provider.find(post, self.grant)
        if found is None and not self.provider.absence_is_proof(post):
            raise Rejected("It was not found, and that is no proof.", code="outcome_unknown")
        return found

    def _ends(self, step: str, error: ProviderError) -> ProviderError | None:
        is_open = isinstance(error, OutcomeUnknown) and step == "publish"
        return None if is_open or isinstance(error, Processing | RetryLater) else error

    def _next(self, step: str, error: ProviderError) -> tuple[str, bool]:
        """The step after an error that ends nothing, and whether nothing was sent."""
        if isinstance(error, OutcomeUnknown):
            self.clock.advance(SETTLED)
            return "look", False
        self.clock.advance(getattr(error, "retry_after", None) or 20)
        if isinstance(error, Processing) or step == "look":
            return step, False
        return "prepare", True


def _left(kept: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kept.items() if value is not None}


def http_to(answer: Callable[[httpx.Request], httpx.Response]) -> GuardedHttp:
    """The project's own client, with a far side where the network would be."""
    return GuardedHttp(transport=httpx.MockTransport(answer), resolve=_public_address)


async def _public_address(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def live(came: Published | ProviderError) -> Published:
    assert isinstance(came, Published), came
    return came


def as_sent(request: httpx.Request) -> httpx.Request:
    """To the host that was meant: the client connects to an address."""
    url = request.url.copy_with(host=request.headers["Host"])
    return httpx.Request(request.method, url, headers=request.headers, content=request.content)

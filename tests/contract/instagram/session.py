"""What the engine does between a person's consent and a post that is live, as the project's own callers do it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.instagram_api.publishing import PublishesToInstagram
from punctual.instagram_api.settings import Settings
from punctual.providers.base import Account, App, Callback, Consent, Grant, Outgoing, Published
from punctual.providers.media import Attachment
from punctual.providers.outcomes import OutcomeUnknown, Processing, ProviderError, Rejected, RetryLater
from tests.attachments import attachment
from tests.contract.instagram.far_side import ACCOUNT, InstagramSide
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
    """One connected account. `steps` are those that a delivery of it took."""

    provider: PublishesToInstagram
    grant: Grant
    account: Account
    clock: Clock
    steps: list[str] = field(default_factory=list)

    def run(self, *media: Attachment, text: str = "Hello", **about: Any) -> Published | ProviderError:
        """Until it is live, or ends otherwise."""
        post = Outgoing(
            delivery_id="dlv_1",
            key="dlv_1.0.1",
            text=text,
            settings=Settings(**about.pop("settings", {})),
            due_at=self.clock(),
            account=self.account,
            media=media,
            **about,
        )
        step, self.steps = "prepare", []
        while len(self.steps) < 60:
            self.steps.append(step)
            try:
                post, came, step = self._step(step, post)
            except ProviderError as error:
                post, step = self._after(step, post, error)
                came = error if step == "ended" else None
            if came:
                return came
        raise AssertionError(f"it never ends: {self.steps}")

    def _step(self, step: str, post: Outgoing) -> tuple[Outgoing, Published | None, str]:
        if step == "prepare":
            kept = Kept(dict(post.prepared))
            try:
                self.provider.prepare(post, self.grant, kept)
            except ProviderError as error:
                error.__notes__ = [kept.results]  # type: ignore[list-item]
                raise
            return replace(post, prepared=kept.results), None, "publish"
        if step == "publish":
            post = replace(post, first_sent_at=post.first_sent_at or self.clock())
            self.sent_at = post.first_sent_at
            return post, self.provider.publish(post, self.grant), step
        found = self.provider.find(post, self.grant)
        if found is None and not self.provider.absence_is_proof(post):
            raise Rejected("It was not found, and that is no proof.", code="outcome_unknown")
        return (post, found, step) if found else (replace(post, first_sent_at=None), None, "publish")

    def _after(self, step: str, post: Outgoing, error: ProviderError) -> tuple[Outgoing, str]:
        notes: Any = getattr(error, "__notes__", [{}])
        both = {**post.prepared, **notes[0], **getattr(error, "kept", {})}
        post = replace(post, prepared={name: value for name, value in both.items() if value is not None})
        match error:
            case Processing():
                self.clock.advance(error.retry_after or 30)
            case RetryLater():
                self.clock.advance(error.retry_after or 20)
                return (post, "look") if step == "look" else (replace(post, first_sent_at=None), "prepare")
            case OutcomeUnknown() if step == "publish":
                self.clock.advance(SETTLED)
                return replace(post, first_sent_at=self.sent_at), "look"
            case _:
                return post, "ended"
        return post, step


def connect(provider: PublishesToInstagram, side: InstagramSide, clock: Clock) -> Session:
    side.redirect_uri = redirect_uri = f"https://punctual.example/v1/oauth/{provider.spec.id}/callback"
    app = provider.app(provider.spec.app_fields(**side.app)) if provider.spec.app_fields else App(client_id="")
    asked = Consent(app=app, redirect_uri=redirect_uri, state="state-1", code_challenge="challenge")
    code = side.consent(provider.authorization_url(asked))["code"]
    login = provider.authenticate(
        Callback(app=app, redirect_uri=redirect_uri, code=code, code_verifier=SecretStr("verifier"))
    )
    account = next(each for each in login.accounts if each.id == ACCOUNT)
    return Session(provider, login.grant_of(account), account, clock)


def http_to(side: InstagramSide) -> GuardedHttp:
    """The project's own client, with the far side where the network would be."""
    return GuardedHttp(transport=httpx.MockTransport(side.answer), resolve=_public_address)


async def _public_address(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def whole_life(session: Session, side: InstagramSide, shelf: Shelf) -> None:
    """A post of each type, with all that may be set beside it; one that is lost and found; what comes afterwards."""
    tag = {"username": "kim.doe", "x": 0.25, "y": 0.5}
    about = {"collaborators": ["@lee", "max"], "user_tags": [tag], "location_id": "7640348500"}
    reel = {"share_to_feed": False, "audio_name": "Rain", "trial_reel": "SS_PERFORMANCE", "user_tags": [tag]}
    many = {"user_tags": [{**tag, "file": 2}, {"username": "lee", "file": 3}], "location_id": "7640348500"}
    story = {"post_type": "story", "user_tags": [tag]}
    first = live(session.run(shelf.picture(alt_text="A cat"), text="Hello @lee #cats", settings=about))
    live(session.run(shelf.video(cover_ms=100), settings=reel))
    live(session.run(shelf.video(cover=shelf.picture()), text=""))
    live(session.run(shelf.picture(alt_text="A dog"), shelf.video(cover_ms=5), shelf.picture(), settings=many))
    live(session.run(shelf.picture(), text="", settings=story))
    live(session.run(shelf.video(), text="", settings={"post_type": "story"}))
    live(session.run(text="First", kind="comment", part=1, root=first, parent=first))
    for lost in ("publish", "comment"):
        side.loses_answer_of = {lost}
        part = {"kind": "comment", "part": 1, "root": first, "parent": first} if lost == "comment" else {}
        live(session.run(*([] if part else [shelf.picture()]), text=f"Lost {lost}", **part))
    side.loses_answer_of = {"publish"}
    live(session.run(shelf.picture(), text="", settings={"post_type": "story"}))
    session.provider.permalink(first, session.grant, session.account)


def live(came: Published | ProviderError) -> Published:
    assert isinstance(came, Published), came
    return came


def as_sent(request: httpx.Request) -> httpx.Request:
    """To the host that was meant: the client connects to an address."""
    url = request.url.copy_with(host=request.headers["Host"])
    return httpx.Request(request.method, url, headers=request.headers, content=request.content)

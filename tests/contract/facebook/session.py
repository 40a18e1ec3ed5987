"""The provider on the small Facebook: a person who connects a page, and posts, from their files to a look for them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, App, Callback, Consent, Grant, Login, Outgoing, Published
from punctual.providers.facebook import PROVIDER, Facebook
from punctual.providers.media import Attachment
from punctual.providers.outcomes import Processing, ProviderError
from tests.contract.facebook.far_side import FacebookSide
from tests.kept import Kept


@dataclass
class Session:
    """`moment` is what both clocks say."""

    moment: datetime = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    kept: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.side = FacebookSide(lambda: self.moment)
        self.app = App(client_id=self.side.app["client_id"], client_secret=SecretStr(self.side.app["client_secret"]))
        http = GuardedHttp(transport=httpx.MockTransport(self.side.answer), resolve=_somewhere_public)
        self.provider: Facebook = PROVIDER(http, lambda: self.moment)

    def login(self) -> Login:
        consent = Consent(app=self.app, redirect_uri=self.side.redirect_uri, state="state", code_challenge="challenge")
        query = self.side.consent(self.provider.authorization_url(consent))
        callback = Callback(
            app=self.app, redirect_uri=self.side.redirect_uri, code=query["code"], code_verifier=SecretStr("verifier")
        )
        return self.provider.authenticate(callback)

    def connect(self) -> "Session":
        login = self.login()
        self.account: Account = login.accounts[0]
        self.grant: Grant = login.grant_of(self.account)
        return self

    def later(self, **time: float) -> None:
        self.moment += timedelta(**time)

    def outgoing(self, text: str, media: tuple[Attachment, ...] = (), **settings: Any) -> Outgoing:
        return Outgoing(
            delivery_id="dlv_1",
            key="dlv_1.1",
            text=text,
            settings=PROVIDER.spec.settings.model_validate(settings),
            due_at=self.moment,
            account=self.account,
            media=media,
        )

    def prepared(self, post: Outgoing) -> Outgoing:
        self.kept = {}
        self.provider.prepare(post, self.grant, Kept(self.kept))
        return replace(post, prepared=dict(self.kept))

    def publish(self, post: Outgoing) -> Published | ProviderError:
        """What came of the one call; of what is taken, what it says when it is ready."""
        self.sent = replace(post, first_sent_at=self.moment)
        try:
            return self.provider.publish(self.sent, self.grant)
        except Processing as taken:
            self.sent = replace(self.sent, prepared={**self.sent.prepared, **taken.kept})
            return self.looked()
        except ProviderError as error:
            return error

    def looked(self) -> Published | ProviderError | None:
        """As after a lost answer, or a while: without the files."""
        try:
            return self.provider.find(replace(self.sent, media=()), self.grant)
        except Processing as error:
            self.sent = replace(self.sent, prepared={**self.sent.prepared, **error.kept})
            return error
        except ProviderError as error:
            return error


async def _somewhere_public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]

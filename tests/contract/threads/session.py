"""A profile of Threads, from a person's consent to what it can do."""

from collections.abc import Callable

from pydantic import SecretStr

from punctual.clock import Now
from punctual.providers.base import App, Callback, Consent, Login
from punctual.providers.terms import ClientIdAndSecret
from punctual.providers.threads import Threads
from tests.contract.meta.session import Clock, Session, Shelf, http_to
from tests.contract.threads.far_side import ThreadsSide


class Profile:
    """Of a person who may consent."""

    def __init__(self, now: Now, fetch: Callable[[str], bytes]):
        self.side = ThreadsSide(now, fetch)
        self.side.redirect_uri = "https://punctual.example/v1/oauth/threads/callback"
        self.provider = Threads(http_to(self.side.answer), now)
        self.app: App = self.provider.app(ClientIdAndSecret(**self.side.app))

    def login(self) -> Login:
        asked = Consent(app=self.app, redirect_uri=self.side.redirect_uri, state="state-1", code_challenge="c")
        code = self.side.consent(self.provider.authorization_url(asked))["code"]
        return self.provider.authenticate(
            Callback(app=self.app, redirect_uri=asked.redirect_uri, code=code, code_verifier=SecretStr("verifier"))
        )


class World(Profile):
    """The same, connected."""

    def __init__(self) -> None:
        self.clock, self.shelf = Clock(), Shelf()
        super().__init__(self.clock, self.shelf)
        login = self.login()
        self.session = Session(self.provider, login.grant, login.accounts[0], self.clock)

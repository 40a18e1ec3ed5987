"""A profile of Threads, from a person's consent to what it can do."""

from pydantic import SecretStr

from punctual.providers.base import App, Callback, Consent
from punctual.providers.terms import ClientIdAndSecret
from punctual.providers.threads import Threads
from tests.contract.meta.session import Clock, Session, Shelf, http_to
from tests.contract.threads.far_side import ThreadsSide


class World:
    """One connected profile."""

    def __init__(self) -> None:
        self.clock, self.shelf = Clock(), Shelf()
        self.side = ThreadsSide(self.clock, self.shelf)
        self.side.redirect_uri = "https://punctual.example/v1/oauth/threads/callback"
        self.provider = Threads(http_to(self.side.answer), self.clock)
        self.app: App = self.provider.app(ClientIdAndSecret(**self.side.app))
        self.session: Session = self.connect()

    def connect(self) -> Session:
        asked = Consent(app=self.app, redirect_uri=self.side.redirect_uri, state="state-1", code_challenge="c")
        code = self.side.consent(self.provider.authorization_url(asked))["code"]
        login = self.provider.authenticate(
            Callback(app=self.app, redirect_uri=asked.redirect_uri, code=code, code_verifier=SecretStr("verifier"))
        )
        return Session(self.provider, login.grant, login.accounts[0], self.clock)

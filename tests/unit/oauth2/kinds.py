"""The small hooks that platforms need of the generic client beside facts, as their documents have it."""

from punctual.providers.base import App, Callback, Consent, Grant
from tests.unit.oauth2.platform import Plain


class Google(Plain):
    def auth_params(self, consent: Consent) -> dict[str, str]:
        return {**super().auth_params(consent), "access_type": "offline", "prompt": "consent"}


class Reddit(Plain):
    def auth_params(self, consent: Consent) -> dict[str, str]:
        return {"duration": "permanent"}

    def headers(self) -> dict[str, str]:
        return {"User-Agent": "web:punctual:v1 (by /u/someone)"}


class Meta(Plain):
    """A token of an hour first, which is changed for one of 60 days; that one renews itself."""

    host = ""
    prefix = ""

    def exchange(self, callback: Callback) -> Grant:
        short = super().exchange(callback)
        assert callback.app.client_secret
        secret = {"client_secret": callback.app.client_secret.get_secret_value()}
        return self._lasting("exchange_token", "access_token", short, secret)

    def refresh(self, grant: Grant, app: App | None) -> Grant:
        return self._lasting("refresh_token", "refresh_access_token", grant, {})

    def _lasting(self, kind: str, path: str, grant: Grant, proof: dict[str, str]) -> Grant:
        token = {"access_token": grant.access_token.get_secret_value()}
        fields = {"grant_type": f"{self.prefix}_{kind}", **proof, **token}
        url = f"https://{self.host}/{path}"
        return self.token(fields, None, server=grant.server, previous=grant, url=url, method="GET")


class Threads(Meta):
    host, prefix = "graph.threads.net", "th"

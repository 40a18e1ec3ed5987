"""The small hooks that platforms need of the generic client beside facts, as their documents have it."""

from punctual.providers.base import Consent
from tests.unit.oauth2.platform import Plain


class Google(Plain):
    def auth_params(self, consent: Consent) -> dict[str, str]:
        return {**super().auth_params(consent), "access_type": "offline", "prompt": "consent"}


class Reddit(Plain):
    def auth_params(self, consent: Consent) -> dict[str, str]:
        return {"duration": "permanent"}

    def headers(self) -> dict[str, str]:
        return {"User-Agent": "web:punctual:v1 (by /u/someone)"}

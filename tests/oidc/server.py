"""oidc-provider of npm on a free loopback port: https://github.com/panva/node-oidc-provider"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from punctual.providers.base import App, Grant
from tests.npm import serving
from tests.npm.packages import CACHES
from tests.oidc.clients import registrations

HERE = Path(__file__).parent
DEFAULT_CACHE = CACHES / "oidc"
"""Another folder may be named by PUNCTUAL_OIDC_CACHE; it keeps some 200 MB."""
ACCESS_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class OidcServer:
    url: str

    def asked_for_tokens(self, app: App, kind: str) -> list[dict[str, Any]]:
        """The token requests of an app that the server has answered: status, and error."""
        return [one for one in self._told("seen")["token"] if (one["client"], one["type"]) == (app.client_id, kind)]

    def revoked(self) -> int:
        """How many grants it has ended, whole."""
        return len(self._told("seen")["revoked"])

    def lives(self, grant: Grant) -> tuple[bool, bool]:
        """Whether its access token and its refresh token may still be used."""
        assert grant.refresh_token
        tokens = {"access": grant.access_token, "refresh": grant.refresh_token}
        told = self._told("lives", **{name: token.get_secret_value() for name, token in tokens.items()})
        return told["access"], told["refresh"]

    @contextmanager
    def slow(self, milliseconds: int) -> Iterator[None]:
        """Whatever is posted takes so long: workers that are not held apart will meet."""
        self._told("slow", ms=str(milliseconds))
        try:
            yield
        finally:
            self._told("slow", ms="0")

    def _told(self, what: str, **query: str) -> Any:
        with httpx.Client(trust_env=False, timeout=30) as client:
            return client.get(f"{self.url}/-/{what}", params=query).raise_for_status().json()


@contextmanager
def required(environ: Mapping[str, str] = os.environ) -> Iterator[OidcServer]:
    """For a fixture: where there can be no such server the test is skipped and says why; with CI=true it fails."""
    (port,) = serving.free_ports(1)
    server = OidcServer(url=f"http://127.0.0.1:{port}")
    cache = Path(environ.get("PUNCTUAL_OIDC_CACHE") or DEFAULT_CACHE)
    env = {"PORT": str(port), "CLIENTS": json.dumps(registrations()), "ACCESS_SECONDS": str(ACCESS_SECONDS)}
    with (
        serving.required("OpenID provider", environ),
        serving.running(HERE, cache, env, f"{server.url}/.well-known/openid-configuration"),
    ):
        yield server

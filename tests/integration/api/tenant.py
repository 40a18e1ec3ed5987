"""A workspace as its owner's program sees it: a key, the API, and a person's browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx

from punctual.clock import to_text
from tests.sandbox_bridge import consent

if TYPE_CHECKING:
    from tests.integration.api.deployed import Deployed


class Tenant:
    def __init__(self, deployed: Deployed, workspace_id: str, key: str):
        self._deployed = deployed
        self.workspace_id = workspace_id
        self.key = key
        self.api = deployed.client(Authorization=f"Bearer {key}")

    def with_scopes(self, *scopes: str) -> Tenant:
        return Tenant(self._deployed, self.workspace_id, self._deployed.key(self.workspace_id, *scopes))

    def start(self, provider: str = "sandbox", **fields: Any) -> str:
        answer = self.api.post(f"/v1/oauth/{provider}/start", json=fields)
        assert answer.status_code == 201, answer.text
        url: str = answer.json()["authorization_url"]
        return url

    def consented(
        self,
        browser: httpx.Client,
        *,
        handle: str = "ada",
        decision: str = "allow",
        typed: dict[str, str] | None = None,
        **fields: Any,
    ) -> str:
        """The callback's URL, which the browser has not opened yet; `typed` is what else the person chose."""
        sent_on = browser.get(self.start(**fields))
        assert sent_on.status_code == 303, sent_on.text
        given = {"lifetime": "300", **(typed or {})}
        back = consent(browser, sent_on.headers["location"], decision=decision, handle=handle, **given)
        return back.headers["location"]

    def finish(
        self,
        authorization_url: str,
        *,
        browser: httpx.Client | None = None,
        handle: str = "ada",
        lifetime: str = "300",
        **typed: str,
    ) -> httpx.Response:
        """What a person's browser is shown at the end of a connection that was started."""
        own = browser or self._deployed.client()
        sent_on = own.get(authorization_url)
        back = consent(own, sent_on.headers["location"], handle=handle, lifetime=lifetime, **typed)
        return own.get(back.headers["location"])

    def connect(self, handle: str = "ada", **typed: str) -> str:
        """The channel's id."""
        browser = self._deployed.client()
        url = self.consented(browser, handle=handle, typed=typed, return_url="https://app.example/done")
        answer = browser.get(url)
        assert answer.status_code == 303, answer.text
        return str(httpx.URL(answer.headers["location"]).params["channel_id"])

    def post(self, text: str | None, *channels: str, in_minutes: float = 60, **more: Any) -> httpx.Response:
        targets = [{"channel_id": channel} for channel in channels]
        timing = {"scheduled_at": self.later(in_minutes), "allow_duplicate": True}
        given = {"text": text, "targets": targets, **timing, **more}
        return self.api.post("/v1/posts", json={name: value for name, value in given.items() if value is not None})

    def posted(self, text: str, *channels: str, **more: Any) -> dict[str, Any]:
        answer = self.post(text, *channels, **more)
        assert answer.status_code in (201, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def drafted(self, text: str = "A draft", *channels: str, **more: Any) -> dict[str, Any]:
        targets = [{"channel_id": channel} for channel in channels]
        answer = self.api.post("/v1/posts", json={"text": text, "targets": targets, "draft": True, **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def later(self, minutes: float) -> str:
        return to_text(self._deployed.clock.now() + timedelta(minutes=minutes))

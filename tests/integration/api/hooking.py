"""Webhooks as their owner's program has them, and the server that they lead to."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Verifier

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

URL = "https://hooks.example/punctual?token=in-the-url"
OTHER = f"whk_{0:026}"


class Receiver:
    """Somebody's server: what came, and what it answers."""

    def __init__(self, deployed: Deployed):
        self.got: list[httpx.Request] = []
        self.status = 204
        deployed.hosts["hooks.example"] = self._answer

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return httpx.Response(self.status)

    def types(self) -> list[str]:
        return [json.loads(each.content)["type"] for each in self.got]

    def verified(self, secret: str) -> list[dict[str, Any]]:
        return [Verifier(secret).verify(each.content, dict(each.headers)) for each in self.got]


@pytest.fixture
def receiver(deployed: Deployed) -> Receiver:
    return Receiver(deployed)


@pytest.fixture(autouse=True)
def signed_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The specification's library compares timestamps with the machine's clock, the deployment has a moved one."""
    as_given = lambda _, given: datetime.fromtimestamp(float(given), UTC)  # noqa: E731
    monkeypatch.setattr(Verifier, "_Webhook__verify_timestamp", as_given)


def made(tenant: Tenant, **more: Any) -> dict[str, Any]:
    answer = tenant.api.post("/v1/webhooks", json={"url": URL, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
    return [(each["param"], each["rule"]) for each in answer.json()["errors"]]


def told(tenant: Tenant) -> list[tuple[str, str]]:
    events = tenant.api.get("/v1/events", params={"types": "webhook.*"}).json()["data"]
    return [(each["type"], each["data"]["webhook_id"]) for each in events]

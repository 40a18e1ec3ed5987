"""From a request to an endpoint of a stranger's: the real handlers behind the table's stream and the queues."""

import json
from datetime import datetime, tzinfo

import httpx
import pytest
from botocore.exceptions import EndpointConnectionError
from standardwebhooks import Webhook as Verifier

from punctual import clock
from punctual.events.feed import Feed
from punctual.webhooks.endpoints import Endpoints, NewWebhook, Webhook
from punctual.webhooks.lanes import Lanes
from punctual.workspaces import Workspaces
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


def made(deployed: Deployed, tenant: Tenant, host: str, *types: str) -> Webhook:
    table = deployed.table("EventsTable")
    endpoints = Endpoints(table, Feed(table, clock.now), Lanes(table, clock.now), clock.now)
    deployed.follow_stream()
    wanted = NewWebhook(url=f"https://{host}/hook", event_types=types or ("post.*",))
    return endpoints.create(tenant.workspace_id, wanted)


def moved(deployed: Deployed) -> type[datetime]:
    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Moved":
            return cls.fromtimestamp(deployed.clock.now().timestamp(), tz)

    return Moved


def test_what_a_request_did_is_sent_signed_with_whose_it_was(
    deployed: Deployed, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def receive(request: httpx.Request) -> httpx.Response:
        told.append(verifier.verify(request.content, dict(request.headers)))
        return httpx.Response(204)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", moved(deployed))
    verifier = Verifier(made(deployed, tenant, "receiver.example").secrets[0].secret.get_secret_value())
    deployed.hosts["receiver.example"] = receive
    post = tenant.posted("Hello", tenant.connect("ada"))
    deployed.clock.run(seconds=5)
    (event,) = told
    assert (event["type"], event["data"]["post_id"]) == ("post.scheduled", post["id"])
    assert event["actor"]["key_id"] == tenant.api.get("/v1/me").json()["key"]["id"]
    assert "Hello" not in str(event)


def test_an_endpoint_that_was_away_is_sent_it_when_its_time_has_come(deployed: Deployed, tenant: Tenant) -> None:
    """By the clock of the events function: no message brings it."""

    def calls() -> int:
        return len([each for each in deployed.requests if each.headers["host"] == "away.example"])

    made(deployed, tenant, "away.example")
    tenant.posted("Hello", tenant.connect("ada"))
    deployed.clock.run(seconds=20)
    assert calls() == 2, "at once, and some seconds later"
    deployed.hosts["away.example"] = lambda _: httpx.Response(200)
    deployed.clock.run(minutes=6)
    assert calls() == 2
    for _ in range(2):
        deployed.invoke("EventsFunction", {"source": "aws.scheduler"})
        deployed.clock.run(seconds=5)
    assert calls() == 3


def test_what_no_stream_tells_is_sent_at_once_all_the_same(deployed: Deployed, tenant: Tenant) -> None:
    """Keys have a table of their own; their events wake the webhooks by the workspace's row."""
    made(deployed, tenant, "receiver.example", "key.*")
    received: list[str] = []

    def receive(request: httpx.Request) -> httpx.Response:
        received.append(json.loads(request.content)["type"])
        return httpx.Response(204)

    deployed.hosts["receiver.example"] = receive
    deployed.clock.run(seconds=5)
    key_id = deployed.admin("create_key", workspace_id=tenant.workspace_id)["key_id"]
    deployed.admin("rotate_key", workspace_id=tenant.workspace_id, key_id=key_id)
    deployed.admin("revoke_key", workspace_id=tenant.workspace_id, key_id=key_id)
    deployed.clock.run(seconds=5)
    assert sorted(set(received)) == ["key.created", "key.revoked", "key.rotated"]


def test_a_key_that_was_made_is_answered_though_its_webhooks_cannot_be_woken(
    deployed: Deployed, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stir(_: Workspaces, workspace_id: str) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(Workspaces, "stir", stir)
    assert deployed.admin("create_key", workspace_id=tenant.workspace_id)["key"].startswith("pk_")

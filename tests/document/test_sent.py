"""What the document says of webhooks is what is told and sent."""

import json
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from punctual.events.types import EVENT_TYPES
from tests.document.holding import committed
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


@pytest.fixture
def sent(deployed: Deployed, tenant: Tenant) -> list[httpx.Request]:
    """A post that goes out, its channel, and what is done to the webhook itself."""
    got: list[httpx.Request] = []

    def takes(request: httpx.Request) -> httpx.Response:
        got.append(request)
        return httpx.Response(204)

    deployed.hosts["app.example"] = takes
    deployed.follow_stream()
    hook = tenant.api.post("/v1/webhooks", json={"url": "https://app.example/hooks"}).json()["id"]
    tenant.api.patch(f"/v1/webhooks/{hook}", json={"description": "Ours"})
    tenant.posted("Hello", tenant.connect("ada"), in_minutes=10)
    deployed.clock.run(minutes=11)
    tenant.api.post(f"/v1/webhooks/{hook}/test")
    return got


def data_of(name: str) -> dict[str, Any]:
    schema = committed().given["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return committed().resolved(schema["allOf"][1]["properties"]["data"])


def test_what_is_sent_is_what_the_document_says(sent: list[httpx.Request]) -> None:
    seen = set()
    for request in sent:
        body = json.loads(request.content)
        operation = committed().given["webhooks"][body["type"]]["post"]
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": committed().given["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(body)
        assert set(body["data"]) <= set(data_of(body["type"])["properties"]), body["type"]
        for parameter in map(committed().resolved, operation["parameters"]):
            Draft202012Validator(parameter["schema"]).validate(request.headers[parameter["name"]])
        seen.add(body["type"])
    wanted = {"webhook.created", "webhook.updated", "webhook.test", "channel.connected", "post.completed"}
    assert seen >= wanted | {"delivery.completed", "delivery.publishing", "post.scheduled"}


def test_every_type_of_event_is_there_with_data_of_its_own() -> None:
    assert list(committed().given["webhooks"]) == list(EVENT_TYPES)
    for name, each in EVENT_TYPES.items():
        assert set(data_of(name)["properties"]) == set(each.data.__annotations__)

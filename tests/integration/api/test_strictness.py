"""A body holds the types that the document names: what only looks like them is refused; null is null."""

from typing import Any

import pytest

from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_resolving import act, settle


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"allow_duplicate": 0}, "/allow_duplicate"),
        ({"max_delay_seconds": "60"}, "/max_delay_seconds"),
        ({"thread": [{"text": "Two", "delay_seconds": True}]}, "/thread/0/delay_seconds"),
    ],
)
def test_a_number_is_no_truth_and_a_text_no_number(tenant: Tenant, given: dict[str, Any], param: str) -> None:
    channel = tenant.connect()
    created = tenant.post("Hello", channel, **given)
    changed = tenant.api.patch(f"/v1/posts/{tenant.posted('Hello', channel)['id']}", json=given)
    for answer in (created, changed):
        assert answer.status_code == 422, answer.text
        assert [fault["param"] for fault in answer.json()["errors"]] == [param]


def test_no_gap_is_zero_and_not_false(tenant: Tenant) -> None:
    url = f"/v1/channels/{tenant.connect()}"
    refused = tenant.api.patch(url, json={"min_gap_seconds": False})
    assert refused.status_code == 422
    assert [fault["param"] for fault in refused.json()["errors"]] == ["/min_gap_seconds"]
    assert tenant.api.patch(url, json={"min_gap_seconds": 0}).status_code == 200


def test_who_resolves_a_delivery_may_say_that_its_address_is_not_known(deployed: Deployed, tenant: Tenant) -> None:
    post = tenant.posted("Hello", tenant.connect())
    settle(deployed, post, DeliveryStatus.UNCONFIRMED)
    answer = act(tenant, post, "resolve", {"outcome": "published", "platform_id": None, "url": None})
    assert answer.status_code == 200, answer.text
    assert answer.json()["deliveries"][0]["status"] == "COMPLETED"

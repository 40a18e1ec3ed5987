"""What a key that may not read gets to read, and what a stranger's host may be used for."""

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_webhooks import Receiver, made


@pytest.mark.parametrize("path", ["/v1/webhooks", "/v1/calendars"])
def test_what_opens_the_workspace_to_others_needs_a_key_that_may_read(tenant: Tenant, path: str) -> None:
    writer = tenant.with_scopes("write")
    answer = writer.api.post(path, json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert answer.json()["detail"].endswith("read.")


def test_nor_may_it_lead_a_webhook_elsewhere(deployed: Deployed, tenant: Tenant) -> None:
    Receiver(deployed)
    path, writer = f"/v1/webhooks/{made(tenant)['id']}", tenant.with_scopes("write")
    assert writer.api.patch(path, json={"url": "https://elsewhere.example/"}).json()["code"] == "missing_scope"
    assert tenant.api.patch(path, json={"url": "https://elsewhere.example/"}).status_code == 200


def test_a_workspaces_webhooks_are_tested_so_often_a_minute(deployed: Deployed, tenant: Tenant) -> None:
    receiver = Receiver(deployed)
    one, other = (f"/v1/webhooks/{made(tenant)['id']}/test" for _ in range(2))
    assert [tenant.api.post(one).status_code for _ in range(10)] == [200] * 10
    refused = tenant.api.post(other)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.json()["detail"] == "This workspace's webhooks may be tested 30 times a minute. Wait 2 s."
    assert len(receiver.got) == 10
    deployed.clock.sleep(2)
    assert tenant.api.post(other).status_code == 200

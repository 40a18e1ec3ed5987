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


@pytest.fixture
def stranger(deployed: Deployed) -> Tenant:
    deployed.follow_stream()
    found = deployed.tenant()
    found.posted("Of a stranger", found.connect("eve"))
    deployed.deliver_stream()
    return found


def test_ids_of_another_workspace_choose_nothing(deployed: Deployed, tenant: Tenant, stranger: Tenant) -> None:
    tenant.posted("Mine", tenant.connect("ada"))
    deployed.deliver_stream()
    theirs = stranger.api.get("/v1/events").json()["data"]
    named = [each["data"] for each in theirs]
    chosen = {
        "post_id": next(each["post_id"] for each in named if "post_id" in each),
        "channel_id": next(each["channel_id"] for each in named if "channel_id" in each),
        "actor": next(each["actor"]["key_id"] for each in theirs if each["type"] == "post.scheduled"),
    }
    for name, value in chosen.items():
        page = tenant.api.get("/v1/events", params={name: value}).json()
        assert (page["data"], page["next_cursor"] in {each["id"] for each in theirs}) == ([], False)
        assert tenant.api.get("/v1/audit", params={name: value, "all": True}).text == ""
        assert stranger.api.get("/v1/events", params={name: value}).json()["data"]


def test_events_of_another_workspace_are_no_cursors_and_are_not_shown_or_sent(
    deployed: Deployed, tenant: Tenant, stranger: Tenant
) -> None:
    receiver, resend = Receiver(deployed), f"/v1/webhooks/{made(tenant)['id']}/resend"
    theirs = [each["id"] for each in stranger.api.get("/v1/events").json()["data"]]
    for event_id in theirs:
        assert tenant.api.get(f"/v1/events/{event_id}").status_code == 404
        for path in ("/v1/events", "/v1/audit"):
            assert tenant.api.get(path, params={"after": event_id}).json()["code"] == "cursor_expired"
        answer = tenant.api.post(resend, json={"event_ids": [event_id]})
        assert answer.json()["errors"][0]["rule"] == "event.exists"
    assert receiver.got == []


@pytest.mark.parametrize(
    "call", ["", "/sends", "/test", "/resend", "/secret", "/enable", "/disable", "PATCH", "DELETE"]
)
def test_webhooks_of_another_workspace_are_not_there(deployed: Deployed, tenant: Tenant, call: str) -> None:
    receiver, stranger = Receiver(deployed), deployed.tenant()
    path = f"/v1/webhooks/{made(stranger)['id']}"
    method = call if call.isalpha() else "GET" if call in ("", "/sends") else "POST"
    body = {"from_sequence": 1} if call == "/resend" else {}
    answer = tenant.api.request(method, path if call.isalpha() else path + call, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert receiver.got == []
    assert stranger.api.get(path).json()["status"] == "active"

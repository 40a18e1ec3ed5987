"""Deleting what was published, on its platform: by real handlers, at the sandbox."""

import secrets
from dataclasses import replace
from typing import Any

import httpx
import pytest

from punctual.deliveries import Deliveries
from punctual.providers import sandbox
from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

THREAD = {"thread": [{"text": "Two"}, {"text": "Three"}]}


@pytest.fixture
def handle() -> str:
    """An account that nobody has posted with."""
    return f"ada_{secrets.token_hex(4)}"


@pytest.fixture
def channel(tenant: Tenant, handle: str) -> str:
    return tenant.connect(handle)


def went_out(deployed: Deployed, tenant: Tenant, channel: str, text: str = "One", **more: Any) -> dict[str, Any]:
    post = tenant.posted(text, channel, in_minutes=5, **more)
    deployed.clock.run(minutes=10)
    return post


def withdraw(tenant: Tenant, post: dict[str, Any]) -> httpx.Response:
    return tenant.api.delete(f"/v1/posts/{post['id']}/deliveries/{post['deliveries'][0]['id']}/publication")


def shown(deployed: Deployed, handle: str) -> list[str]:
    found = deployed.client().get("/sandbox/api/timeline", params={"account": handle}).json()
    return [post["text"] for post in found["posts"]]


def refused(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    code: str = answer.json()["code"]
    return code


def read(tenant: Tenant, post: dict[str, Any]) -> dict[str, Any]:
    (delivery,) = tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
    found: dict[str, Any] = delivery
    return found


def test_what_was_published_is_gone_and_the_post_says_since_when(
    deployed: Deployed, tenant: Tenant, channel: str, handle: str
) -> None:
    post = went_out(deployed, tenant, channel)
    assert shown(deployed, handle) == ["One"]
    gone = withdraw(tenant, post).json()
    assert shown(deployed, handle) == []
    delivery = read(tenant, post)
    assert delivery["status"] == "COMPLETED"
    assert delivery["deleted_at"] == delivery["parts"][0]["deleted_at"] == gone["deleted_at"] is not None
    assert gone["parts"] == [{"platform_id": delivery["platform_id"], "deleted_at": gone["deleted_at"]}]


def test_a_thread_is_deleted_from_its_end_and_no_part_twice(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = went_out(deployed, tenant, channel, **THREAD)
    ids = [part["platform_id"] for part in read(tenant, post)["parts"]]
    deployed.requests.clear()
    assert withdraw(tenant, post).status_code == 200
    asked = [request.url.path for request in deployed.requests if request.method == "DELETE"]
    assert asked == [f"/sandbox/api/posts/{each}" for each in reversed(ids)]
    deployed.requests.clear()
    assert withdraw(tenant, post).json()["deleted_at"] is not None
    assert deployed.requests == []


def test_what_broke_off_in_the_middle_is_gone_on_with(
    deployed: Deployed, tenant: Tenant, channel: str, handle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = went_out(deployed, tenant, channel, **THREAD)
    answer, calls = deployed.hosts["punctual.example"], []

    def breaks_off(request: httpx.Request) -> httpx.Response:
        found = answer(request)
        calls.append(request.method)
        if calls.count("DELETE") == 2:
            raise httpx.ReadError("broken off", request=request)
        return found

    monkeypatch.setitem(deployed.hosts, "punctual.example", breaks_off)
    assert refused(withdraw(tenant, post), 502) == "platform_unavailable"
    delivery = read(tenant, post)
    assert [part["deleted_at"] is None for part in delivery["parts"]] == [True, True, False]
    assert delivery["deleted_at"] is None
    monkeypatch.setitem(deployed.hosts, "punctual.example", answer)
    assert withdraw(tenant, post).json()["deleted_at"] is not None
    assert shown(deployed, handle) == []


def test_what_was_deleted_by_hand_is_no_error(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = went_out(deployed, tenant, channel)
    for name in ("timeline", "post", "account"):
        for item in deployed.items("SandboxTable"):
            if item["pk"].startswith(name):
                deployed.table("SandboxTable").delete({"pk": item["pk"], "sk": item["sk"]})
    assert withdraw(tenant, post).json()["deleted_at"] is not None


def test_there_is_nothing_to_delete_before_it_went_out(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Later", channel, in_minutes=60)
    assert refused(withdraw(tenant, post), 409) == "not_published"
    assert tenant.api.post(f"/v1/posts/{post['id']}/cancel").status_code == 200
    assert refused(withdraw(tenant, post), 409) == "not_published"


@pytest.mark.parametrize("status", [DeliveryStatus.UNCONFIRMED, DeliveryStatus.ERROR])
def test_what_is_not_known_to_be_live_is_not_deleted(
    deployed: Deployed, tenant: Tenant, channel: str, status: DeliveryStatus
) -> None:
    post = tenant.posted("Perhaps", channel, in_minutes=60)
    deliveries = Deliveries(deployed.table("WorkTable"))
    deliveries.write(deliveries.of_post(post["id"])[0], status=status)
    assert refused(withdraw(tenant, post), 409) == "not_published"


def test_a_connection_that_the_platform_ended_is_told_and_noted(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = went_out(deployed, tenant, channel)
    for item in deployed.items("SandboxTable"):
        if item["pk"].startswith(("grant#", "token#")):
            deployed.table("SandboxTable").delete({"pk": item["pk"], "sk": item["sk"]})
    assert refused(withdraw(tenant, post), 409) == "reconnect_required"
    assert tenant.api.get(f"/v1/channels/{channel}").json()["status"] == "reconnect_required"
    assert read(tenant, post)["deleted_at"] is None


def test_a_channel_that_was_disconnected_deletes_nothing(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = went_out(deployed, tenant, channel)
    assert tenant.api.delete(f"/v1/channels/{channel}").status_code == 200
    assert refused(withdraw(tenant, post), 409) == "channel_gone"


def test_a_thread_that_broke_off_and_was_deleted_is_not_tried_again(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = went_out(deployed, tenant, channel, thread=[{"text": "[sandbox:error_422] Two"}])
    assert read(tenant, post)["status"] == "PARTIAL"
    assert withdraw(tenant, post).status_code == 200
    retried = tenant.api.post(f"/v1/posts/{post['id']}/deliveries/{post['deliveries'][0]['id']}/retry")
    assert refused(retried, 409) == "withdrawn"


def test_another_workspaces_delivery_is_not_found(
    deployed: Deployed, tenant: Tenant, channel: str, handle: str
) -> None:
    post = went_out(deployed, tenant, channel)
    assert refused(withdraw(deployed.tenant(), post), 404) == "not_found"
    assert shown(deployed, handle) == ["One"]


def test_a_thread_that_still_goes_on_is_not_deleted(
    deployed: Deployed, tenant: Tenant, channel: str, handle: str
) -> None:
    post = went_out(deployed, tenant, channel, thread=[{"text": "Two", "delay_seconds": 3600}])
    assert read(tenant, post)["status"] == "PUBLISHING"
    assert refused(withdraw(tenant, post), 409) == "not_published"
    assert shown(deployed, handle) == ["One"]


def test_a_platform_where_punctual_deletes_nothing_is_not_asked(
    deployed: Deployed, tenant: Tenant, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = went_out(deployed, tenant, channel)
    monkeypatch.setattr(sandbox.PROVIDER, "spec", replace(sandbox.PROVIDER.spec, can_delete=False))
    deployed.requests.clear()
    assert refused(withdraw(tenant, post), 409) == "deletion_unsupported"
    assert deployed.requests == []


def test_when_time_is_up_no_other_part_is_begun_and_another_request_goes_on(
    deployed: Deployed, tenant: Tenant, channel: str, handle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = went_out(deployed, tenant, channel, **THREAD)
    answer = deployed.hosts["punctual.example"]

    def slow(request: httpx.Request) -> httpx.Response:
        deployed.clock.sleep(3)
        return answer(request)

    monkeypatch.setitem(deployed.hosts, "punctual.example", slow)
    assert [withdraw(tenant, post).json()["deleted_at"] is None for _ in range(3)] == [True, True, False]
    assert shown(deployed, handle) == []

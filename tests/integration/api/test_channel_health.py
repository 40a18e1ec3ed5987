"""GET /v1/channels/{id}/health: what is known of a channel, without asking its platform or opening its grant."""

from datetime import timedelta
from typing import Any

import pytest

from punctual.channels import Channels
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.tenant import Tenant

SIXTY_DAYS = {"lifetime": str(60 * 86_400), "renewable": "0"}


def health(tenant: Tenant, channel: str) -> dict[str, Any]:
    answer = tenant.api.get(f"/v1/channels/{channel}/health")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in found["problems"]]


def test_a_channel_that_is_kept_alive_is_healthy(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada", lifetime="3600")
    found = health(tenant, channel)
    assert (found["verdict"], found["status"], found["problems"]) == ("healthy", "active", [])
    grant = found["grant"]
    assert (grant["refreshable"], grant["ends_at"], grant["last_refreshed_at"]) == (True, None, None)
    assert grant["scopes"] == ["read", "write"]
    assert grant["next_refresh_at"] < grant["expires_at"]
    deployed.clock.run(minutes=50)
    deployed.invoke("TokenRefresherFunction", {})
    assert health(tenant, channel)["grant"]["last_refreshed_at"] is not None


def test_no_key_is_used_to_tell_it(deployed: Deployed, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = tenant.connect("ada")
    monkeypatch.setattr(deployed.kms, "decrypt", None)
    assert health(tenant, channel)["verdict"] == "healthy"


def test_an_end_is_told_from_the_beginning_and_asks_for_attention_when_it_is_near(
    deployed: Deployed, tenant: Tenant
) -> None:
    channel = tenant.connect("ada", **SIXTY_DAYS)
    found = health(tenant, channel)
    assert (found["verdict"], found["grant"]["refreshable"]) == ("healthy", False)
    assert found["grant"]["ends_at"] == found["grant"]["expires_at"]
    deployed.clock.every(6 * 3600, lambda: deployed.invoke("TokenRefresherFunction", {}))
    deployed.clock.run(days=54)
    near = health(tenant, channel)
    assert (near["verdict"], codes(near)) == ("attention", ["grant_ends"])
    assert found["grant"]["ends_at"] in near["problems"][0]["message"]
    deployed.clock.run(days=7)
    over = health(tenant, channel)
    assert (over["verdict"], codes(over)) == ("broken", ["reconnect_required"])
    assert (over["status_reason"], over["grant"]) == ("grant_expired", None)
    assert over["status_changed_at"] >= found["grant"]["ends_at"]
    tenant.connect("ada")
    again = health(tenant, channel)
    assert (again["verdict"], again["status_reason"]) == ("healthy", None)


def test_limits_and_quotas_are_told(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada", daily_posts="2")
    assert health(tenant, channel)["quota"] == [{"posts": 2, "seconds": 86_400, "used": 0}]
    deployed.run_clocks()
    for text in ("one", "two"):
        tenant.posted(text, channel)
    deployed.clock.run(hours=2)
    found = health(tenant, channel)
    assert found["quota"][0]["used"] == 2
    assert found["last_published_at"] is not None
    assert (found["verdict"], codes(found)) == ("attention", ["quota_used"])
    channels = Channels(deployed.table("WorkTable"), deployed.clock.now)
    stored = channels.get(tenant.workspace_id, channel)
    assert stored
    channels.limit(stored, deployed.clock.now() + timedelta(days=1))
    assert "limited" in codes(health(tenant, channel))


def test_another_workspaces_channel_is_none(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    other = deployed.tenant()
    assert other.api.get(f"/v1/channels/{channel}/health").status_code == 404


@pytest.mark.parametrize(("address", "mails"), [("ops@example.com", 1), ("", 0)])
def test_the_refresher_mails_where_the_stack_has_an_address(address: str, mails: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stack = Deployed(patch, AlertEmail=address, ExpiryWarningDays="10")
        channel = stack.tenant().connect("ada", **SIXTY_DAYS)
        stack.clock.run(days=49)
        stack.invoke("TokenRefresherFunction", {})
        assert stack.topic.mails == []
        stack.clock.run(days=2)
        stack.invoke("TokenRefresherFunction", {})
        assert [channel in text for _, text in stack.topic.mails] == [True] * mails
    forget()

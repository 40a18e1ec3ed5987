"""How near to one another the posts of a channel may be, and are wished to be."""

from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_posts import changed


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def test_posts_nearer_than_their_channel_likes_are_warned_of(tenant: Tenant, channel: str) -> None:
    url = f"/v1/channels/{channel}"
    assert tenant.api.patch(url, json={"min_gap_seconds": 600}).json()["min_gap_seconds"] == 600
    assert tenant.api.get(url).json()["min_gap_seconds"] == 600
    first = tenant.posted("First", channel, in_minutes=60)
    near, far = tenant.posted("Near", channel, in_minutes=69), tenant.posted("Far", channel, in_minutes=80)
    (warning,) = near["warnings"]
    assert (warning["param"], warning["rule"]) == ("/targets/0/channel_id", "channel.min_gap")
    assert first["id"] in warning["message"]
    assert "540 s" in warning["message"]
    assert far["warnings"] == []
    assert changed(tenant, near, scheduled_at=tenant.later(3000))["warnings"] == []
    assert tenant.api.patch(url, json={"min_gap_seconds": None}).json()["min_gap_seconds"] == 0
    assert tenant.posted("At once", channel, in_minutes=60)["warnings"] == []


@pytest.mark.parametrize("given", [{"min_gap_seconds": -1}, {"min_gap_seconds": 86_401}, {"name": "x"}])
def test_a_channel_takes_no_other_change(tenant: Tenant, channel: str, given: dict[str, Any]) -> None:
    assert tenant.api.patch(f"/v1/channels/{channel}", json=given).status_code == 422


def test_a_change_that_says_nothing_changes_nothing(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    stored = deployed.contents()
    assert tenant.api.patch(f"/v1/channels/{channel}", json={}).status_code == 200
    assert deployed.contents() == stored

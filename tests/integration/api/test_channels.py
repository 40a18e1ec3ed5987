"""One account is one channel, however often and however simultaneously it is connected; and its end."""

from typing import Any

import httpx
import pytest

from edge import parts
from oauth.deployment import OauthEnvironment
from punctual import clock
from punctual.channels import Channels
from punctual.connecting.logins import Logins
from punctual.grants.grants import Grants
from punctual.guarded_http import GuardedHttp
from punctual.providers.base import Account, Login
from punctual.providers.sandbox import Sandbox
from punctual.tables import Table
from sandbox.accounts import Account as SandboxAccount
from tests.integration.api.deployed import BASE, Deployed
from tests.integration.api.tenant import Tenant

ADA = Account(id=SandboxAccount(handle="ada").id, handle="ada", server=f"{BASE}/sandbox")


@pytest.fixture
def stores(deployed: Deployed) -> tuple[Channels, Grants]:
    """As the oauth function builds them."""
    variables = deployed.stack.variables("OauthFunction")
    env = OauthEnvironment.model_validate({name.lower(): value for name, value in variables.items()})
    return parts.channels(env.work_table), parts.grants(env)


def listed(tenant: Tenant) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tenant.api.get("/v1/channels").json()["data"]
    return found


def grants(deployed: Deployed) -> list[dict[str, Any]]:
    return [item for item in deployed.items("GrantsTable") if item["sk"] == "grant"]


def test_the_same_account_connected_twice_is_one_channel_with_the_newer_grant(
    deployed: Deployed, tenant: Tenant
) -> None:
    first = tenant.connect("ada")
    (before,) = grants(deployed)
    assert tenant.connect("ada") == first
    assert [channel["id"] for channel in listed(tenant)] == [first]
    (grant,) = grants(deployed)
    assert grant["pk"] > before["pk"]
    channel = deployed.table("WorkTable").get({"pk": tenant.workspace_id, "sk": f"channel#{first}"})
    assert channel["grant_id"] == grant["pk"]


def test_two_accounts_are_two_channels_and_another_workspaces_is_its_own(deployed: Deployed, tenant: Tenant) -> None:
    other = deployed.tenant()
    ids = {tenant.connect("ada"), tenant.connect("bob"), other.connect("ada")}
    assert len(ids) == 3
    assert {channel["account"]["handle"] for channel in listed(tenant)} == {"ada", "bob"}


@pytest.mark.parametrize("moment", ["transact_write_items", "put_item", "update_item"])
def test_the_same_account_connected_at_once_is_one_channel_that_works(
    deployed: Deployed, tenant: Tenant, stores: tuple[Channels, Grants], moment: str
) -> None:
    """A whole second connection happens just before one write of the first: its channel, its grant, its activation."""
    channels, all_grants = stores

    other = deployed.tenant()
    theirs = channels.get(other.workspace_id, other.connect("ada"))
    grant, app = all_grants.open(all_grants.get(theirs.grant_id))
    sandbox = Sandbox(GuardedHttp(), clock.now)

    def another(request: dict[str, Any]) -> None:
        if request.get("TableName") == "SandboxTable":
            deployed.wire.before(moment, another)
            return
        Logins(channels, all_grants).store(tenant.workspace_id, sandbox, Login(grant=grant, accounts=(ADA,)), app)

    with deployed.client() as browser:
        url = tenant.consented(browser, handle="ada")
        deployed.wire.before(
            "update_item", lambda _: deployed.wire.before(moment, another)
        )  # once the state is used up
        assert browser.get(url).status_code == 200
    (channel,) = listed(tenant)
    assert channel["status"] == "active"
    (stored,) = [stored for stored in grants(deployed) if stored["workspace_id"] == tenant.workspace_id]
    kept = channels.get(tenant.workspace_id, channel["id"])
    assert kept.grant_id == stored["pk"]
    assert stored["channel_ids"] == [kept.id]


def test_a_dead_grant_asks_for_a_reconnect_and_says_nothing_of_a_newer_one(
    deployed: Deployed, tenant: Tenant, stores: tuple[Channels, Grants]
) -> None:
    channels, _ = stores
    channel = channels.get(tenant.workspace_id, tenant.connect("ada"))
    channels.require_reconnect(tenant.workspace_id, channel.id, channel.grant_id, "grant_dead")
    assert listed(tenant)[0]["status"] == "reconnect_required"
    tenant.connect("ada")
    channels.require_reconnect(tenant.workspace_id, channel.id, channel.grant_id, "grant_dead")
    assert listed(tenant)[0]["status"] == "active", "an old grant's death says nothing of a newer one"


def test_a_failure_of_ours_in_a_callback_is_told_the_same_way_again(deployed: Deployed, tenant: Tenant) -> None:
    """The code is used up, so that reloading cannot help: say so, instead of "in a moment" for ten minutes."""
    with deployed.client() as browser:
        url = tenant.consented(browser)
        deployed.wire.before("transact_write_items", broken)
        assert browser.get(url).status_code == 500
        again = browser.get(url)
    assert again.status_code == 400
    assert "interrupted" in again.text
    assert listed(tenant) == []


def broken(request: dict[str, Any]) -> None:
    raise ConnectionError("the caption is Hello")


def test_a_channel_is_deleted_with_its_grant_and_ended_at_the_platform(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    waiting = tenant.posted("Waiting", channel)
    tenant.drafted("Draft", channel)
    answer = tenant.api.delete(f"/v1/channels/{channel}")
    assert answer.json() == {
        "id": channel,
        "deleted": True,
        "revoked": True,
        "deliveries_cancelled": 1,
        "deliveries_waiting": 0,
    }
    assert tenant.api.get(f"/v1/posts/{waiting['id']}").json()["status"] == "CANCELLED"
    assert deployed.requests[-1].url.path == "/sandbox/oauth/revoke"
    assert (listed(tenant), grants(deployed)) == ([], [])
    assert tenant.api.delete(f"/v1/channels/{channel}").status_code == 404
    assert tenant.connect("ada") != channel


def test_a_channel_may_be_disconnected_and_its_posts_held(tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    waiting = tenant.posted("Waiting", channel)
    answer = tenant.api.delete(f"/v1/channels/{channel}?posts=hold").json()
    assert (answer["deleted"], answer["deliveries_cancelled"], answer["deliveries_waiting"]) == (False, 0, 1)
    (shown,) = tenant.api.get("/v1/channels?status=disconnected").json()["data"]
    assert shown["id"] == channel
    one_more = {"text": "One more", "scheduled_at": tenant.later(60), "targets": [{"channel_id": channel}]}
    (warning,) = tenant.api.post("/v1/posts/validate", json=one_more).json()["warnings"]
    assert warning["rule"] == "channel.reconnect_required"
    assert tenant.api.get(f"/v1/posts/{waiting['id']}").json()["status"] == "SCHEDULED"
    assert tenant.connect("ada") == channel


def test_what_becomes_of_the_posts_is_one_of_two_words(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    stored = deployed.contents()
    answer = tenant.api.delete(f"/v1/channels/{channel}?posts=keep")
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (422, "posts")
    assert deployed.contents() == stored


def test_a_channel_goes_although_its_platform_does_not_answer_or_is_switched_off(
    deployed: Deployed, tenant: Tenant
) -> None:
    first, second = tenant.connect("ada"), tenant.connect("bob")
    deployed.hosts["punctual.example"], before = lambda _: httpx.Response(503), deployed.hosts["punctual.example"]
    assert tenant.api.delete(f"/v1/channels/{first}").json()["revoked"] is False
    deployed.hosts["punctual.example"] = before
    work: Table = deployed.table("WorkTable")
    item = work.get({"pk": tenant.workspace_id, "sk": f"channel#{second}"})
    work.put({**item, "provider": "gone"})
    held = deployed.table("GrantsTable")
    held.put({**held.get({"pk": item["grant_id"], "sk": "grant"}), "provider": "gone"})
    refused = tenant.post("Hello", second)
    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (422, "/targets/0/channel_id")
    assert tenant.api.delete(f"/v1/channels/{second}").json()["revoked"] is False
    assert (listed(tenant), grants(deployed)) == ([], [])


def test_another_workspaces_channel_is_not_found(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    other = deployed.tenant()
    stored = deployed.contents()
    for method in ("GET", "DELETE"):
        answer = other.api.request(method, f"/v1/channels/{channel}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert listed(other) == []
    assert other.post("Hello", channel).json()["errors"][0]["rule"] == "channel.exists"
    assert deployed.contents() == stored
    assert tenant.api.get(f"/v1/channels/{channel}").status_code == 200


def test_answers_about_a_channel_hold_no_secret(deployed: Deployed, tenant: Tenant) -> None:
    tenant.connect("ada")
    (channel,) = listed(tenant)
    assert set(channel) == {
        "id", "provider", "status", "account", "min_gap_seconds", "external_id", "created_at", "updated_at",
    }  # fmt: skip
    assert set(channel["account"]) == {"id", "handle", "name", "url", "server"}

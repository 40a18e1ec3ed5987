"""Connecting a channel again: the same account keeps its id and its posts, another one is refused."""

from typing import Any

import pytest

from tests.contract.bluesky.far_side import APP_PASSWORD, FarSide
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_choosing import begun, watched
from tests.integration.api.test_connecting import channels, page

RETURN = "https://app.example/done"


@pytest.fixture
def tenant(deployed: Deployed) -> Tenant:
    deployed.empty()
    return deployed.tenant("https://app.example")


def delivery(tenant: Tenant, post: dict[str, Any]) -> dict[str, Any]:
    (found,) = tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"]
    assert isinstance(found, dict)
    return found


def held(deployed: Deployed, tenant: Tenant, text: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A channel whose grant the platform ended, and a post that waits for it."""
    channel = tenant.connect("ada")
    tenant.posted("[sandbox:revoked] Ends the grant", channel, in_minutes=2)
    post = tenant.posted(text, channel, in_minutes=4, **more)
    deployed.run_clocks()
    deployed.clock.run(minutes=6)
    assert delivery(tenant, post)["status"] == "HELD"
    assert channels(tenant)[0]["status"] == "reconnect_required"
    return channel, post


def test_hours_later_the_person_reconnects_and_what_was_held_goes_out_within_a_minute(
    deployed: Deployed, tenant: Tenant
) -> None:
    channel, post = held(deployed, tenant, "Waits for hours", max_delay_seconds=7 * 86_400)
    deployed.clock.run(hours=8)
    assert delivery(tenant, post)["status"] == "HELD"
    started = begun(tenant, channel_id=channel)
    page(tenant.finish(started["authorization_url"], handle="ada"), 200)
    assert [(each["id"], each["status"]) for each in channels(tenant)] == [(channel, "active")]
    assert [each["id"] for each in watched(tenant, started)["channels"]] == [channel]
    deployed.clock.run(seconds=75)
    assert delivery(tenant, post)["status"] == "COMPLETED"
    shown = deployed.client().get("/sandbox/api/timeline").json()["posts"]
    assert [each["text"] for each in shown].count("Waits for hours") == 1


def test_what_is_too_late_by_then_is_missed_and_never_goes_out(deployed: Deployed, tenant: Tenant) -> None:
    channel, post = held(deployed, tenant, "Waits in vain", max_delay_seconds=3600)
    deployed.clock.run(hours=2)
    assert delivery(tenant, post)["status"] == "MISSED"
    tenant.finish(begun(tenant, channel_id=channel)["authorization_url"], handle="ada")
    deployed.clock.run(minutes=5)
    assert delivery(tenant, post)["status"] == "MISSED"
    assert "Waits in vain" not in deployed.client().get("/sandbox/api/timeline").text


def test_another_account_is_refused_and_nothing_is_stored(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    grants = [item for item in deployed.items("GrantsTable") if item["sk"] == "grant"]
    plain, returning = begun(tenant, channel_id=channel), begun(tenant, channel_id=channel, return_url=RETURN)
    said = page(tenant.finish(plain["authorization_url"], handle="bob"), 400)
    assert "other_account" in said
    assert "another account than the channel" in said
    assert not any(handle in said.partition("<main>")[2] for handle in ("ada", "bob"))
    back = tenant.finish(returning["authorization_url"], handle="bob", teams="3")
    assert back.headers["location"] == f"{RETURN}?provider=sandbox&error=other_account"
    for started in (plain, returning):
        found = watched(tenant, started)
        assert (found["status"], found["error"]["code"], found["channels"]) == ("failed", "other_account", [])
    assert [item for item in deployed.items("GrantsTable") if item["sk"] == "grant"] == grants
    assert [each["id"] for each in channels(tenant)] == [channel]


def test_a_login_of_several_accounts_reconnects_the_one_that_was_asked_for(deployed: Deployed, tenant: Tenant) -> None:
    channel = tenant.connect("ada")
    page(tenant.finish(begun(tenant, channel_id=channel)["authorization_url"], handle="ada", teams="3"), 200)
    assert [each["id"] for each in channels(tenant)] == [channel]


def test_a_channel_that_is_not_there_or_of_another_provider_is_refused_at_the_start(
    deployed: Deployed, tenant: Tenant
) -> None:
    theirs = deployed.tenant().connect("ada")
    stored = deployed.contents()
    for unknown in (theirs, "chn_01KJ0000000000000000000003", "x" * 3000, 7, ["chn"]):
        answer = tenant.api.post("/v1/oauth/sandbox/start", json={"channel_id": unknown})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert deployed.contents() == stored
    mine = tenant.connect("ada")
    credentials = {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": "https://bsky.example"}
    answers = [
        tenant.api.post("/v1/oauth/mastodon/start", json={"channel_id": mine, "server": "social.example"}),
        tenant.api.post("/v1/channels", json={"provider": "bluesky", "credentials": credentials, "channel_id": mine}),
    ]
    for answer in answers:
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["param"], fault["rule"]) == (422, "/channel_id", "channel.provider")


def test_without_a_channel_the_same_account_keeps_its_channel_all_the_same(deployed: Deployed, tenant: Tenant) -> None:
    channel, post = held(deployed, tenant, "Waits for anyone")
    assert tenant.connect("ada") == channel
    deployed.clock.run(seconds=75)
    assert delivery(tenant, post)["status"] == "COMPLETED"


def test_by_credentials_it_is_the_same(deployed: Deployed, tenant: Tenant) -> None:
    side = FarSide(deployed.clock.now)
    deployed.hosts |= dict.fromkeys(side.hosts, side.answer)
    try:
        given: dict[str, Any] = {
            "provider": "bluesky",
            "credentials": {"identifier": "alice.example", "app_password": APP_PASSWORD, "server": side.entrance},
        }
        (first,) = tenant.api.post("/v1/channels", json=given).json()["data"]
        (again,) = tenant.api.post("/v1/channels", json={**given, "channel_id": first["id"]}).json()["data"]
        assert again["id"] == first["id"]
        side.did = side.handles["alice.example"] = "did:plc:otheraaaaaaaaaaaaaaaaaaa"  # the handle has changed hands
        refused = tenant.api.post("/v1/channels", json={**given, "channel_id": first["id"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "other_account")
        assert [each["id"] for each in channels(tenant)] == [first["id"]]
    finally:
        for host in side.hosts:
            del deployed.hosts[host]

"""The duplicate guard: a channel does not say the same twice within a day, unless it is asked to."""

from typing import Any

import httpx
import pytest

from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_posts import settle


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def said(tenant: Tenant, text: str, *channels: str, **more: Any) -> httpx.Response:
    return tenant.post(text, *channels, **{"allow_duplicate": None, **more})


def refused(answer: httpx.Response) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_post"), answer.text
    found: list[dict[str, Any]] = answer.json()["duplicates"]
    return found


def test_the_earlier_post_is_named_and_nothing_is_stored(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    bob = tenant.connect("bob")
    first = said(tenant, "Hello", channel).json()
    stored = deployed.contents()
    (found,) = refused(said(tenant, "Hello", channel, bob, in_minutes=90))
    assert found == {
        "channel_id": channel,
        "post_id": first["id"],
        "delivery_id": first["deliveries"][0]["id"],
        "status": "SCHEDULED",
        "scheduled_at": first["scheduled_at"],
        "url": None,
    }
    assert deployed.contents() == stored


def test_what_is_live_is_named_with_its_address(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    said(tenant, "Hello", channel, in_minutes=5)
    deployed.clock.run(minutes=6)
    (found,) = refused(said(tenant, "Hello", channel))
    assert found["status"] == "COMPLETED"
    assert found["url"].startswith("https://punctual.example/sandbox/")


@pytest.mark.parametrize(
    ("text", "is_same"),
    [("Hello  world\n", True), (" Hello world", True), ("Hello World", False), ("Hello wörld", False)],
)
def test_spaces_make_no_difference_and_letters_do(tenant: Tenant, channel: str, text: str, is_same: bool) -> None:
    assert said(tenant, "Hello world", channel).status_code == 201
    assert said(tenant, text, channel).status_code == (409 if is_same else 201)


def test_two_ways_to_write_a_letter_are_one(tenant: Tenant, channel: str) -> None:
    assert said(tenant, "Gr\u00fc\u00dfe", channel).status_code == 201
    refused(said(tenant, "Gru\u0308\u00dfe", channel))


@pytest.mark.parametrize(
    ("minutes", "status"), [(60 + 24 * 60, 201), (60 + 24 * 60 - 1, 409), (5, 409), (60 + 48 * 60, 201)]
)
def test_a_day_apart_is_far_enough_in_either_direction(tenant: Tenant, channel: str, minutes: int, status: int) -> None:
    assert said(tenant, "Hello", channel, in_minutes=60).status_code == 201
    assert said(tenant, "Hello", channel, in_minutes=minutes).status_code == status


def test_asked_for_it_is_said_again(tenant: Tenant, channel: str) -> None:
    said(tenant, "Hello", channel)
    again = said(tenant, "Hello", channel, allow_duplicate=True)
    assert (again.status_code, again.json()["allow_duplicate"]) == (201, True)
    assert tenant.api.patch(f"/v1/posts/{again.json()['id']}", json={"timezone": "Europe/Berlin"}).status_code == 200
    refused(said(tenant, "Hello", channel))


@pytest.mark.parametrize("status", ["CANCELLED", "ERROR", "MISSED"])
def test_what_never_went_out_stands_in_nobodys_way(
    deployed: Deployed, tenant: Tenant, channel: str, status: str
) -> None:
    first = said(tenant, "Hello", channel).json()
    settle(deployed, first, DeliveryStatus(status))
    assert said(tenant, "Hello", channel).status_code == 201
    refused(said(tenant, "Hello", channel))


def test_nor_does_what_says_something_else_or_is_due_another_day_or_was_deleted(tenant: Tenant, channel: str) -> None:
    changed, moved, gone = (said(tenant, text, channel).json()["id"] for text in ("One", "Two", "Three"))
    assert tenant.api.patch(f"/v1/posts/{changed}", json={"text": "Other"}).status_code == 200
    assert tenant.api.patch(f"/v1/posts/{moved}", json={"scheduled_at": tenant.later(5000)}).status_code == 200
    assert tenant.api.patch(f"/v1/posts/{gone}", json={"scheduled_at": None}).status_code == 200
    for text in ("One", "Two", "Three"):
        assert said(tenant, text, channel).status_code == 201


def test_an_edit_a_publish_and_a_copy_are_guarded_as_well(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    said(tenant, "Hello", channel)
    other = said(tenant, "Other", channel).json()["id"]
    later = said(tenant, "Hello", channel, in_minutes=60 * 60).json()["id"]
    stored = deployed.contents()
    refused(tenant.api.patch(f"/v1/posts/{other}", json={"text": "Hello"}))
    refused(tenant.api.post(f"/v1/posts/{later}/publish"))
    refused(tenant.api.post(f"/v1/posts/{later}/duplicate", json={"schedule": "now"}))
    assert deployed.contents() == stored
    assert tenant.api.post(f"/v1/posts/{later}/duplicate", json={}).status_code == 201


def test_a_post_is_no_duplicate_of_itself(tenant: Tenant, channel: str) -> None:
    url = f"/v1/posts/{said(tenant, 'Hello', channel).json()['id']}"
    for change in ({"scheduled_at": tenant.later(90)}, {"text": "Other"}, {"text": "Hello"}, {"labels": ["launch"]}):
        assert tenant.api.patch(url, json=change).status_code == 200
    assert tenant.api.post(f"{url}/publish").status_code == 202


def test_drafts_guard_nothing_and_are_guarded_once_they_have_a_time(tenant: Tenant, channel: str) -> None:
    drafts = [tenant.drafted("Hello", channel)["id"] for _ in range(2)]
    assert tenant.api.patch(f"/v1/posts/{drafts[0]}", json={"scheduled_at": tenant.later(60)}).status_code == 200
    refused(tenant.api.patch(f"/v1/posts/{drafts[1]}", json={"scheduled_at": tenant.later(70)}))


def test_of_two_at_once_one_is_told(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    second = deployed.client(Authorization=f"Bearer {tenant.key}")
    body = {"text": "Hello", "targets": [{"channel_id": channel}], "scheduled_at": tenant.later(60)}
    told: list[int] = []
    deployed.wire.before("transact_write_items", lambda _: told.append(second.post("/v1/posts", json=body).status_code))
    refused(tenant.api.post("/v1/posts", json=body))
    assert told == [201]


def test_other_channels_and_other_workspaces_are_not_concerned(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    said(tenant, "Hello", channel)
    assert said(tenant, "Hello", tenant.connect("bob")).status_code == 201
    other = deployed.tenant()
    assert said(other, "Hello", other.connect("ada")).status_code == 201

"""Drafts: everything but a form that cannot be understood may be kept, and is warned of."""

import pytest

from tests.integration.api.tenant import Tenant


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def test_a_draft_may_break_every_rule_but_those_of_form_and_is_warned(tenant: Tenant, channel: str) -> None:
    targets = [{"channel_id": channel, "settings": {"protection": "prayer"}}]
    answer = tenant.api.post("/v1/posts", json={"text": "x" * 501, "targets": targets, "draft": True})
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    params = {warning["param"] for warning in draft["warnings"]}
    assert params == {"/targets/0/text", "/targets/0/settings/protection"}
    assert [delivery["status"] for delivery in draft["deliveries"]] == ["DRAFT"]
    refused = tenant.api.patch(f"/v1/posts/{draft['id']}", json={"scheduled_at": tenant.later(60)})
    assert {fault["param"] for fault in refused.json()["errors"]} == params
    mended = {"text": "x", "targets": [{"channel_id": channel}], "scheduled_at": tenant.later(60)}
    scheduled = tenant.api.patch(f"/v1/posts/{draft['id']}", json=mended).json()
    assert (scheduled["status"], scheduled["warnings"]) == ("SCHEDULED", [])
    assert scheduled["deliveries"][0]["id"] == draft["deliveries"][0]["id"]


def test_a_draft_without_anything_is_a_draft(tenant: Tenant) -> None:
    answer = tenant.api.post("/v1/posts", json={"draft": True})
    assert (answer.status_code, answer.json()["status"], answer.json()["warnings"]) == (201, "DRAFT", [])


def test_a_draft_needs_channels_that_are_there(tenant: Tenant) -> None:
    answer = tenant.api.post("/v1/posts", json={"draft": True, "targets": [{"channel_id": "chn_unknown"}]})
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "channel.exists")


def test_a_draft_has_nothing_to_cancel(tenant: Tenant, channel: str) -> None:
    draft = tenant.drafted("Draft", channel)
    answer = tenant.api.post(f"/v1/posts/{draft['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")


def test_a_draft_is_published_at_once_where_it_is_asked_for(tenant: Tenant, channel: str) -> None:
    draft = tenant.drafted("Draft", channel)
    answer = tenant.api.post(f"/v1/posts/{draft['id']}/publish")
    assert (answer.status_code, answer.json()["status"]) == (202, "SCHEDULED")

"""Retry and resolve over HTTP: what a person may decide about a delivery, in which state, and what follows."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from punctual.deliveries import Deliveries
from punctual.states import TERMINAL, DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

RETRIABLE = {DeliveryStatus.ERROR, DeliveryStatus.MISSED, DeliveryStatus.PARTIAL}
WHY_NOT = {
    DeliveryStatus.UNCONFIRMED: "outcome_unknown",
    DeliveryStatus.COMPLETED: "already_published",
    DeliveryStatus.CANCELLED: "cancelled",
    DeliveryStatus.HELD: "reconnect_required",
    DeliveryStatus.DRAFT: "is_draft",
    DeliveryStatus.SCHEDULED: "in_progress",
    DeliveryStatus.READY: "in_progress",
    DeliveryStatus.PUBLISHING: "in_progress",
}
FOUND = {"outcome": "published", "platform_id": "1234", "url": "https://social.example/@ada/1234"}


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def act(tenant: Tenant, post: dict[str, Any], what: str, body: Any = None) -> httpx.Response:
    url = f"/v1/posts/{post['id']}/deliveries/{post['deliveries'][0]['id']}/{what}"
    return tenant.api.post(url, json=body)


def only(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    (delivery,) = answer.json()["deliveries"]
    found: dict[str, Any] = delivery
    return found


def read(tenant: Tenant, post: dict[str, Any]) -> dict[str, Any]:
    return only(tenant.api.get(f"/v1/posts/{post['id']}"), 200)


def settle(deployed: Deployed, post: dict[str, Any], status: DeliveryStatus) -> None:
    """As the publisher leaves a delivery, its post rolled up: UNCONFIRMED some time after its call."""
    deliveries = Deliveries(deployed.table("WorkTable"))
    (seen,) = deliveries.of_post(post["id"])
    is_sent = status in (DeliveryStatus.PUBLISHING, DeliveryStatus.UNCONFIRMED)
    deliveries.write(seen, status=status, sending_at=deployed.clock.now() - timedelta(minutes=2) if is_sent else None)


def test_a_retry_sends_it_at_once_and_as_a_message_of_its_workspace(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = tenant.posted("Hello", channel, in_minutes=20)
    settle(deployed, post, DeliveryStatus.MISSED)
    deployed.clock.run(minutes=25)
    sent = len(deployed.queue.sent)
    delivery = only(act(tenant, post, "retry"), 202)
    assert (delivery["status"], delivery["error"]) == ("SCHEDULED", None)
    assert deployed.queue.groups[sent:] == [tenant.workspace_id]
    assert deployed.queue.sent[sent]["workspace_id"] == tenant.workspace_id
    deployed.clock.run(seconds=10)
    assert read(tenant, post)["status"] == "COMPLETED"
    assert tenant.api.get("/v1/posts?status=COMPLETED").json()["data"][0]["id"] == post["id"]


def test_a_retry_of_a_thread_goes_on_after_what_is_live(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    thread = [{"text": "Two [sandbox:refuse=1]"}, {"text": "Three"}]
    post = tenant.posted("One", channel, in_minutes=20, thread=thread)
    deployed.clock.run(minutes=21)
    before = read(tenant, post)
    assert (before["status"], [bool(part["live_at"]) for part in before["parts"]]) == ("PARTIAL", [True, False, False])
    assert only(act(tenant, post, "retry"), 202)["status"] == "PUBLISHING"
    deployed.clock.run(minutes=1)
    after = read(tenant, post)
    assert (after["status"], after["parts"][0]) == ("COMPLETED", before["parts"][0])


@pytest.mark.parametrize("status", DeliveryStatus)
def test_what_may_be_decided_follows_from_the_state(
    deployed: Deployed, tenant: Tenant, channel: str, status: DeliveryStatus
) -> None:
    post = tenant.posted("Hello", channel)
    settle(deployed, post, status)
    stored = deployed.contents()
    if status not in RETRIABLE:
        refused = act(tenant, post, "retry")
        assert (refused.status_code, refused.json()["code"]) == (409, WHY_NOT[status])
        assert refused.json()["detail"]
    if status is not DeliveryStatus.UNCONFIRMED:
        refused = act(tenant, post, "resolve", FOUND)
        assert (refused.status_code, refused.json()["code"]) == (409, "not_unconfirmed")
    assert deployed.contents() == stored
    if status in RETRIABLE:
        assert only(act(tenant, post, "retry"), 202)["status"] == "SCHEDULED"
    if status is DeliveryStatus.UNCONFIRMED:
        found = only(act(tenant, post, "resolve", FOUND), 200)
        assert (found["status"], found["platform_id"], found["url"]) == ("COMPLETED", "1234", FOUND["url"])


def test_a_post_that_a_person_found_is_live_with_or_without_its_id(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = tenant.posted("Hello", channel)
    settle(deployed, post, DeliveryStatus.UNCONFIRMED)
    found = only(act(tenant, post, "resolve", {"outcome": "published"}), 200)
    assert (found["status"], found["platform_id"], found["url"]) == ("COMPLETED", None, None)
    (part,) = found["parts"]
    assert part["live_at"]
    assert (part["platform_id"], part["url"]) == (None, None)


def test_a_post_that_a_person_did_not_find_may_be_tried_again(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Hello", channel)
    settle(deployed, post, DeliveryStatus.UNCONFIRMED)
    refused = act(tenant, post, "retry")
    assert refused.json()["code"] == "outcome_unknown"
    found = only(act(tenant, post, "resolve", {"outcome": "not_published"}), 200)
    assert (found["status"], found["error"]["code"]) == ("ERROR", "not_published")
    assert act(tenant, post, "retry").status_code == 202
    deployed.clock.run(minutes=61)
    assert read(tenant, post)["status"] == "COMPLETED"


@pytest.mark.parametrize(
    ("body", "params"),
    [
        ({}, ["/outcome"]),
        ({"outcome": "maybe"}, ["/outcome"]),
        ({"outcome": "published", "colour": "red"}, ["/colour"]),
        ({"outcome": "published", "platform_id": ""}, ["/platform_id"]),
        ({"outcome": "published", "platform_id": "a b"}, ["/platform_id"]),
        ({"outcome": "published", "platform_id": "x" * 513}, ["/platform_id"]),
        ({"outcome": "published", "url": "http://social.example/1"}, ["/url"]),
        ({"outcome": "published", "url": "javascript:alert(1)"}, ["/url"]),
        ({"outcome": "published", "url": "https://"}, ["/url"]),
        ({"outcome": "published", "url": "https://[::1"}, ["/url"]),
        ({"outcome": "published", "url": "https://me:secret@social.example/1"}, ["/url"]),
        ({"outcome": "published", "url": "https://social.example/\n1"}, ["/url"]),
        ({"outcome": "published", "url": "https://social.example/" + "x" * 2000}, ["/url"]),
        ({"outcome": "not_published", "platform_id": "1234"}, [""]),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_resolution_that_makes_no_sense_is_refused(
    deployed: Deployed, tenant: Tenant, channel: str, body: dict[str, Any], params: list[str]
) -> None:
    post = tenant.posted("Hello", channel)
    settle(deployed, post, DeliveryStatus.UNCONFIRMED)
    stored = deployed.contents()
    answer = act(tenant, post, "resolve", body)
    assert (answer.status_code, [fault["param"] for fault in answer.json()["errors"]]) == (422, params)
    assert "secret" not in answer.text
    assert deployed.contents() == stored


@pytest.mark.parametrize(("what", "body"), [("retry", None), ("resolve", FOUND)])
def test_only_ones_own_deliveries_are_found(
    deployed: Deployed, tenant: Tenant, channel: str, what: str, body: Any
) -> None:
    post, twin = tenant.posted("Hello", channel), tenant.posted("Other", channel)
    settle(deployed, post, DeliveryStatus.ERROR)
    stored = deployed.contents()
    other = deployed.tenant()
    before = deployed.contents()
    mixed = {**twin, "deliveries": post["deliveries"]}
    for who, which in ((other, post), (tenant, mixed), (tenant, {**post, "deliveries": [{"id": "dlv_none"}]})):
        answer = act(who, which, what, body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert deployed.contents() == before
    assert before["WorkTable"] != stored["WorkTable"]


@pytest.mark.parametrize(("what", "body"), [("retry", None), ("resolve", FOUND)])
def test_who_changes_it_all_the_time_meanwhile_is_told_to_look_again(
    deployed: Deployed, tenant: Tenant, channel: str, what: str, body: Any
) -> None:
    post = tenant.posted("Hello", channel)
    settle(deployed, post, DeliveryStatus.ERROR if what == "retry" else DeliveryStatus.UNCONFIRMED)

    def meanwhile(_: dict[str, Any]) -> None:
        deliveries = Deliveries(deployed.table("WorkTable"))
        (seen,) = deliveries.of_post(post["id"])
        deliveries.claim(seen, "att_1", deployed.clock.now())

    deployed.wire.before("transact_write_items", meanwhile, times=5)
    answer = act(tenant, post, what, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert act(tenant, post, what, body).status_code in (200, 202)
    assert read(tenant, post)["status"] in {*TERMINAL, "SCHEDULED"}

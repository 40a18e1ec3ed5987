"""A publisher's claim, or another request, between what a request read and what it writes.

Whatever happens in between happens through the DynamoDB client that the function was given.
"""

from typing import Any

import pytest

from punctual.deliveries import Deliveries
from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.wire import refused

CHANGES = {
    "edit": ("PATCH", "", {"text": "After"}),
    "move": ("PATCH", "", {"scheduled_at": "2027-01-01T00:00:00Z"}),
    "unschedule": ("PATCH", "", {"scheduled_at": None}),
    "publish": ("POST", "/publish", None),
    "cancel": ("POST", "/cancel", None),
}


@pytest.fixture
def post(tenant: Tenant) -> dict[str, Any]:
    return tenant.posted("Before", tenant.connect("ada"), tenant.connect("bob"))


def request(tenant: Tenant, post: dict[str, Any], change: str) -> Any:
    method, path, body = CHANGES[change]
    return tenant.api.request(method, f"/v1/posts/{post['id']}{path}", **({"json": body} if body else {}))


def claim(deployed: Deployed, post: dict[str, Any], status: DeliveryStatus, **marked: Any) -> None:
    """As a publisher does, of the post's first delivery."""
    deliveries = Deliveries(deployed.table("WorkTable"))
    seen = deliveries.of_post(post["id"])[0]
    held = deliveries.claim(seen, "att_1", deployed.clock.now(), status=status)
    if marked:
        deliveries.write(held, **marked)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_loses_whole_to_a_delivery_that_is_being_sent_meanwhile(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any], change: str
) -> None:
    after_claim = {}

    def interrupt(_: dict[str, Any]) -> None:
        claim(deployed, post, DeliveryStatus.PUBLISHING, sending_at=deployed.clock.now())
        after_claim.update(deployed.contents())

    deployed.wire.before("transact_write_items", interrupt)
    answer = request(tenant, post, change)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_publishing")
    assert deployed.contents() == after_claim
    assert list(deployed.scheduler.schedules).count(f"{post['id']}-1") == 1


@pytest.mark.parametrize("status", [DeliveryStatus.SCHEDULED, DeliveryStatus.PUBLISHING])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_wins_whole_over_a_delivery_that_is_claimed_and_not_being_sent_yet(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any], change: str, status: DeliveryStatus
) -> None:
    deployed.wire.before("transact_write_items", lambda _: claim(deployed, post, status))
    answer = request(tenant, post, change)
    assert answer.status_code in (200, 202), answer.text
    deliveries = Deliveries(deployed.table("WorkTable")).of_post(post["id"])
    assert {delivery.rev for delivery in deliveries} <= {2}
    assert {delivery.attempt_id for delivery in deliveries} <= {None}
    assert f"{post['id']}-1" not in deployed.scheduler.schedules


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_outlasts_conflicts_that_leave_no_trace(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any], change: str
) -> None:
    """Another transaction was at work on an item: AWS cancels ours, and nothing has changed."""
    deployed.wire.before("transact_write_items", conflict, times=2)
    assert request(tenant, post, change).status_code in (200, 202)


def conflict(_: dict[str, Any]) -> None:
    error = refused("TransactionCanceledException", "TransactWriteItems")
    error.response["CancellationReasons"] = [{"Code": "None"}, {"Code": "TransactionConflict"}]
    raise error


def test_an_edit_during_an_edit_is_applied_on_top_of_it(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any]
) -> None:
    second = deployed.client(Authorization=f"Bearer {tenant.key}")
    url = f"/v1/posts/{post['id']}"

    def another(_: dict[str, Any]) -> None:
        assert second.patch(url, json={"timezone": "Europe/Berlin"}).status_code == 200

    deployed.wire.before("transact_write_items", another)
    assert tenant.api.patch(url, json={"text": "After"}).status_code == 200
    found = tenant.api.get(url).json()
    assert (found["text"], found["timezone"], found["rev"]) == ("After", "Europe/Berlin", 3)


def test_a_draft_that_is_scheduled_meanwhile_is_not_deleted(deployed: Deployed, tenant: Tenant) -> None:
    draft = tenant.drafted("Draft", tenant.connect("ada"))
    second = deployed.client(Authorization=f"Bearer {tenant.key}")
    url = f"/v1/posts/{draft['id']}"

    def another(_: dict[str, Any]) -> None:
        assert second.patch(url, json={"scheduled_at": tenant.later(60)}).status_code == 200

    deployed.wire.before("transact_write_items", another)
    answer = tenant.api.delete(url)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert tenant.api.get(url).json()["status"] == "SCHEDULED"


def test_a_stale_wake_of_an_edited_post_wakes_nothing(deployed: Deployed, tenant: Tenant, post: dict[str, Any]) -> None:
    from punctual.messages import Wake

    request(tenant, post, "edit")
    sent = len(deployed.queue.sent)
    assert deployed.message(Wake(workspace_id="ws_1", post_id=post["id"], rev=1, woken_by="schedule")) == {
        "batchItemFailures": []
    }
    assert len(deployed.queue.sent) == sent

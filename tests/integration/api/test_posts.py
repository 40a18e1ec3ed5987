"""/v1/posts as a client meets it: answers, states, what a change changes, and what is refused when."""

from typing import Any

import httpx
import pytest

from punctual.deliveries import Deliveries
from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

POST = {
    "id", "status", "rev", "text", "thread", "first_comment", "targets", "scheduled_at", "timezone",
    "max_delay_seconds", "created_at", "updated_at", "deliveries", "overrides", "labels", "external_id", "metadata",
    "allow_duplicate", "risks", "warnings", "media",
}  # fmt: skip
DELIVERY = {
    "id", "channel_id", "provider", "status", "text", "settings", "woken_by", "started_at", "completed_at",
    "lateness_ms", "platform_ms", "platform_id", "url", "parts", "error", "media",
    "deleted_at",
}  # fmt: skip


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def read(tenant: Tenant, post: dict[str, Any]) -> dict[str, Any]:
    answer = tenant.api.get(f"/v1/posts/{post['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def changed(tenant: Tenant, post: dict[str, Any], **change: Any) -> dict[str, Any]:
    answer = tenant.api.patch(f"/v1/posts/{post['id']}", json=change)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def conflict(answer: httpx.Response) -> str:
    assert answer.status_code == 409, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def settle(deployed: Deployed, post: dict[str, Any], status: DeliveryStatus, **more: Any) -> None:
    """As the publisher leaves a delivery."""
    deliveries = Deliveries(deployed.table("WorkTable"))
    is_sent = status in (DeliveryStatus.PUBLISHING, DeliveryStatus.UNCONFIRMED)
    sending_at = deployed.clock.now() if is_sent else None
    for delivery in deliveries.of_post(post["id"]):
        deliveries.write(delivery, status=status, sending_at=sending_at, **more)


def test_a_scheduled_post_is_answered_whole(tenant: Tenant, channel: str) -> None:
    at = "2026-12-24T18:00:00.5+01:00"
    answer = tenant.post("Hello", channel, scheduled_at=at, timezone="Europe/Berlin", max_delay_seconds=60)
    assert answer.status_code == 201
    post = answer.json()
    assert set(post) == POST
    assert set(post["deliveries"][0]) == DELIVERY
    assert (post["status"], post["deliveries"][0]["status"], post["rev"]) == ("SCHEDULED", "SCHEDULED", 1)
    assert (post["scheduled_at"], post["timezone"]) == ("2026-12-24T17:00:00.500Z", "Europe/Berlin")
    assert post["max_delay_seconds"] == 60
    assert post["deliveries"][0]["text"] == post["text"] == "Hello"
    assert read(tenant, post) == post


def test_a_post_for_now_is_accepted_and_goes_out_outside_the_request(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    answer = tenant.post("Now", channel, schedule="now", scheduled_at=None)
    assert (answer.status_code, answer.json()["status"]) == (202, "SCHEDULED")
    deployed.clock.run(seconds=10)
    post = read(tenant, answer.json())
    (delivery,) = post["deliveries"]
    assert (post["status"], delivery["status"], delivery["woken_by"]) == ("COMPLETED", "COMPLETED", "direct")
    assert delivery["platform_id"]
    assert delivery["url"].startswith("https://punctual.example/sandbox/")


def test_a_scheduled_post_goes_out_at_its_second_through_the_real_handlers(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = tenant.posted("Later", channel, in_minutes=30)
    deployed.clock.run(minutes=31)
    (delivery,) = read(tenant, post)["deliveries"]
    assert (delivery["status"], delivery["woken_by"]) == ("COMPLETED", "schedule")
    assert 0 <= delivery["lateness_ms"] < 2000


def test_the_closest_text_wins(tenant: Tenant, channel: str) -> None:
    other = tenant.connect("bob")
    targets = [{"channel_id": channel}, {"channel_id": other, "text": "For Bob", "settings": {"protection": "none"}}]
    post = tenant.posted("For all", targets=targets)
    assert [(d["text"], d["settings"]) for d in post["deliveries"]] == [
        ("For all", {}),
        ("For Bob", {"protection": "none"}),
    ]
    assert [target["text"] for target in post["targets"]] == [None, "For Bob"]


def test_a_change_leaves_alone_what_it_does_not_name(tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Before", channel, timezone="Europe/Berlin", max_delay_seconds=60)
    after = changed(tenant, post, text="After")
    same = set(POST) - {"text", "rev", "updated_at", "deliveries"}
    assert {name: after[name] for name in same} == {name: post[name] for name in same}
    assert (after["text"], after["rev"], after["deliveries"][0]["text"]) == ("After", 2, "After")
    assert after["deliveries"][0]["id"] == post["deliveries"][0]["id"]
    assert changed(tenant, post)["rev"] == 3
    moved = changed(tenant, post, scheduled_at=tenant.later(90))
    assert (moved["text"], moved["timezone"]) == ("After", "Europe/Berlin")


def test_null_clears(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Before", channel, timezone="Europe/Berlin", max_delay_seconds=60)
    after = changed(tenant, post, timezone=None, max_delay_seconds=None)
    assert (after["timezone"], after["max_delay_seconds"], after["text"]) == ("UTC", 3600, "Before")
    refused = tenant.api.patch(f"/v1/posts/{post['id']}", json={"text": None, "targets": None})
    assert [fault["param"] for fault in refused.json()["errors"]] == ["/targets"]
    targets = [{"channel_id": channel, "text": "Its own"}]
    after = changed(tenant, post, text=None, targets=targets)
    assert (after["text"], after["deliveries"][0]["text"]) == (None, "Its own")


def test_a_time_of_null_makes_a_draft_and_a_time_schedules_it(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Hello", channel)
    draft = changed(tenant, post, scheduled_at=None)
    assert (draft["status"], draft["scheduled_at"]) == ("DRAFT", None)
    assert [delivery["status"] for delivery in draft["deliveries"]] == ["DRAFT"]
    assert not [name for name in deployed.scheduler.schedules if name.startswith(post["id"])]
    assert [target["channel_id"] for target in draft["targets"]] == [channel]
    again = changed(tenant, post, scheduled_at=tenant.later(60))
    assert (again["status"], again["rev"]) == ("SCHEDULED", 3)
    assert [(d["id"], d["status"]) for d in again["deliveries"]] == [(post["deliveries"][0]["id"], "SCHEDULED")]
    assert f"{post['id']}-3" in deployed.scheduler.schedules


def test_a_change_of_targets_adds_keeps_and_removes_deliveries(tenant: Tenant, channel: str) -> None:
    bob, cyd = tenant.connect("bob"), tenant.connect("cyd")
    post = tenant.posted("Hello", channel, bob)
    kept = {d["channel_id"]: d["id"] for d in post["deliveries"]}
    after = changed(tenant, post, targets=[{"channel_id": bob}, {"channel_id": cyd}])
    now = {d["channel_id"]: d["id"] for d in after["deliveries"]}
    assert set(now) == {bob, cyd}
    assert now[bob] == kept[bob]


def test_a_refused_change_changes_nothing(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Hello", channel)
    stored = deployed.contents()
    for change, param in (
        ({"text": "x" * 501}, "/targets/0/text"),
        ({"scheduled_at": tenant.later(-1)}, "/scheduled_at"),
        ({"targets": [{"channel_id": "chn_unknown"}]}, "/targets/0/channel_id"),
        ({"targets": []}, "/targets"),
        ({"status": "COMPLETED"}, "/status"),
        ({"draft": True}, "/draft"),
    ):
        answer = tenant.api.patch(f"/v1/posts/{post['id']}", json=change)
        assert (answer.status_code, [f["param"] for f in answer.json()["errors"]]) == (422, [param])
    assert deployed.contents() == stored


def test_publishing_now_sends_a_draft_and_a_scheduled_post_at_once(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    for post in (tenant.drafted("Draft", channel), tenant.posted("Scheduled", channel)):
        answer = tenant.api.post(f"/v1/posts/{post['id']}/publish")
        assert answer.status_code == 202, answer.text
        deployed.clock.run(seconds=10)
        assert read(tenant, post)["status"] == "COMPLETED"
        assert conflict(tenant.api.post(f"/v1/posts/{post['id']}/publish")) == "not_editable"
    refused = tenant.api.post(f"/v1/posts/{tenant.drafted('Nowhere')['id']}/publish")
    assert (refused.status_code, refused.json()["errors"][0]["param"]) == (422, "/targets")


def test_a_cancelled_post_stays_home_and_may_be_deleted(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Hello", channel, in_minutes=30)
    cancelled = tenant.api.post(f"/v1/posts/{post['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "CANCELLED")
    deployed.clock.run(minutes=32)
    assert read(tenant, post)["status"] == "CANCELLED"
    assert conflict(tenant.api.post(f"/v1/posts/{post['id']}/cancel")) == "not_cancellable"
    assert conflict(tenant.api.patch(f"/v1/posts/{post['id']}", json={"text": "Back"})) == "not_editable"
    assert tenant.api.delete(f"/v1/posts/{post['id']}").json() == {"id": post["id"], "deleted": True}
    assert tenant.api.get(f"/v1/posts/{post['id']}").status_code == 404
    assert not [item for item in deployed.items("WorkTable") if item["pk"] == post["id"]]


def test_only_drafts_and_cancelled_posts_are_deleted(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    assert tenant.api.delete(f"/v1/posts/{tenant.drafted()['id']}").status_code == 200
    post = tenant.posted("Hello", channel)
    refused = tenant.api.delete(f"/v1/posts/{post['id']}")
    assert conflict(refused) == "not_deletable"
    assert "Cancel it first" in refused.json()["detail"]
    assert conflict(tenant.api.post(f"/v1/posts/{tenant.drafted()['id']}/cancel")) == "not_cancellable"


@pytest.mark.parametrize("status", [status for status in DeliveryStatus if status not in ("CANCELLED", "DRAFT")])
def test_what_may_be_done_follows_from_the_state(
    deployed: Deployed, tenant: Tenant, channel: str, status: DeliveryStatus
) -> None:
    post = tenant.posted("Hello", channel)
    settle(deployed, post, status)
    url = f"/v1/posts/{post['id']}"
    assert read(tenant, post)["status"] == ("SCHEDULED" if status is DeliveryStatus.READY else status.value)
    assert conflict(tenant.api.delete(url)) == "not_deletable"
    edited = tenant.api.patch(url, json={"text": "Other"})
    if status in (DeliveryStatus.SCHEDULED, DeliveryStatus.READY, DeliveryStatus.HELD):
        assert (edited.status_code, edited.json()["status"]) == (200, "SCHEDULED")
        settle(deployed, post, status)
        assert tenant.api.post(f"{url}/cancel").json()["status"] == "CANCELLED"
        return
    busy = status is DeliveryStatus.PUBLISHING
    assert conflict(edited) == ("already_publishing" if busy else "not_editable")
    assert conflict(tenant.api.post(f"{url}/publish")) == ("already_publishing" if busy else "not_editable")
    assert conflict(tenant.api.post(f"{url}/cancel")) == ("already_publishing" if busy else "not_cancellable")


def test_cancelling_beside_an_unconfirmed_delivery_goes_on_looking(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    """The post keeps its clock until it is terminal: its stored state must follow what the look finds."""
    post = tenant.posted("Hello", channel, tenant.connect("bob"))
    deliveries = Deliveries(deployed.table("WorkTable"))
    first, _ = deliveries.of_post(post["id"])
    held = deliveries.write(first, status=DeliveryStatus.UNCONFIRMED, sending_at=deployed.clock.now())
    answer = tenant.api.post(f"/v1/posts/{post['id']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "UNCONFIRMED")
    item = deployed.table("WorkTable").get({"pk": post["id"], "sk": "post"})
    assert item["next_at"]
    assert "due_shard" in item
    deliveries.write(held, status=DeliveryStatus.COMPLETED)
    deployed.clock.run(hours=2)
    deployed.invoke("SweeperFunction", {})
    assert tenant.api.get("/v1/posts?status=PARTIAL").json()["data"][0]["id"] == post["id"]


def test_another_workspaces_post_is_not_found_by_any_operation(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = tenant.posted("Hello", channel)
    other = deployed.tenant()
    stored = deployed.contents()
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/publish")):
        answer = other.api.request(method, f"/v1/posts/{post['id']}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert other.api.get("/v1/posts").json()["data"] == []
    assert deployed.contents() == stored


def test_answers_about_a_post_hold_no_internals(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Hello", channel, schedule="now", scheduled_at=None)
    deployed.clock.run(seconds=10)
    said = tenant.api.get(f"/v1/posts/{post['id']}").text + tenant.api.get("/v1/posts").text
    for internal in ("fence", "lease", "attempt", "version", "prepared", "due_shard", "token", tenant.workspace_id):
        assert internal not in said, internal


def test_every_message_is_of_its_workspaces_group(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    """A busy tenant does not keep a quiet one waiting. The Scheduler's wakes have no group."""
    sent = len(deployed.queue.sent)
    other = deployed.tenant()
    for who, whose in ((tenant, channel), (other, other.connect("bob"))):
        who.posted("Now", whose, schedule="now", scheduled_at=None)
        who.posted("Near [sandbox:rate_limit]", whose, in_minutes=3, thread=[{"text": "Two"}])
        who.posted("Later [sandbox:error_after]", whose, in_minutes=20)
    deployed.clock.run(minutes=10)
    deployed.invoke("SweeperFunction", {})
    deployed.clock.run(minutes=20)
    messages = list(zip(deployed.queue.sent[sent:], deployed.queue.groups[sent:], strict=True))
    by_scheduler = [each for each, group in messages if not group]
    assert {"delivery_id" in each or each["woken_by"] != "schedule" for each in by_scheduler} == {False}
    ours = [(each["workspace_id"], group) for each, group in messages if group]
    assert len(ours) > 10
    assert {group for workspace_id, group in ours if workspace_id == group} == {tenant.workspace_id, other.workspace_id}
    assert all(workspace_id == group for workspace_id, group in ours)

"""POST /v1/posts/batch and POST /v1/posts/retry: many at once, each judged by itself."""

from typing import Any

import pytest

from punctual.states import DeliveryStatus
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_posts import read, settle

KEY = {"Idempotency-Key": "monday"}


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def batch(tenant: Tenant, *wanted: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
    answer = tenant.api.post("/v1/posts/batch", json={"posts": list(wanted)}, headers=headers)
    assert answer.status_code == 207, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def retried(tenant: Tenant, **given: Any) -> dict[str, Any]:
    answer = tenant.api.post("/v1/posts/retry", json=given)
    assert answer.status_code == 207, answer.text
    found: dict[str, Any] = answer.json()
    return found


def draft(text: str) -> dict[str, Any]:
    return {"text": text, "draft": True}


def test_each_post_of_a_batch_is_answered_as_it_would_be_alone(tenant: Tenant, channel: str) -> None:
    due = {"text": "Due", "targets": [{"channel_id": channel}], "scheduled_at": tenant.later(60)}
    now = {"text": "Now", "targets": due["targets"], "schedule": "now"}
    found = batch(tenant, draft("One"), {"text": "No time"}, due, now)
    assert [each["status"] for each in found] == [201, 422, 201, 202]
    assert [each["post"]["text"] for each in found if each["post"]] == ["One", "Due", "Now"]
    assert found[1]["problem"]["code"] == "invalid_request"
    assert found[1]["problem"]["request_id"]
    assert read(tenant, found[2]["post"])["status"] == "SCHEDULED"
    assert len(tenant.api.get("/v1/posts").json()["data"]) == 3


def test_of_two_posts_of_a_batch_that_say_the_same_one_is_made(tenant: Tenant, channel: str) -> None:
    due = {"text": "Due", "targets": [{"channel_id": channel}], "scheduled_at": tenant.later(60)}
    assert sorted(each["status"] for each in batch(tenant, due, due, due)) == [201, 409, 409]


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_one_to_a_hundred_posts(deployed: Deployed, tenant: Tenant, count: int) -> None:
    stored = deployed.contents()
    answer = tenant.api.post("/v1/posts/batch", json={"posts": [draft("One")] * count})
    assert (answer.status_code, answer.json()["errors"][0]["param"]) == (422, "/posts")
    assert deployed.contents() == stored


def test_a_hundred_posts_are_made_in_their_order(tenant: Tenant) -> None:
    found = batch(tenant, *(draft(f"Post {number}") for number in range(100)))
    assert [each["post"]["text"] for each in found] == [f"Post {number}" for number in range(100)]
    assert [each["post"]["id"] for each in found] == sorted(each["post"]["id"] for each in found)


def test_a_batch_under_a_key_is_made_once(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    wanted = [draft("One"), {"text": "", "draft": True}, draft("Three")]
    first = batch(tenant, *wanted, **KEY)
    stored = deployed.contents()
    again = batch(tenant, *wanted, **KEY)
    assert [each["post"] for each in again] == [each["post"] for each in first]
    assert [each["replayed"] for each in again] == [True, False, True]
    assert deployed.contents() == stored


def test_a_batch_that_broke_off_is_completed(deployed: Deployed, tenant: Tenant) -> None:
    wanted = [draft(f"Post {number}") for number in range(20)]
    calls: list[int] = []

    def die(_: dict[str, Any]) -> None:
        calls.append(1)
        if len(calls) == 10:
            raise ConnectionError("the worker died")

    deployed.wire.before("transact_write_items", die, times=20)
    assert tenant.api.post("/v1/posts/batch", json={"posts": wanted}, headers=KEY).status_code == 500
    deployed.wire.forget()
    found = batch(tenant, *wanted, **KEY)
    assert [each["status"] for each in found] == [201] * 20
    assert [each["replayed"] for each in found].count(False) >= 1
    listed = tenant.api.get("/v1/posts").json()["data"]
    assert sorted(post["text"] for post in listed) == sorted(each["text"] for each in wanted)


def test_another_batch_under_the_key_is_refused_whole(deployed: Deployed, tenant: Tenant) -> None:
    batch(tenant, draft("One"), draft("Two"), **KEY)
    stored = deployed.contents()
    answer = tenant.api.post("/v1/posts/batch", json={"posts": [draft("Two"), draft("Three")]}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert deployed.contents() == stored


def test_all_that_failed_on_a_channel_is_tried_again(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    bob = tenant.connect("bob")
    failed = [tenant.posted(f"Failed {minutes}", channel, in_minutes=minutes) for minutes in (10, 20, 30)]
    elsewhere, fine = tenant.posted("Elsewhere", bob, in_minutes=20), tenant.posted("Fine", channel, in_minutes=20)
    since = tenant.later(15)
    for post, status in zip(failed, ("ERROR", "MISSED", "ERROR"), strict=True):
        settle(deployed, post, DeliveryStatus(status))
    settle(deployed, elsewhere, DeliveryStatus.ERROR)
    settle(deployed, fine, DeliveryStatus.COMPLETED)
    answer = retried(tenant, channel_id=channel, since=since, until=tenant.later(60))
    assert answer["next_cursor"] is None
    assert [(each["post_id"], each["status"]) for each in answer["data"]] == [(post["id"], 202) for post in failed[1:]]
    assert [read(tenant, post)["status"] for post in failed] == ["ERROR", "SCHEDULED", "SCHEDULED"]
    assert (read(tenant, elsewhere)["status"], read(tenant, fine)["status"]) == ("ERROR", "COMPLETED")


def test_more_than_a_hundred_are_tried_again_in_several_calls(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    failed = [tenant.posted(f"Failed {number}", channel, in_minutes=10 + number) for number in range(103)]
    for post in failed:
        settle(deployed, post, DeliveryStatus.ERROR)
    given = {"channel_id": channel, "since": tenant.later(0), "until": tenant.later(600)}
    first = retried(tenant, **given)
    second = retried(tenant, **given, cursor=first["next_cursor"])
    tried = [each["post_id"] for each in (*first["data"], *second["data"])]
    assert (len(first["data"]), second["next_cursor"]) == (100, None)
    assert tried == [post["id"] for post in failed]


def test_only_channels_of_ones_own_are_retried(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("Failed", channel, in_minutes=10)
    settle(deployed, post, DeliveryStatus.ERROR)
    stored = deployed.contents()
    other = deployed.tenant()
    for whose, named in ((other, channel), (tenant, "chn_unknown")):
        given = {"channel_id": named, "since": tenant.later(0), "until": tenant.later(60)}
        answer = whose.api.post("/v1/posts/retry", json=given)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert read(tenant, post)["status"] == "ERROR"
    assert stored


@pytest.mark.parametrize("cursor", ["x", "!!", "bnVsbA", "WzFd"])
def test_a_cursor_that_is_none_is_refused(tenant: Tenant, channel: str, cursor: str) -> None:
    given = {"channel_id": channel, "since": tenant.later(0), "cursor": cursor}
    answer = tenant.api.post("/v1/posts/retry", json=given)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")

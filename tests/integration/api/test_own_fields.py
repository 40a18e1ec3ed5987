"""Labels, external_id, metadata; copies; and how much one edit may change."""

from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_posts import changed, read


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def test_what_is_the_clients_own_is_kept_changed_and_cleared(tenant: Tenant, channel: str) -> None:
    own = {"labels": ["launch", "autumn", "launch"], "external_id": "cms-42", "metadata": {"campaign": "7"}}
    post = tenant.posted("Post", channel, **own)
    assert (post["labels"], post["external_id"], post["metadata"]) == (
        ["launch", "autumn"],
        "cms-42",
        {"campaign": "7"},
    )
    after = changed(tenant, post, labels=["winter"], external_id="cms-43", metadata={"a": "b"})
    assert (after["labels"], after["external_id"], after["metadata"]) == (["winter"], "cms-43", {"a": "b"})
    after = changed(tenant, post, labels=None, external_id=None, metadata=None)
    assert (after["labels"], after["external_id"], after["metadata"]) == ([], None, {})
    assert read(tenant, post) == {**after, "warnings": []}


@pytest.mark.parametrize(
    "given",
    [
        {"labels": [str(number) for number in range(11)]},
        {"labels": [""]},
        {"labels": [" x"]},
        {"labels": ["x" * 51]},
        {"external_id": ""},
        {"external_id": "x" * 256},
        {"metadata": {"x": 1}},
        {"metadata": {"": "x"}},
        {"metadata": {"x" * 41: "x"}},
        {"metadata": {"x": "y" * 501}},
        {"metadata": {str(number): "" for number in range(51)}},
    ],
)
def test_what_is_the_clients_own_has_bounds(tenant: Tenant, given: dict[str, Any]) -> None:
    answer = tenant.api.post("/v1/posts", json={"text": "Post", "draft": True, **given})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["param"].startswith("/" + next(iter(given)))


def test_a_copy_has_the_content_and_not_the_clients_id(tenant: Tenant, channel: str) -> None:
    own = {"labels": ["launch"], "external_id": "cms-42", "metadata": {"a": "b"}, "timezone": "Europe/Berlin"}
    post = tenant.posted("Post", channel, thread=[{"text": "Two"}], **own)
    copy = tenant.api.post(f"/v1/posts/{post['id']}/duplicate", json={})
    assert (copy.status_code, copy.json()["status"], copy.json()["scheduled_at"]) == (201, "DRAFT", None)
    same = ("text", "thread", "targets", "labels", "metadata", "timezone", "max_delay_seconds")
    assert [copy.json()[name] for name in same] == [post[name] for name in same]
    assert (copy.json()["external_id"], copy.json()["rev"]) == (None, 1)
    assert copy.json()["id"] != post["id"]
    timed = tenant.api.post(
        f"/v1/posts/{post['id']}/duplicate", json={"scheduled_at": tenant.later(5000), "allow_duplicate": True}
    )
    assert (timed.status_code, timed.json()["status"]) == (201, "SCHEDULED")


def test_an_edit_of_more_than_a_transaction_holds_is_refused_and_one_of_less_is_made(
    deployed: Deployed, tenant: Tenant
) -> None:
    channels = [tenant.connect(f"user{number}") for number in range(70)]
    post = tenant.posted("Post", *channels[:40])
    stored = deployed.contents()
    others = [{"channel_id": channel} for channel in channels[30:70]]
    answer = tenant.api.patch(f"/v1/posts/{post['id']}", json={"targets": others})
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "targets.too_many_changed")
    assert deployed.contents() == stored
    later = changed(tenant, post, scheduled_at=tenant.later(5000), labels=[str(number) for number in range(10)])
    assert len(later["deliveries"]) == 40
    fewer = changed(tenant, post, targets=others[:10])
    assert len(changed(tenant, fewer, targets=others)["deliveries"]) == 40

"""How long posts are kept after their end, where the stack says so; what DynamoDB deletes late is gone all the same."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from punctual.deliveries import Deliveries
from punctual.posts import Posts
from punctual.states import DeliveryStatus, PostStatus
from tests.integration.api.deployed import Deployed, forget
from tests.integration.api.media_rows import used
from tests.integration.api.tenant import Tenant
from tests.media.rows import Rows

DAYS = 30
DAY = 24 * 3600


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        yield Deployed(patch, PostRetentionDays=str(DAYS))
    forget()


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def published(deployed: Deployed, tenant: Tenant, channel: str, **more: Any) -> dict[str, Any]:
    post = tenant.posted("Hello", channel, in_minutes=1, labels=["spring"], external_id="crm-1", **more)
    deployed.clock.run(minutes=5)
    return post


def expires(deployed: Deployed, post: dict[str, Any]) -> int | None:
    found = deployed.table("WorkTable").get({"pk": post["id"], "sk": "post"}) or {}
    return found.get("expires_epoch")


def listed(tenant: Tenant, **query: str) -> list[str]:
    return [each["id"] for each in tenant.api.get("/v1/posts", params=query).json()["data"]]


def time_to_live(deployed: Deployed) -> int:
    """As DynamoDB does it, days later: rows go one by one, and the stream tells of each."""
    table, gone = deployed.table("WorkTable"), 0
    for row in deployed.items("WorkTable"):
        if row.get("expires_epoch", 2**40) <= deployed.clock.now().timestamp():
            table.delete({"pk": row["pk"], "sk": row["sk"]})
            if row["sk"] == "post":
                image = {name: TypeSerializer().serialize(value) for name, value in row.items()}
                told = {"Keys": {name: image[name] for name in ("pk", "sk")}, "OldImage": image}
                gone += deployed.invoke("ExpirerFunction", {"Records": [{"dynamodb": told}]})["rows"]
    return gone


def test_a_post_is_there_for_its_days_and_then_gone_with_all_that_belongs_to_it(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    post = published(deployed, tenant, channel)
    deployed.clock.sleep(DAYS * DAY - 600)
    assert listed(tenant) == [post["id"]]
    deployed.clock.sleep(600)
    assert tenant.api.get(f"/v1/posts/{post['id']}").status_code == 404
    for query in ({}, {"label": "spring"}, {"external_id": "crm-1"}, {"channel_id": channel}, {"status": "COMPLETED"}):
        assert listed(tenant, **query) == []
    assert tenant.api.get(f"/v1/posts/{post['id']}/attempts").status_code == 404
    assert time_to_live(deployed) > 2
    assert not [row for row in deployed.items("WorkTable") if row["pk"] == post["id"]]


def test_no_file_is_needed_by_a_post_that_is_gone(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    files = Rows(deployed.table("WorkTable"), tenant.workspace_id, deployed.clock.now)
    one, two = files.ready(), files.ready()
    draft = tenant.drafted("Stays", media=[{"id": two}])
    post = tenant.posted("Goes", channel, in_minutes=60, media=[{"id": one}], thread=[{"media": [{"id": two}]}])
    assert tenant.api.post(f"/v1/posts/{post['id']}/cancel").is_success
    assert used(deployed) == {(one, post["id"]), (two, post["id"]), (two, draft["id"])}
    deployed.clock.sleep(DAYS * DAY + 600)
    assert time_to_live(deployed) == 3, "its delivery, and the two rows that named it"
    assert used(deployed) == {(two, draft["id"])}


@pytest.mark.parametrize("end", ["cancel", "refuse"])
def test_whatever_ends_a_post_begins_its_days(deployed: Deployed, tenant: Tenant, channel: str, end: str) -> None:
    text = "[sandbox:refuse] No" if end == "refuse" else "Hello"
    post = tenant.posted(text, channel, in_minutes=1)
    if end == "cancel":
        assert tenant.api.post(f"/v1/posts/{post['id']}/cancel").is_success
    deployed.clock.run(minutes=5)
    left = (expires(deployed, post) or 0) - deployed.clock.now().timestamp()
    assert DAYS * DAY - 600 < left <= DAYS * DAY


def test_what_has_not_ended_is_kept(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    far = 60 * 24 * 300
    posts = [tenant.posted("Later", channel, in_minutes=far), tenant.drafted("Some day", channel)]
    unclear = tenant.posted("Unclear", channel, in_minutes=far)
    deliveries = Deliveries(deployed.table("WorkTable"))
    (seen,) = deliveries.of_post(unclear["id"])
    deliveries.write(seen, status=DeliveryStatus.UNCONFIRMED, next_at=None)
    posts_of_stack = Posts(deployed.table("WorkTable"), deliveries, deployed.clock.now, timedelta(days=DAYS))
    assert posts_of_stack.roll_up(unclear["id"]) is PostStatus.UNCONFIRMED
    assert [expires(deployed, each) for each in (*posts, unclear)] == [None, None, None]
    deployed.clock.sleep((DAYS + 1) * DAY)
    assert len(listed(tenant)) == 3


def test_a_retry_ends_its_days_and_its_end_begins_them_anew(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = tenant.posted("[sandbox:refuse=1] At first", channel, in_minutes=1)
    deployed.clock.run(minutes=5)
    first = expires(deployed, post)
    deployed.clock.sleep(10 * DAY)
    delivery = post["deliveries"][0]["id"]
    assert tenant.api.post(f"/v1/posts/{post['id']}/deliveries/{delivery}/retry").is_success
    assert expires(deployed, post) is None
    deployed.clock.run(minutes=5)
    again = expires(deployed, post)
    assert first is not None
    assert again is not None
    assert again - first > 9 * DAY


def test_a_copy_of_an_ended_post_is_kept(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    post = published(deployed, tenant, channel)
    copy = tenant.api.post(f"/v1/posts/{post['id']}/duplicate", json={"draft": True, "allow_duplicate": True}).json()
    assert expires(deployed, copy) is None


def test_rows_of_a_post_that_is_there_are_left_alone(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    """The stream is read a moment later, and an operator may have put it back."""
    post = published(deployed, tenant, channel)
    before = deployed.contents()
    keys = {"pk": {"S": post["id"]}, "sk": {"S": "post"}}
    assert deployed.invoke("ExpirerFunction", {"Records": [{"dynamodb": {"Keys": keys}}]}) == {"rows": 0}
    assert deployed.contents() == before

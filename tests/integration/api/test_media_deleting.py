"""Deleting media: refused while a post needs one, else gone at once; its files follow, and its room is free."""

import threading
from typing import Any

import httpx
import pytest

from punctual.deliveries import Deliveries
from punctual.media.library import Library, key
from punctual.media.uploads import PART_BYTES
from punctual.media.uses import Uses
from punctual.posts import Posts
from punctual.states import DeliveryStatus, PostStatus
from punctual.tables import transact
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant
from tests.integration.api.test_media import ready
from tests.integration.api.uploading import PNG, declared, uploaded

FREE = {"COMPLETED", "ERROR", "MISSED", "CANCELLED"}


def delete(tenant: Tenant, media_id: str) -> httpx.Response:
    return tenant.api.delete(f"/v1/media/{media_id}")


def use(deployed: Deployed, tenant: Tenant, media_id: str, post_id: str) -> None:
    """As the transaction of the post does."""
    uses = Uses(deployed.table("WorkTable"))
    transact(deployed.wire, uses.changing(tenant.workspace_id, post_id, [], [media_id]))


def row(deployed: Deployed, tenant: Tenant, media_id: str) -> dict[str, Any]:
    return deployed.table("WorkTable").get(key(tenant.workspace_id, media_id)) or {}


def test_one_that_nobody_needs_is_gone_at_once(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    ready(deployed, tenant, media_id)
    answer = delete(tenant, media_id)
    assert (answer.status_code, answer.content) == (204, b"")
    assert tenant.api.get(f"/v1/media/{media_id}").json()["code"] == "not_found"
    assert tenant.api.get("/v1/media").json()["data"] == []
    for method, path in (("POST", "/complete"), ("GET", "/parts"), ("PATCH", ""), ("DELETE", "")):
        sent: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
        assert tenant.api.request(method, f"/v1/media/{media_id}{path}", **sent).status_code == 404
    left = row(deployed, tenant, media_id)
    assert (left["status"], left["next_at"]) == ("deleted", tenant.later(1.5))


@pytest.mark.parametrize("status", DeliveryStatus)
def test_posts_that_are_not_over_need_their_media(deployed: Deployed, tenant: Tenant, status: DeliveryStatus) -> None:
    table, channel = deployed.table("WorkTable"), tenant.connect("ada")
    if status is DeliveryStatus.DRAFT:
        post = tenant.drafted("A draft", channel)
    else:
        post = tenant.posted("A post", channel)
        deliveries = Deliveries(table)
        (seen,) = deliveries.of_post(post["id"])
        deliveries.write(seen, status=status)
        Posts(table, deliveries, deployed.clock.now).roll_up(post["id"])
    media_id = uploaded(deployed, tenant)
    use(deployed, tenant, media_id, post["id"])
    assert tenant.api.get(f"/v1/media/{media_id}").json()["used_by"] == [post["id"]]
    before = deployed.contents()
    answer = delete(tenant, media_id)
    if status in FREE or status is DeliveryStatus.PARTIAL:
        assert answer.status_code == 204
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "media_in_use")
        assert answer.json()["post_ids"] == [post["id"]]
        assert post["id"] in answer.json()["detail"]
        assert deployed.contents() == before


@pytest.mark.parametrize(
    ("other", "is_needed"),
    [(DeliveryStatus.HELD, True), (DeliveryStatus.UNCONFIRMED, True), (DeliveryStatus.ERROR, False)],
)
def test_a_post_that_is_live_in_part_needs_its_media_for_what_waits(
    deployed: Deployed, tenant: Tenant, other: DeliveryStatus, is_needed: bool
) -> None:
    table = deployed.table("WorkTable")
    post = tenant.posted("A post", tenant.connect("ada"), tenant.connect("bob"))
    deliveries = Deliveries(table)
    for seen, status in zip(deliveries.of_post(post["id"]), (DeliveryStatus.COMPLETED, other), strict=True):
        deliveries.write(seen, status=status)
    assert Posts(table, deliveries, deployed.clock.now).roll_up(post["id"]) is PostStatus.PARTIAL
    media_id = uploaded(deployed, tenant)
    use(deployed, tenant, media_id, post["id"])
    assert delete(tenant, media_id).status_code == (409 if is_needed else 204)


def test_posts_that_are_gone_need_nothing(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    use(deployed, tenant, media_id, "post_01K00000000000000000000000")
    assert delete(tenant, media_id).status_code == 204


def test_twenty_posts_are_named_however_many_need_it(deployed: Deployed, tenant: Tenant) -> None:
    media_id, channel = uploaded(deployed, tenant), tenant.connect("ada")
    posts = [tenant.drafted(f"Number {number}", channel)["id"] for number in range(23)]
    for post_id in posts:
        use(deployed, tenant, media_id, post_id)
    problem = delete(tenant, media_id).json()
    assert problem["post_ids"] == sorted(posts, reverse=True)[:20], "the latest first"
    assert "and others" in problem["detail"]


def test_another_workspaces_posts_do_not_matter_and_its_media_are_not_there(deployed: Deployed, tenant: Tenant) -> None:
    other = deployed.tenant()
    media_id = uploaded(deployed, other)
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/complete"), ("GET", "/parts"), ("PATCH", "")):
        sent: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
        answer = tenant.api.request(method, f"/v1/media/{media_id}{path}", **sent)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert tenant.api.get("/v1/media").json()["data"] == []
    assert delete(other, media_id).status_code == 204


def test_the_parts_of_one_that_is_deleted_are_ended(deployed: Deployed, tenant: Tenant) -> None:
    deployed.bucket.uploads.clear()
    media = declared(tenant, 2 * PART_BYTES, "video/mp4", multipart=True)
    assert len(deployed.bucket.uploads) == 1
    assert delete(tenant, media["id"]).status_code == 204
    assert not deployed.bucket.uploads


def test_whoever_was_at_it_meanwhile_does_not_bring_it_back(deployed: Deployed, tenant: Tenant) -> None:
    """The processor is done between what the request read and what it writes."""
    media_id = uploaded(deployed, tenant)
    library = Library(deployed.table("WorkTable"), deployed.clock.now)
    deployed.wire.before("transact_write_items", lambda _: ready(deployed, tenant, media_id))
    assert delete(tenant, media_id).status_code == 204
    found = library.get(tenant.workspace_id, media_id)
    assert found
    assert (found.status, found.bytes_held) == ("deleted", 0)


def test_one_that_somebody_else_deleted_at_the_same_moment_is_left_as_it_is(deployed: Deployed, tenant: Tenant) -> None:
    media_id = uploaded(deployed, tenant)
    versions = list[int]()

    def deleted_before(_: Any) -> None:
        assert delete(tenant, media_id).status_code == 204
        versions.append(row(deployed, tenant, media_id)["version"])

    deployed.wire.before("transact_write_items", deleted_before)
    assert delete(tenant, media_id).status_code == 204
    assert [row(deployed, tenant, media_id)["version"]] == versions


def test_its_room_is_given_back_once_however_often_it_is_deleted(deployed: Deployed, tenant: Tenant) -> None:
    kept, gone = uploaded(deployed, tenant), uploaded(deployed, tenant)
    threads = [threading.Thread(target=delete, args=(tenant, gone)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert delete(tenant, gone).status_code == 404
    usage = deployed.table("WorkTable").get({"pk": tenant.workspace_id, "sk": "media_usage"}) or {}
    assert usage["bytes"] == row(deployed, tenant, kept)["bytes_held"] == len(PNG)


def test_a_post_that_was_written_with_it_keeps_it_until_it_is_cancelled(deployed: Deployed, tenant: Tenant) -> None:
    media_id, channel = uploaded(deployed, tenant), tenant.connect("ada")
    ready(deployed, tenant, media_id)
    post = tenant.posted("With a picture", channel, media=[{"id": media_id}])
    assert delete(tenant, media_id).json()["post_ids"] == [post["id"]]
    assert tenant.api.get(f"/v1/media/{media_id}").json()["used_by"] == [post["id"]]
    assert tenant.api.post(f"/v1/posts/{post['id']}/cancel").is_success
    assert delete(tenant, media_id).status_code == 204

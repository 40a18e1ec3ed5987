"""ETag and If-Match: who changes what they have not seen is told so."""

from typing import Any

import httpx
import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant

CHANGES: dict[str, tuple[str, str, Any]] = {
    "edit": ("PATCH", "", {"text": "After"}),
    "publish": ("POST", "/publish", None),
    "cancel": ("POST", "/cancel", None),
    "delete": ("DELETE", "", None),
}


@pytest.fixture
def post(tenant: Tenant) -> dict[str, Any]:
    return tenant.posted("Before", tenant.connect("ada"))


def request(tenant: Tenant, post: dict[str, Any], change: str, tag: str) -> httpx.Response:
    method, path, body = CHANGES[change]
    more = {"json": body} if body else {}
    return tenant.api.request(method, f"/v1/posts/{post['id']}{path}", headers={"If-Match": tag}, **more)


def tag_of(tenant: Tenant, post: dict[str, Any]) -> str:
    return str(tenant.api.get(f"/v1/posts/{post['id']}").headers["etag"])


def test_every_answer_with_a_post_has_its_tag_which_only_its_author_changes(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any]
) -> None:
    first = tag_of(tenant, post)
    deployed.clock.run(minutes=58)
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["deliveries"][0]["status"] == "READY"
    assert tag_of(tenant, post) == first
    changed = request(tenant, post, "edit", first)
    assert (changed.status_code, changed.headers["etag"] != first) == (200, True)
    assert tag_of(tenant, post) == changed.headers["etag"]
    cancelled = request(tenant, post, "cancel", changed.headers["etag"])
    assert (cancelled.status_code, tag_of(tenant, post)) == (200, cancelled.headers["etag"])


@pytest.mark.parametrize("tag", ['"99"', "99", 'W/"1"', "nonsense", '""', '"1'])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_another_version_is_refused_and_stores_nothing(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any], change: str, tag: str
) -> None:
    stored, schedules = deployed.contents(), dict(deployed.scheduler.schedules)
    answer = request(tenant, post, change, tag)
    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")
    assert (deployed.contents(), deployed.scheduler.schedules) == (stored, schedules)


@pytest.mark.parametrize("tag", ["*", '"1"', '"7", "1"'])
@pytest.mark.parametrize("change", ["edit", "publish", "cancel"])
def test_a_change_of_the_version_that_is_there_is_made(
    tenant: Tenant, post: dict[str, Any], change: str, tag: str
) -> None:
    assert request(tenant, post, change, tag).status_code in (200, 202)


@pytest.mark.parametrize("change", ["edit", "publish", "cancel"])
def test_of_two_changes_of_one_version_at_once_one_wins(
    deployed: Deployed, tenant: Tenant, post: dict[str, Any], change: str
) -> None:
    """The other one is made between the first one's read and its write."""
    tag = tag_of(tenant, post)
    second = deployed.client(Authorization=f"Bearer {tenant.key}", **{"If-Match": tag})
    told: list[httpx.Response] = []
    deployed.wire.before(
        "transact_write_items",
        lambda _: told.append(second.patch(f"/v1/posts/{post['id']}", json={"text": "Second"})),
    )
    lost = request(tenant, post, change, tag)
    assert (told[0].status_code, lost.status_code, lost.json()["code"]) == (200, 412, "version_mismatch")
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["text"] == "Second"


def test_without_a_version_the_last_change_stays(tenant: Tenant, post: dict[str, Any]) -> None:
    for text in ("One", "Two"):
        assert tenant.api.patch(f"/v1/posts/{post['id']}", json={"text": text}).status_code == 200
    assert tenant.api.get(f"/v1/posts/{post['id']}").json()["text"] == "Two"

"""Ceilings at their edges: how large a body may be, and how many posts one channel takes at one second."""

import json
from typing import Any

import httpx
import pytest

from edge import http
from posts.routes.batches import MAX_BATCH_BYTES
from punctual.spacing import MAX_IN_ONE_SECOND
from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


def padded(body: dict[str, Any], size: int) -> bytes:
    """Blanks count too."""
    text = json.dumps(body).encode()
    return text + b" " * (size - len(text))


def sent(tenant: Tenant, path: str, body: bytes) -> httpx.Response:
    return tenant.api.post(path, content=body, headers={"Content-Type": "application/json"})


POST = {"text": "Hello", "draft": True}


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        ("/v1/posts", POST, http.MAX_BODY_BYTES),
        ("/v1/posts/batch", {"posts": [POST]}, MAX_BATCH_BYTES),
        ("/v1/channels", {"provider": "bluesky", "credentials": {}}, http.MAX_BODY_BYTES),
        ("/v1/oauth/sandbox/start", {}, http.MAX_BODY_BYTES),
    ],
    ids=["post", "batch", "channel", "start"],
)
def test_a_body_may_be_as_large_as_its_call_takes_and_no_larger(
    deployed: Deployed, tenant: Tenant, path: str, body: dict[str, Any], most: int
) -> None:
    assert sent(tenant, path, padded(body, most)).status_code in (201, 207, 422)
    stored = deployed.contents()
    answer = sent(tenant, path, padded(body, most + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert str(most) in answer.json()["detail"]
    assert deployed.contents() == stored


def test_a_batch_is_not_taken_where_one_post_is(tenant: Tenant) -> None:
    assert http.MAX_BODY_BYTES < MAX_BATCH_BYTES
    posts = [{"text": "x" * 10_000, "draft": True}] * 100
    assert len(json.dumps({"posts": posts})) > http.MAX_BODY_BYTES
    answer = tenant.api.post("/v1/posts/batch", json={"posts": posts})
    assert {each["status"] for each in answer.json()["data"]} == {201}


def test_a_channel_takes_ten_posts_at_one_second_and_no_more(tenant: Tenant) -> None:
    ada, bob = tenant.connect("ada"), tenant.connect("bob")
    at = tenant.later(60)[:-5]
    for number in range(MAX_IN_ONE_SECOND):
        tenant.posted(f"Number {number}", ada, scheduled_at=f"{at}.{number}00Z")
    for moment in (".000Z", ".999Z"):
        answer = tenant.post("One too many", ada, scheduled_at=at + moment)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["param"]) == (422, "/targets/0/channel_id")
        assert fault["rule"] == "channel.max_in_one_second"
    tenant.posted("Another channel", bob, scheduled_at=f"{at}.000Z")
    tenant.posted("The next second", ada, in_minutes=60 + 1 / 60)


def test_what_was_cancelled_makes_room(tenant: Tenant) -> None:
    ada, at = tenant.connect("ada"), tenant.later(60)
    posts = [tenant.posted(f"Number {number}", ada, scheduled_at=at) for number in range(MAX_IN_ONE_SECOND)]
    assert tenant.post("One too many", ada, scheduled_at=at).status_code == 422
    assert tenant.api.post(f"/v1/posts/{posts[3]['id']}/cancel").status_code == 200
    tenant.posted("In its place", ada, scheduled_at=at)


def test_a_post_that_is_moved_within_its_second_does_not_count_itself(tenant: Tenant) -> None:
    ada, at = tenant.connect("ada"), tenant.later(60)
    posts = [tenant.posted(f"Number {number}", ada, scheduled_at=at) for number in range(MAX_IN_ONE_SECOND)]
    moved = tenant.api.patch(f"/v1/posts/{posts[0]['id']}", json={"scheduled_at": at})
    assert moved.status_code == 200, moved.text

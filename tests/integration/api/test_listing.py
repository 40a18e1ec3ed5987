"""GET /v1/posts, page by page: in order, nothing missed and nothing twice, and no cursor but ours."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.api.deployed import Deployed
from tests.integration.api.tenant import Tenant


@pytest.fixture
def channel(tenant: Tenant) -> str:
    return tenant.connect("ada")


def pages(tenant: Tenant, between: Callable[[], object] = lambda: None, **query: Any) -> list[dict[str, Any]]:
    """All pages' posts; `between` happens after each page."""
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(50):
        answer = tenant.api.get("/v1/posts", params={**query, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        found += answer.json()["data"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found
        between()
    raise AssertionError("the list has no end")


def ids(posts: list[dict[str, Any]]) -> list[str]:
    return [post["id"] for post in posts]


@pytest.mark.parametrize("by", [{}, {"status": "SCHEDULED"}, {"channel_id": "its channel"}])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_miss_nothing_and_repeat_nothing_while_posts_are_inserted(
    tenant: Tenant, channel: str, by: dict[str, str], limit: int
) -> None:
    if "channel_id" in by:
        by = {"channel_id": channel}
    there = [tenant.posted("Hello", channel, in_minutes=minutes)["id"] for minutes in (60, 60, 60, 70, 80, 90, 100)]
    late: list[str] = []

    def insert() -> None:
        if len(late) < 3:
            tenant.posted("Before all", channel, in_minutes=30)
            tenant.posted("Among them", channel, in_minutes=60)
            late.append(tenant.posted("After all", channel, in_minutes=200)["id"])

    found = ids(pages(tenant, insert, limit=limit, **by))
    assert len(found) == len(set(found))
    assert [post for post in found if post in there] == sorted(there[:3]) + there[3:]
    assert set(late) <= set(found)


def test_pages_survive_posts_that_go_between_them(tenant: Tenant, channel: str) -> None:
    there = [tenant.drafted(f"Draft {place}")["id"] for place in range(6)]

    def delete() -> None:
        if there:
            assert tenant.api.delete(f"/v1/posts/{there.pop()}").status_code == 200

    before = list(there)
    found = ids(pages(tenant, delete, limit=2))
    assert len(found) == len(set(found))
    assert set(there) <= set(found) <= set(before)


def test_from_is_inclusive_and_to_is_not(tenant: Tenant, channel: str) -> None:
    at = [tenant.later(minutes) for minutes in (60, 70, 80)]
    first, second, third = (tenant.posted("Hello", channel, scheduled_at=time)["id"] for time in at)
    for by in ({}, {"status": "SCHEDULED"}, {"channel_id": channel}):
        assert ids(pages(tenant, **by)) == [first, second, third]
        assert ids(pages(tenant, **{"from": at[1]}, **by)) == [second, third]
        assert ids(pages(tenant, to=at[1], **by)) == [first]
        assert ids(pages(tenant, **{"from": at[0], "to": at[2]}, limit=1, **by)) == [first, second]
        assert ids(pages(tenant, **{"from": at[1], "to": at[1]}, **by)) == []
        assert ids(pages(tenant, **{"from": at[2], "to": at[0]}, **by)) == []
    there = at[1].replace("Z", "+00:00")
    assert ids(pages(tenant, **{"from": there})) == [second, third]


def test_a_list_is_filtered_by_status_and_by_channel(deployed: Deployed, tenant: Tenant, channel: str) -> None:
    bob = tenant.connect("bob")
    draft = tenant.drafted("Draft", channel)["id"]
    for_ada, for_bob = tenant.posted("Ada", channel)["id"], tenant.posted("Bob", bob)["id"]
    for_both = tenant.posted("Both", channel, bob, in_minutes=70)["id"]
    tenant.api.post(f"/v1/posts/{for_ada}/cancel")
    assert ids(pages(tenant, status="DRAFT")) == [draft]
    assert ids(pages(tenant, status="CANCELLED")) == [for_ada]
    assert ids(pages(tenant, status="SCHEDULED")) == [for_bob, for_both]
    assert ids(pages(tenant, channel_id=channel)) == [draft, for_ada, for_both]
    assert ids(pages(tenant, channel_id=channel, status="DRAFT")) == [draft]
    assert ids(pages(tenant, channel_id=channel, status="SCHEDULED", limit=1)) == [for_both]
    assert ids(pages(tenant, channel_id="chn_unknown")) == []
    assert set(pages(tenant)[0]) == {
        "id", "status", "rev", "text", "thread", "first_comment", "targets", "scheduled_at", "timezone",
        "max_delay_seconds", "created_at", "updated_at", "overrides", "labels", "external_id", "metadata",
        "allow_duplicate",
    }  # fmt: skip


def test_a_post_that_was_moved_is_listed_where_it_is_now(tenant: Tenant, channel: str) -> None:
    first, second = (tenant.posted("Hello", channel, in_minutes=minutes)["id"] for minutes in (60, 70))
    tenant.api.patch(f"/v1/posts/{first}", json={"scheduled_at": tenant.later(80)})
    for by in ({}, {"status": "SCHEDULED"}, {"channel_id": channel}):
        assert ids(pages(tenant, limit=1, **by)) == [second, first]


def test_another_workspaces_posts_are_never_listed_nor_hinted_at(
    deployed: Deployed, tenant: Tenant, channel: str
) -> None:
    for _ in range(3):
        tenant.posted("Hello", channel)
    other = deployed.tenant()
    for query in ({}, {"status": "SCHEDULED"}, {"channel_id": channel}):
        answer = other.api.get("/v1/posts", params={**query, "limit": 1})
        assert answer.json() == {"data": [], "next_cursor": None}


def test_a_cursor_that_is_none_of_ours_is_refused(tenant: Tenant, channel: str) -> None:
    for minutes in (60, 70, 80):
        tenant.posted("Hello", channel, in_minutes=minutes)
    ours = tenant.api.get("/v1/posts", params={"limit": 1}).json()["next_cursor"]
    post, kind, at = decoded(ours)
    time = at.partition("#")[0]
    tampered = [
        "nonsense",
        ours[:-3],
        ours[3:],
        "é",
        encoded({"pk": post}),
        encoded([post, kind]),
        encoded([post, kind, 7]),
        encoded([post, kind, ""]),
        encoded(["", kind, at]),
        encoded([post.lower(), kind, at]),
        encoded([post, kind, f"{time}#post_other"]),
        encoded([post, kind, f"sometime#{post}"]),
        encoded([post, kind, post]),
        encoded([tenant.workspace_id, kind, f"{time}#{tenant.workspace_id}"]),
        encoded([[[]]]),
        "W" * 499,
    ]
    for by in ({}, {"status": "SCHEDULED"}, {"channel_id": channel}):
        for cursor in tampered:
            answer = tenant.api.get("/v1/posts", params={"cursor": cursor, **by})
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), cursor


def test_a_cursor_outside_of_the_span_that_is_asked_for_is_refused(tenant: Tenant, channel: str) -> None:
    """DynamoDB refuses a start key outside of the query's bounds, and with an error that is ours."""
    at = [tenant.later(minutes) for minutes in (60, 70, 80)]
    for time in at:
        tenant.posted("Hello", channel, scheduled_at=time)
    for by in ({}, {"status": "SCHEDULED"}, {"channel_id": channel}):
        cursor = tenant.api.get("/v1/posts", params={"limit": 1, **by}).json()["next_cursor"]
        answer = tenant.api.get("/v1/posts", params={"cursor": cursor, "from": at[1], **by})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), by


def encoded(what: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(what).encode()).decode().rstrip("=")


def decoded(cursor: str) -> list[str]:
    found: list[str] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found
